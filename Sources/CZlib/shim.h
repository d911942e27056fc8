#ifndef PLAYHEAD_CZLIB_SHIM_H
#define PLAYHEAD_CZLIB_SHIM_H
#include <zlib.h>
#endif
