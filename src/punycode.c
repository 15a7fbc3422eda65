/* Punycode (RFC 3492). The names are those of its section 6.3; 1,021 times the highest code point
 * stays within 32 bits, so nothing overflows. */
#include "punycode.h"

#include <stdbool.h>

enum {
  BASE = 36,
  T_MIN = 1,
  T_MAX = 26,
  SKEW = 38,
  DAMP = 700,
  INITIAL_BIAS = 72,
  INITIAL_N = 0x80
};

struct output {
  char* bytes;
  size_t len;
  size_t capacity;
};

static void put(struct output* out, char byte) {
  if (out->len < out->capacity)
    out->bytes[out->len++] = byte;
  else
    out->len = out->capacity + 1;
}

static void put_digit(struct output* out, uint32_t digit) {
  put(out, "abcdefghijklmnopqrstuvwxyz0123456789"[digit]);
}

static uint32_t adapt(uint32_t delta, uint32_t numpoints, bool is_first) {
  uint32_t k = 0;

  delta /= is_first ? DAMP : 2;
  delta += delta / numpoints;
  for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
    delta /= BASE - T_MIN;
  return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* A number with digits of growing weight: the thresholds say where it ends. */
static void put_number(struct output* out, uint32_t number, uint32_t bias) {
  for (uint32_t k = BASE;; k += BASE) {
    uint32_t t = k <= bias + T_MIN ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

    if (number < t)
      break;
    put_digit(out, t + (number - t) % (BASE - t));
    number = (number - t) / (BASE - t);
  }
  put_digit(out, number);
}

static uint32_t smallest_from(const uint32_t* points, size_t count, uint32_t n) {
  uint32_t smallest = UINT32_MAX;

  for (size_t i = 0; i < count; i++)
    if (points[i] >= n && points[i] < smallest)
      smallest = points[i];
  return smallest;
}

size_t uv__punycode_encode(const uint32_t* points, size_t count, char* bytes, size_t capacity) {
  struct output out = {.bytes = bytes, .capacity = capacity};
  uint32_t bias = INITIAL_BIAS;
  uint32_t delta = 0;
  uint32_t n = INITIAL_N;
  uint32_t basic = 0;
  uint32_t handled;

  for (size_t i = 0; i < count; i++)
    if (points[i] < INITIAL_N) {
      put(&out, (char) points[i]);
      basic++;
    }
  if (basic > 0)
    put(&out, '-');

  for (handled = basic; handled < count; delta++, n++) {
    uint32_t next = smallest_from(points, count, n);

    delta += (next - n) * (handled + 1);
    n = next;
    for (size_t i = 0; i < count; i++) {
      if (points[i] < n)
        delta++;
      if (points[i] != n)
        continue;
      put_number(&out, delta, bias);
      bias = adapt(delta, handled + 1, handled == basic);
      delta = 0;
      handled++;
    }
  }
  return out.len;
}
