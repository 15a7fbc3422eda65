/* Waking a loop from other threads: a filter of the loop's own queue. */
#include "../backend.h"
#include "../loop_state.h"
#include "kqueue.h"

#include <errno.h>

static void on_woken(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  (void) watcher;
  (void) events;
  uv__state(loop)->on_wake(loop);
}

/* The filter is set at once: a wake that comes before it is lost. */
int uv__backend_wake_open(uv_loop_t* loop) {
  uv__io_t* watcher = &loop->async_io_watcher;
  int err = uv__io_reserve(loop, loop->backend_fd);

  if (err != 0)
    return err;
  uv__io_init(watcher, on_woken, loop->backend_fd);
  return uv__kqueue_start(loop, watcher, UV__IO_WOKEN);
}

void uv__backend_wake(uv_loop_t* loop) {
  int saved_errno = errno;

  uv__kqueue_trigger(loop);
  errno = saved_errno;
}

/* The filter went with the queue. */
void uv__backend_wake_close(uv_loop_t* loop) {
  loop->async_io_watcher.fd = -1;
}

/* The new queue may have another number. */
int uv__backend_wake_fork(uv_loop_t* loop) {
  uv__io_close(loop, &loop->async_io_watcher);
  return uv__backend_wake_open(loop);
}
