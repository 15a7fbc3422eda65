/* Waking a loop from other threads: a pipe whose end the loop watches, for systems without
 * eventfd(2). */
#include "../backend.h"
#include "../loop_state.h"
#include "fd.h"
#include "io.h"

#include <errno.h>
#include <unistd.h>

static int open_pipe(uv_file ends[2]) {
  return uv_pipe(ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);
}

static void close_pipe(const uv_file ends[2]) {
  uv__close(ends[0]);
  uv__close(ends[1]);
}

/* Takes the wakes before the news that they stand for: news that come later come with a wake. */
static void on_readable(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  char wakes[256];

  (void) events;
  while (uv__read(watcher->fd, wakes, sizeof(wakes)) == (ssize_t) sizeof(wakes))
    continue;
  uv__state(loop)->on_wake(loop);
}

int uv__backend_wake_open(uv_loop_t* loop) {
  uv__io_t* watcher = &loop->async_io_watcher;
  uv_file ends[2];
  int err = open_pipe(ends);

  if (err != 0)
    return err;
  err = uv__io_reserve(loop, ends[0]);
  if (err != 0) {
    close_pipe(ends);
    return err;
  }
  loop->async_wfd = ends[1];
  uv__io_init(watcher, on_readable, ends[0]);
  uv__io_start(loop, watcher, POLLIN);
  return 0;
}

void uv__backend_wake(uv_loop_t* loop) {
  int saved_errno = errno;
  ssize_t put;

  /* EAGAIN: the pipe is full, so the loop is awake already. */
  do
    put = write(loop->async_wfd, "", 1);
  while (put == -1 && errno == EINTR);
  errno = saved_errno;
}

void uv__backend_wake_close(uv_loop_t* loop) {
  uv__close(loop->async_io_watcher.fd);
  uv__close(loop->async_wfd);
  loop->async_io_watcher.fd = -1;
  loop->async_wfd = -1;
}

/* Another pipe under the same numbers. */
static int replace(int fd, int by) {
  return dup2(by, fd) == -1 ? UV__ERR(errno) : uv__set_cloexec(fd, true);
}

int uv__backend_wake_fork(uv_loop_t* loop) {
  uv_file ends[2];
  int err = open_pipe(ends);

  if (err != 0)
    return err;
  err = replace(loop->async_io_watcher.fd, ends[0]);
  if (err == 0)
    err = replace(loop->async_wfd, ends[1]);
  close_pipe(ends);
  return err;
}
