/* WTF-8 and UTF-16: the text of POSIX and that of Windows.
 *
 * WTF-8 is UTF-8 that also admits surrogates which are not half of a pair, each as three bytes, so
 * that any sequence of 16-bit units, which is what names of files on Windows are, can be expressed.
 * Other than that, all that UTF-8 forbids is invalid, overlong forms too. */
#include "core.h"

#include <string.h>

enum {
  MAX_POINT = 0x10FFFF,
  FIRST_BEYOND_16_BITS = 0x10000,
  HIGH_SURROGATE = 0xD800, /* to 0xDBFF */
  LOW_SURROGATE = 0xDC00,  /* to 0xDFFF */
  SURROGATE_MASK = 0xFC00,
  INVALID = -1
};

/* -- WTF-8 to UTF-16 --------------------------------------------------------------------------- */

/* Reads a code point and moves `*at` behind it. INVALID if there is none; it never reads beyond a
 * NUL. */
static int32_t decode_wtf8(const char** at) {
  static const int32_t least_by_size[] = {0, 0, 0x80, 0x800, FIRST_BEYOND_16_BITS};
  const unsigned char* bytes = (const unsigned char*) *at;
  int32_t point = bytes[0];
  int size = 1;

  if (point >= 0xF8 || (point >= 0x80 && point < 0xC0))
    return INVALID;
  if (point >= 0xF0) {
    point &= 0x07;
    size = 4;
  } else if (point >= 0xE0) {
    point &= 0x0F;
    size = 3;
  } else if (point >= 0xC0) {
    point &= 0x1F;
    size = 2;
  }

  for (int i = 1; i < size; i++) {
    if ((bytes[i] & 0xC0) != 0x80)
      return INVALID;
    point = point << 6 | (bytes[i] & 0x3F);
  }
  if (point < least_by_size[size] || point > MAX_POINT)
    return INVALID;
  *at += size;
  return point;
}

ssize_t uv_wtf8_length_as_utf16(const char* wtf8) {
  ssize_t units = 0;
  int32_t point;

  do {
    point = decode_wtf8(&wtf8);
    if (point == INVALID)
      return UV_EINVAL;
    units += point >= FIRST_BEYOND_16_BITS ? 2 : 1;
  } while (point != 0);
  return units;
}

void uv_wtf8_to_utf16(const char* wtf8, uint16_t* utf16, size_t utf16_len) {
  size_t used = 0;

  if (utf16_len == 0)
    return;
  /* Text that the caller did not check ends where it does not fit or is invalid. */
  for (;;) {
    int32_t point = decode_wtf8(&wtf8);
    size_t units = point >= FIRST_BEYOND_16_BITS ? 2 : 1;

    if (point == 0 || point == INVALID || units >= utf16_len - used)
      break;
    if (units == 1) {
      utf16[used++] = (uint16_t) point;
    } else {
      point -= FIRST_BEYOND_16_BITS;
      utf16[used++] = (uint16_t) (HIGH_SURROGATE | point >> 10);
      utf16[used++] = (uint16_t) (LOW_SURROGATE | (point & 0x3FF));
    }
  }
  utf16[used] = 0;
}

/* -- UTF-16 to WTF-8 --------------------------------------------------------------------------- */

static size_t utf16_length(const uint16_t* utf16, ssize_t utf16_len) {
  size_t len = 0;

  if (utf16_len >= 0)
    return (size_t) utf16_len;
  while (utf16[len] != 0)
    len++;
  return len;
}

/* Reads a code point, which may be a surrogate without its other half, and moves `*at` behind it.
 */
static int32_t decode_utf16(const uint16_t** at, const uint16_t* end) {
  int32_t point = *(*at)++;

  if ((point & SURROGATE_MASK) != HIGH_SURROGATE || *at == end ||
      (**at & SURROGATE_MASK) != LOW_SURROGATE)
    return point;
  return FIRST_BEYOND_16_BITS + ((point - HIGH_SURROGATE) << 10) + (*(*at)++ - LOW_SURROGATE);
}

/* Writes a code point and returns how many bytes it takes. */
static size_t encode_wtf8(int32_t point, unsigned char bytes[4]) {
  size_t size = 1;

  if (point >= FIRST_BEYOND_16_BITS)
    size = 4;
  else if (point >= 0x800)
    size = 3;
  else if (point >= 0x80)
    size = 2;

  for (size_t i = size - 1; i > 0; i--) {
    bytes[i] = (unsigned char) (0x80 | (point & 0x3F));
    point >>= 6;
  }
  static const unsigned char mark_by_size[] = {0, 0, 0xC0, 0xE0, 0xF0};
  bytes[0] = (unsigned char) (mark_by_size[size] | point);
  return size;
}

/* Writes as many bytes as fit, even a part of the last character, and returns how many there are.
 */
static size_t write_wtf8(const uint16_t* utf16, ssize_t utf16_len, char* wtf8, size_t capacity) {
  const uint16_t* end = utf16 + utf16_length(utf16, utf16_len);
  size_t len = 0;

  while (utf16 != end) {
    unsigned char bytes[4];
    size_t size = encode_wtf8(decode_utf16(&utf16, end), bytes);

    if (len < capacity)
      memcpy(wtf8 + len, bytes, size < capacity - len ? size : capacity - len);
    len += size;
  }
  return len;
}

size_t uv_utf16_length_as_wtf8(const uint16_t* utf16, ssize_t utf16_len) {
  return write_wtf8(utf16, utf16_len, NULL, 0);
}

int uv_utf16_to_wtf8(const uint16_t* utf16, ssize_t utf16_len, char** wtf8_ptr,
                     size_t* wtf8_len_ptr) {
  size_t len = uv_utf16_length_as_wtf8(utf16, utf16_len);
  size_t capacity = len;

  if (wtf8_ptr != NULL && *wtf8_ptr != NULL) {
    if (wtf8_len_ptr == NULL)
      return UV_EINVAL;
    capacity = *wtf8_len_ptr;
  } else if (wtf8_ptr != NULL) {
    *wtf8_ptr = uv__malloc(len + 1);
    if (*wtf8_ptr == NULL)
      return UV_ENOMEM;
  }

  if (wtf8_ptr != NULL) {
    write_wtf8(utf16, utf16_len, *wtf8_ptr, capacity);
    (*wtf8_ptr)[len < capacity ? len : capacity] = '\0';
  }
  if (wtf8_len_ptr != NULL)
    *wtf8_len_ptr = len;
  return len <= capacity ? 0 : UV_ENOBUFS;
}
