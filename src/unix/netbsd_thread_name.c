/* Names of threads by pthread_setname_np(3), which takes a format and its one argument. */
#include "uv.h"

#include <pthread.h>
#include <string.h>

/* Copies as much as has room, and always a NUL. */
static void copy_cut(char* to, size_t size, const char* from) {
  size_t len = strnlen(from, size - 1);

  memcpy(to, from, len);
  to[len] = '\0';
}

int uv_thread_setname(const char* name) {
  char cut[PTHREAD_MAX_NAMELEN_NP];

  if (name == NULL)
    return UV_EINVAL;
  copy_cut(cut, sizeof(cut), name);
  return UV__ERR(pthread_setname_np(pthread_self(), "%s", cut));
}

int uv_thread_getname(uv_thread_t* tid, char* name, size_t size) {
  char whole[PTHREAD_MAX_NAMELEN_NP];
  int err;

  if (tid == NULL || name == NULL || size == 0)
    return UV_EINVAL;
  err = pthread_getname_np(*tid, whole, sizeof(whole));
  if (err != 0)
    return UV__ERR(err);
  copy_cut(name, size, whole);
  return 0;
}
