/* UTF-8, read strictly. */
#include "utf8.h"

#include <stdbool.h>

enum { HIGHEST = 0x10FFFF, SURROGATES = 0xD800, SURROGATES_END = 0xE000 };

/* How many bytes follow a first byte, and -1 if it is none. */
static int bytes_behind(unsigned char first) {
  if (first < 0x80)
    return 0;
  if (first >= 0xC2 && first < 0xE0)
    return 1;
  if (first >= 0xE0 && first < 0xF0)
    return 2;
  return first >= 0xF0 && first < 0xF5 ? 3 : -1;
}

static bool is_valid(uint32_t point, int behind) {
  static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  return point >= smallest[behind] && point <= HIGHEST &&
         (point < SURROGATES || point >= SURROGATES_END);
}

uint32_t uv__utf8_decode(const char** text) {
  const unsigned char* bytes = (const unsigned char*) *text;
  int behind = bytes_behind(bytes[0]);
  uint32_t point;

  if (behind < 0)
    return UV__UTF8_INVALID;
  point = behind == 0 ? bytes[0] : bytes[0] & (0x3Fu >> behind);
  for (int i = 1; i <= behind; i++) {
    if ((bytes[i] & 0xC0) != 0x80) /* the NUL at the end, too */
      return UV__UTF8_INVALID;
    point = point << 6 | (bytes[i] & 0x3Fu);
  }
  if (!is_valid(point, behind))
    return UV__UTF8_INVALID;
  *text += behind + 1;
  return point;
}
