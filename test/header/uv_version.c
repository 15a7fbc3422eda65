/* uv/version.h alone, twice; its numbers can be compared by the preprocessor. */
#include <uv/version.h>

/* The second time it must be empty. */
#include <uv/version.h>

#if UV_VERSION_HEX < 0x013400 || UV_VERSION_MAJOR != 1 || RONDO_VERSION < 0
#error "The version is not that of libuv 1.52 or later."
#endif

char suffix[] = UV_VERSION_SUFFIX;
