#ifndef PLAYHEAD_CCRYPTO_SHIM_H
#define PLAYHEAD_CCRYPTO_SHIM_H
#include <openssl/evp.h>
#include <openssl/sha.h>
#endif
