/* Punycode: code points as ASCII (RFC 3492). */
#ifndef RONDO_PUNYCODE_H_
#define RONDO_PUNYCODE_H_

#include <stddef.h>
#include <stdint.h>

/* Writes the encoding of at most 1,020 code points, without a NUL, and answers its length; or
 * `capacity` + 1 if that is not enough. */
size_t uv__punycode_encode(const uint32_t* points, size_t count, char* out, size_t capacity);

#endif /* RONDO_PUNYCODE_H_ */
