/* Names of threads by pthread_set_name_np(3), which has no way to fail. */
#include "uv.h"

#include <pthread.h>
#include <pthread_np.h>
#include <string.h>
#include <sys/param.h>

enum { NAME_SIZE = MAXCOMLEN + 1 };

/* Copies as much as has room, and always a NUL. */
static void copy_cut(char* to, size_t size, const char* from) {
  size_t len = strnlen(from, size - 1);

  memcpy(to, from, len);
  to[len] = '\0';
}

int uv_thread_setname(const char* name) {
  char cut[NAME_SIZE];

  if (name == NULL)
    return UV_EINVAL;
  copy_cut(cut, sizeof(cut), name);
  pthread_set_name_np(pthread_self(), cut);
  return 0;
}

int uv_thread_getname(uv_thread_t* tid, char* name, size_t size) {
  char whole[NAME_SIZE] = "";

  if (tid == NULL || name == NULL || size == 0)
    return UV_EINVAL;
  pthread_get_name_np(*tid, whole, sizeof(whole));
  copy_cut(name, size, whole);
  return 0;
}
