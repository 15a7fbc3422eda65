/* A kqueue that refuses nothing. */
#include "select_thread.h"

#include "uv.h"

#include <stddef.h>

bool uv__select_has(const struct uv__selector* selector, int fd) {
  (void) selector;
  (void) fd;
  return false;
}

int uv__select_want(struct uv__selector** selector, int queue, int fd, unsigned int generation,
                    unsigned int wanted) {
  (void) selector;
  (void) queue;
  (void) fd;
  (void) generation;
  (void) wanted;
  return UV_EINVAL;
}

unsigned int uv__select_take(struct uv__selector* selector, int fd) {
  (void) selector;
  (void) fd;
  return 0;
}

void uv__select_continue(struct uv__selector* selector) {
  (void) selector;
}

bool uv__select_forget(struct uv__selector* selector, int fd) {
  (void) selector;
  (void) fd;
  return false;
}

void uv__select_close(struct uv__selector** selector) {
  (void) selector;
}

void uv__select_abandon(struct uv__selector** selector) {
  (void) selector;
}
