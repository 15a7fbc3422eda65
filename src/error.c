/* Names and messages of error codes.
 *
 * Both are static text. A number that is no code has none: its text is made when it is asked for
 * and kept for good, because callers of libuv may keep the pointer. There is one block for each
 * such number, however often and from however many threads it is asked for. */
#include "atomic.h"
#include "core.h"

#include <stdio.h>

enum { UNKNOWN_TEXT_SIZE = sizeof("Unknown system error -2147483648") };

struct unknown_error {
  struct unknown_error* next;
  int err;
  char text[UNKNOWN_TEXT_SIZE];
};

static struct unknown_error* unknown_errors; /* atomic; grows at its head */

static const char* known_message(int err) {
  switch (err) {
#define XX(code, message) \
  case UV_##code: \
    return message;
    UV_ERRNO_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}

static const char* known_name(int err) {
  switch (err) {
#define XX(code, message) \
  case UV_##code: \
    return #code;
    UV_ERRNO_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}

static void print_unknown(int err, char* buf, size_t buflen) {
  snprintf(buf, buflen, "Unknown system error %d", err);
}

/* Looks from `first` up to, but not at, `end`. */
static const struct unknown_error* find_unknown(const struct unknown_error* first,
                                                const struct unknown_error* end, int err) {
  for (const struct unknown_error* unknown = first; unknown != end; unknown = unknown->next)
    if (unknown->err == err)
      return unknown;
  return NULL;
}

static const char* unknown_text(int err) {
  struct unknown_error* head = uv__load_acquire(&unknown_errors);
  const struct unknown_error* found = find_unknown(head, NULL, err);

  if (found != NULL)
    return found->text;
  struct unknown_error* added = uv__malloc(sizeof(*added));
  if (added == NULL)
    return "Unknown system error";

  added->err = err;
  print_unknown(err, added->text, sizeof(added->text));
  for (;;) {
    added->next = head;
    if (uv__replace(&unknown_errors, &head, added))
      return added->text;

    /* Other threads added something, perhaps the same number. */
    head = uv__load_acquire(&unknown_errors);
    found = find_unknown(head, added->next, err);
    if (found != NULL) {
      uv__free(added);
      return found->text;
    }
  }
}

/* Writes `text`, or what stands for an unknown number if it is NULL, as far as it fits. */
static char* write_text(const char* text, int err, char* buf, size_t buflen) {
  if (text != NULL)
    snprintf(buf, buflen, "%s", text);
  else
    print_unknown(err, buf, buflen);
  return buf;
}

const char* uv_strerror(int err) {
  const char* message = known_message(err);
  return message != NULL ? message : unknown_text(err);
}

char* uv_strerror_r(int err, char* buf, size_t buflen) {
  return write_text(known_message(err), err, buf, buflen);
}

const char* uv_err_name(int err) {
  const char* name = known_name(err);
  return name != NULL ? name : unknown_text(err);
}

char* uv_err_name_r(int err, char* buf, size_t buflen) {
  return write_text(known_name(err), err, buf, buflen);
}
