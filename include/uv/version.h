/* Two versions. UV_VERSION_* is the libuv interface that is implemented here: programs compare it
 * with the one they were written for. RONDO_VERSION* is this library's own. */
#ifndef UV_VERSION_H_
#define UV_VERSION_H_

#define UV_VERSION_MAJOR 1
#define UV_VERSION_MINOR 52
#define UV_VERSION_PATCH 1
#define UV_VERSION_IS_RELEASE 1
#define UV_VERSION_SUFFIX ""

/** The interface version as one number that compares like versions do: major, minor, patch, a byte
 * each. */
#define UV_VERSION_HEX ((UV_VERSION_MAJOR << 16) | (UV_VERSION_MINOR << 8) | (UV_VERSION_PATCH))

#define RONDO_VERSION_MAJOR 0
#define RONDO_VERSION_MINOR 1
#define RONDO_VERSION_PATCH 0

/** This library's own version, in the form of UV_VERSION_HEX. */
#define RONDO_VERSION \
  ((RONDO_VERSION_MAJOR << 16) | (RONDO_VERSION_MINOR << 8) | (RONDO_VERSION_PATCH))

/** The same as text: "MAJOR.MINOR.PATCH". */
#define RONDO_VERSION_STRING "0.1.0"

#endif /* UV_VERSION_H_ */
