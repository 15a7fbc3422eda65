/* Versions: of the libuv interface that is implemented, and of this library. */
#include "uv.h"

#define STRING_OF(number) #number
#define STRING(macro) STRING_OF(macro)

#define INTERFACE_VERSION \
  STRING(UV_VERSION_MAJOR) "." STRING(UV_VERSION_MINOR) "." STRING(UV_VERSION_PATCH)

unsigned int uv_version(void) {
  return UV_VERSION_HEX;
}

const char* uv_version_string(void) {
  return INTERFACE_VERSION;
}

unsigned int rondo_version(void) {
  return RONDO_VERSION;
}

const char* rondo_version_string(void) {
  return RONDO_VERSION_STRING;
}
