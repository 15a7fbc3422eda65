/* Host names that are not ASCII: mapped and normalised as UTS #46 has it, then each label that is
 * still not ASCII in Punycode behind "xn--".
 *
 * Only what cannot be a name at all is refused. Whether a label is registrable is the name
 * system's business, and names in local files follow no rule. */
#include "idna.h"

#include "idna_map.h"
#include "punycode.h"
#include "uv.h"

#include <stdbool.h>
#include <string.h>

static bool is_ascii(const char* name) {
  while ((unsigned char) *name - 1u < 0x7F)
    name++;
  return *name == '\0';
}

static bool label_is_ascii(const uint32_t* label, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (label[i] >= 0x80)
      return false;
  return true;
}

static size_t label_length(const uint32_t* points, size_t count) {
  size_t len = 0;

  while (len < count && points[len] != '.')
    len++;
  return len;
}

/* The length of what was written, more than `capacity` if that is too little. */
static size_t write_label(const uint32_t* label, size_t count, char* out, size_t capacity) {
  const char prefix[] = {'x', 'n', '-', '-'};

  if (label_is_ascii(label, count)) {
    for (size_t i = 0; i < count && i < capacity; i++)
      out[i] = (char) label[i];
    return count;
  }
  if (capacity < sizeof(prefix))
    return capacity + 1;
  memcpy(out, prefix, sizeof(prefix));
  return sizeof(prefix) +
         uv__punycode_encode(label, count, out + sizeof(prefix), capacity - sizeof(prefix));
}

/* The length of what was written, more than `capacity` if that is too little. */
static size_t write_labels(const uint32_t* points, size_t count, char* out, size_t capacity) {
  size_t len = 0;

  for (size_t at = 0;; at++) {
    size_t label = label_length(points + at, count - at);

    len += write_label(points + at, label, out + len, capacity - len);
    at += label;
    if (len > capacity || at == count)
      return len;
    if (len == capacity)
      return capacity + 1;
    out[len++] = '.';
  }
}

int uv__idna_to_ascii(const char* name, char ascii[UV__HOST_SIZE]) {
  uint32_t points[UV__IDNA_POINTS];
  size_t capacity = UV__HOST_SIZE - 1;
  size_t len = 0;
  size_t count;

  if (is_ascii(name)) {
    len = strnlen(name, UV__HOST_SIZE);
    if (len <= capacity)
      memcpy(ascii, name, len);
  } else {
    int err = uv__idna_map(name, points, &count);
    if (err != 0)
      return err;
    len = write_labels(points, count, ascii, capacity);
  }
  if (len == 0 || len > capacity)
    return UV_EINVAL;
  ascii[len] = '\0';
  return 0;
}
