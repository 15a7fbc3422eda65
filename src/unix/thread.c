/* Threads: what POSIX knows of them. Names, processors and priorities differ by system and have
 * files of their own. */
#include "../thread.h"

#include "../core.h"
#include "main_stack.h"

#include <limits.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

/* uv_thread_options_t tells of a stack this small that it is large enough; POSIX may ask for more.
 */
enum { SMALLEST_STACK = 8192 };

/* Where the main thread's stack says nothing. */
enum { USUAL_STACK = 2 << 20 };

struct start {
  uv_thread_cb entry;
  void* arg;
};

static void* thread_main(void* data) {
  struct start start = *(struct start*) data;

  uv__free(data);
  start.entry(start.arg);
  return NULL;
}

static size_t page_size(void) {
  return (size_t) sysconf(_SC_PAGESIZE);
}

/* The least size that POSIX accepts may grow with the processor's registers, so it is asked for. */
static size_t smallest_stack(void) {
  size_t least = (size_t) PTHREAD_STACK_MIN;
  return least > SMALLEST_STACK ? least : SMALLEST_STACK;
}

/* As much as the main thread has. The C library's own default is that as well in glibc, but much
 * less in others, and programs are written on the former. */
static size_t default_stack(void) {
  size_t size = uv__main_stack();

  size -= size % page_size();
  return size < smallest_stack() ? USUAL_STACK : size;
}

/* Whole pages, not less than the system's least; the largest whole number of pages if there is no
 * larger one, which the system then refuses. */
static size_t wanted_stack(size_t size) {
  size_t over = size % page_size();

  if (over != 0)
    size = size > SIZE_MAX - page_size() ? size - over : size - over + page_size();
  return size < smallest_stack() ? smallest_stack() : size;
}

static int create(uv_thread_t* tid, size_t stack_size, struct start* start) {
  pthread_attr_t attr;
  int err = pthread_attr_init(&attr);

  if (err != 0)
    return err;
  err = pthread_attr_setstacksize(&attr, stack_size);
  if (err == 0)
    err = pthread_create(tid, &attr, thread_main, start);
  pthread_attr_destroy(&attr);
  return err;
}

int uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params, uv_thread_cb entry,
                        void* arg) {
  bool has_size = (params->flags & UV_THREAD_HAS_STACK_SIZE) != 0 && params->stack_size != 0;
  struct start* start;
  int err;

  start = uv__malloc(sizeof(*start));
  if (start == NULL)
    return UV_ENOMEM;
  start->entry = entry;
  start->arg = arg;
  err = create(tid, has_size ? wanted_stack(params->stack_size) : default_stack(), start);
  if (err != 0)
    uv__free(start);
  return UV__ERR(err);
}

int uv_thread_create(uv_thread_t* tid, uv_thread_cb entry, void* arg) {
  const uv_thread_options_t params = {.flags = UV_THREAD_NO_FLAGS};
  return uv_thread_create_ex(tid, &params, entry, arg);
}

int uv_thread_detach(uv_thread_t* tid) {
  return UV__ERR(pthread_detach(*tid));
}

int uv_thread_join(uv_thread_t* tid) {
  return UV__ERR(pthread_join(*tid, NULL));
}

uv_thread_t uv_thread_self(void) {
  return pthread_self();
}

int uv_thread_equal(const uv_thread_t* t1, const uv_thread_t* t2) {
  return pthread_equal(*t1, *t2);
}

/* A sleep and no sched_yield(): that would only let threads of the same or a higher priority run.
 */
void uv__thread_give_way(void) {
  const struct timespec moment = {.tv_nsec = 1};
  nanosleep(&moment, NULL);
}
