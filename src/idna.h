/* Host names that are not ASCII, as the name system knows them. */
#ifndef RONDO_IDNA_H_
#define RONDO_IDNA_H_

#include <stddef.h>

/* The longest host name, in bytes, plus its NUL. */
enum { UV__HOST_SIZE = 256 };

/* Writes the ASCII form of a host name in UTF-8. An ASCII name is its own, byte for byte. 0, or
 * UV_EINVAL: not UTF-8, or the ASCII form is empty or too long; then `ascii` is undefined. */
int uv__idna_to_ascii(const char* name, char ascii[UV__HOST_SIZE]);

#endif /* RONDO_IDNA_H_ */
