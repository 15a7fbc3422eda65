/* Waking a loop from other threads: an eventfd in its epoll instance, which tells of each write
 * once. So nobody has to read the counter, which holds more wakes than there will ever be. */
#include "../backend.h"
#include "../loop_state.h"
#include "fd.h"
#include "io.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int open_eventfd(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd == -1 ? UV__ERR(errno) : fd;
}

static void on_wakes(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  (void) watcher;
  (void) events;
  uv__state(loop)->on_wake(loop);
}

int uv__backend_wake_open(uv_loop_t* loop) {
  uv__io_t* watcher = &loop->async_io_watcher;
  int fd = open_eventfd();
  int err;

  if (fd < 0)
    return fd;
  err = uv__io_reserve(loop, fd);
  if (err != 0) {
    uv__close(fd);
    return err;
  }
  uv__io_init(watcher, on_wakes, fd);
  uv__io_start(loop, watcher, EPOLLIN | EPOLLET);
  return 0;
}

void uv__backend_wake(uv_loop_t* loop) {
  const uint64_t one = 1;
  int saved_errno = errno;
  ssize_t put;

  do
    put = write(loop->async_io_watcher.fd, &one, sizeof(one));
  while (put == -1 && errno == EINTR);
  errno = saved_errno;
}

/* Who woke a loop that has run is done with it. Reading what they wrote is what shows that to race
 * detectors: they know of no order between write(2) and epoll_wait(2). */
void uv__backend_wake_close(uv_loop_t* loop) {
  uv__io_t* watcher = &loop->async_io_watcher;
  uint64_t wakes;

  if (watcher->events != 0)
    uv__read(watcher->fd, &wakes, sizeof(wakes));
  uv__close(watcher->fd);
  watcher->fd = -1;
}

int uv__backend_wake_fork(uv_loop_t* loop) {
  int fd = open_eventfd();
  int err = 0;

  if (fd < 0)
    return fd;
  if (dup3(fd, loop->async_io_watcher.fd, O_CLOEXEC) == -1)
    err = UV__ERR(errno);
  uv__close(fd);
  return err;
}
