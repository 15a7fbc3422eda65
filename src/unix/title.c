/* The title of the process, where it is what lies in the memory of the arguments: Linux, macOS.
 *
 * The kernel tells others what it finds where it once put the arguments. uv_setup_args() moves them
 * away and makes that memory the room for the title, which is never more than they had: behind them
 * is the environment, to which the program holds pointers. */
#include "../title.h"

#include "../core.h"
#include "../process_hooks.h"
#include "title_show.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool has_hooks; /* for forks and the end of the process */

/* What uv_setup_args() set up; `room` is NULL before. */
static char** copied_args;
static char* room;
static size_t room_size; /* with the NUL */
static size_t title_len;

static void take_lock(void) {
  pthread_mutex_lock(&lock);
}

static void release_lock(void) {
  pthread_mutex_unlock(&lock);
}

/* -- Arguments --------------------------------------------------------------------------------- */

/* Copies the vector and its strings, in one allocation. */
static char** copy_args(int argc, char** argv) {
  size_t count = (size_t) argc;
  size_t size = (count + 1) * sizeof(*argv);
  char** copy;
  char* at;

  for (size_t i = 0; i < count; i++)
    size += strlen(argv[i]) + 1;
  copy = uv__malloc(size);
  if (copy == NULL)
    return NULL;
  at = (char*) (copy + count + 1);
  for (size_t i = 0; i < count; i++) {
    size_t arg_size = strlen(argv[i]) + 1;
    copy[i] = memcpy(at, argv[i], arg_size);
    at += arg_size;
  }
  copy[count] = NULL;
  return copy;
}

/* The end of the arguments that lie one behind the other. A vector that the program has made itself
 * may lead elsewhere. */
static char* end_of_args(int argc, char** argv) {
  char* end = argv[0];

  for (int i = 0; i < argc && argv[i] == end; i++)
    end += strlen(end) + 1;
  return end;
}

char** uv_setup_args(int argc, char** argv) {
  if (argc <= 0 || room != NULL)
    return argv;
  /* Without them a fork at a bad moment leaves the child without titles, and the end of the process
   * leaves the copy to the system. */
  if (!has_hooks) {
    uv__at_fork(take_lock, release_lock, release_lock);
    uv__at_exit(uv__title_shutdown);
    has_hooks = true;
  }
  copied_args = copy_args(argc, argv);
  if (copied_args == NULL)
    return argv;
  title_len = strlen(argv[0]);
  room_size = (size_t) (end_of_args(argc, argv) - argv[0]);
  room = argv[0];
  return copied_args;
}

void uv__title_shutdown(void) {
  take_lock();
  uv__free(copied_args);
  copied_args = NULL;
  room = NULL;
  release_lock();
}

/* -- The title --------------------------------------------------------------------------------- */

int uv_set_process_title(const char* title) {
  if (title == NULL)
    return UV_EINVAL;
  take_lock();
  if (room == NULL) {
    release_lock();
    return UV_ENOBUFS;
  }
  title_len = strnlen(title, room_size - 1);
  memmove(room, title, title_len);
  memset(room + title_len, 0, room_size - title_len);
  uv__title_show(room);
  release_lock();
  return 0;
}

int uv_get_process_title(char* buffer, size_t size) {
  int err = 0;

  if (buffer == NULL || size == 0)
    return UV_EINVAL;
  take_lock();
  if (room == NULL || size <= title_len) {
    err = UV_ENOBUFS;
  } else {
    memcpy(buffer, room, title_len);
    buffer[title_len] = '\0';
  }
  release_lock();
  return err;
}
