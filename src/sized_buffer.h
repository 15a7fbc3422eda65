/* Text for callers who pass a buffer and, in `*size`, its size: what all such functions agree on.
 */
#ifndef RONDO_SIZED_BUFFER_H_
#define RONDO_SIZED_BUFFER_H_

#include "uv.h"

#include <stdbool.h>
#include <string.h>

static inline bool uv__sized_buffer_valid(const char* buffer, const size_t* size) {
  return buffer != NULL && size != NULL && *size > 0;
}

/* Copies `len` bytes and a NUL, and sets `*size` to `len`. If they do not fit: UV_ENOBUFS, with
 * `*size` set to the size needed and the buffer as it was. */
static inline int uv__sized_buffer_copy(const char* text, size_t len, char* buffer, size_t* size) {
  if (*size <= len) {
    *size = len + 1;
    return UV_ENOBUFS;
  }
  memcpy(buffer, text, len);
  buffer[len] = '\0';
  *size = len;
  return 0;
}

#endif /* RONDO_SIZED_BUFFER_H_ */
