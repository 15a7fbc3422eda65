/* Versions: of the libuv interface that is implemented, and of this library. */
#include "uv.h"

#define TEXT_OF(number) #number
#define TEXT(macro) TEXT_OF(macro)

#define INTERFACE_VERSION \
  TEXT(UV_VERSION_MAJOR) "." TEXT(UV_VERSION_MINOR) "." TEXT(UV_VERSION_PATCH)

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
