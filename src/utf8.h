/* UTF-8, read strictly (RFC 3629). */
#ifndef RONDO_UTF8_H_
#define RONDO_UTF8_H_

#include <stdint.h>

/* Takes the place of a code point where the bytes are no UTF-8. */
#define UV__UTF8_INVALID UINT32_MAX

/* Reads one code point of a text that ends with NUL, and moves `*text` behind it. Surrogates,
 * longer forms than needed and anything above U+10FFFF are invalid; then `*text` is where it was.
 */
uint32_t uv__utf8_decode(const char** text);

#endif /* RONDO_UTF8_H_ */
