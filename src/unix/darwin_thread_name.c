/* Names of threads on macOS, where a thread can name itself only. */
#include "uv.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* The system's limit, with the NUL. */
enum { NAME_SIZE = 64 };

/* Copies as much as has room, and always a NUL. */
static void copy_cut(char* dst, size_t size, const char* src) {
  size_t len = strnlen(src, size - 1);

  memcpy(dst, src, len);
  dst[len] = '\0';
}

int uv_thread_setname(const char* name) {
  char cut[NAME_SIZE];

  if (name == NULL)
    return UV_EINVAL;
  copy_cut(cut, sizeof(cut), name);
  return pthread_setname_np(cut) == 0 ? 0 : UV__ERR(errno);
}

int uv_thread_getname(uv_thread_t* tid, char* name, size_t size) {
  char whole[NAME_SIZE];
  int err;

  if (tid == NULL || name == NULL || size == 0)
    return UV_EINVAL;
  err = pthread_getname_np(*tid, whole, sizeof(whole));
  if (err != 0)
    return UV__ERR(err);
  copy_cut(name, size, whole);
  return 0;
}
