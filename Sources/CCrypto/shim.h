#ifndef PLAYHEAD_CCRYPTO_SHIM_H
#define PLAYHEAD_CCRYPTO_SHIM_H
/* OpenSSL 3 marks the functions of one algorithm as old, but looks one up by name at every call of the new ones. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

static inline void sha256_of(const void *content, size_t size, unsigned char *digest) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, content, size);
    SHA256_Final(digest, &state);
}
#endif
