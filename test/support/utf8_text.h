/* UTF-8 made from code points. */
#ifndef RONDO_TEST_UTF8_TEXT_H_
#define RONDO_TEST_UTF8_TEXT_H_

#include <stddef.h>
#include <stdint.h>

static inline void put_utf8(char** at, uint32_t point) {
  char* to = *at;

  if (point < 0x80) {
    *to++ = (char) point;
  } else if (point < 0x800) {
    *to++ = (char) (0xC0 | point >> 6);
  } else if (point < 0x10000) {
    *to++ = (char) (0xE0 | point >> 12);
    *to++ = (char) (0x80 | (point >> 6 & 0x3F));
  } else {
    *to++ = (char) (0xF0 | point >> 18);
    *to++ = (char) (0x80 | (point >> 12 & 0x3F));
    *to++ = (char) (0x80 | (point >> 6 & 0x3F));
  }
  if (point >= 0x80)
    *to++ = (char) (0x80 | (point & 0x3F));
  *to = '\0';
  *at = to;
}

static inline void encode(const uint32_t* points, size_t count, char* out) {
  *out = '\0';
  for (size_t i = 0; i < count; i++)
    put_utf8(&out, points[i]);
}

#endif /* RONDO_TEST_UTF8_TEXT_H_ */
