/* Two versions. UV_VERSION_* is the libuv interface that is implemented here: programs compare it
 * with the one they were written for. RONDO_VERSION* is this library's own. */
#ifndef UV_VERSION_H_
#define UV_VERSION_H_

/** The interface's major version: what is compiled for one does not work with another. */
#define UV_VERSION_MAJOR 1

/** The interface's minor version, which grows when something is added. */
#define UV_VERSION_MINOR 52

/** The interface's patch version, which grows when something behaves better. */
#define UV_VERSION_PATCH 1

/** Whether the version is a release. */
#define UV_VERSION_IS_RELEASE 1

/** What follows the numbers in uv_version_string(): of a release, nothing. */
#define UV_VERSION_SUFFIX ""

/** The interface version as one number that compares like versions do: major, minor, patch, a byte
 * each. */
#define UV_VERSION_HEX ((UV_VERSION_MAJOR << 16) | (UV_VERSION_MINOR << 8) | (UV_VERSION_PATCH))

/** This library's own major version. */
#define RONDO_VERSION_MAJOR 0

/** This library's own minor version. */
#define RONDO_VERSION_MINOR 1

/** This library's own patch version. */
#define RONDO_VERSION_PATCH 0

/** This library's own version, in the form of UV_VERSION_HEX. */
#define RONDO_VERSION \
  ((RONDO_VERSION_MAJOR << 16) | (RONDO_VERSION_MINOR << 8) | (RONDO_VERSION_PATCH))

/** The same as text: "MAJOR.MINOR.PATCH". */
#define RONDO_VERSION_STRING "0.1.0"

#endif /* UV_VERSION_H_ */
