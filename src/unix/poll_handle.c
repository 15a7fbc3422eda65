/* Poll handles: readiness of a descriptor that belongs to somebody else. */
#include "core.h"
#include "fd.h"
#include "io.h"

static const unsigned int known_events = UV_READABLE | UV_WRITABLE | UV_DISCONNECT | UV_PRIORITIZED;

static unsigned int to_kernel(unsigned int events) {
  unsigned int bits = 0;

  if (events & UV_READABLE)
    bits |= POLLIN;
  if (events & UV_WRITABLE)
    bits |= POLLOUT;
  if (events & UV_DISCONNECT)
    bits |= POLLRDHUP;
  if (events & UV_PRIORITIZED)
    bits |= POLLPRI;
  return bits;
}

/* A hang-up or an error makes reads and writes return at once, so it counts as both for those who
 * wait for either; a hang-up alone, as pipes have it, is all that will ever come. */
static int from_kernel(unsigned int bits, unsigned int wanted) {
  int events = 0;

  if (bits == POLLHUP)
    bits |= wanted;
  if (bits & (POLLHUP | POLLERR))
    bits |= wanted & (POLLIN | POLLOUT);
  if (bits & POLLIN)
    events |= UV_READABLE;
  if (bits & POLLOUT)
    events |= UV_WRITABLE;
  if (bits & POLLRDHUP)
    events |= UV_DISCONNECT;
  if (bits & POLLPRI)
    events |= UV_PRIORITIZED;
  return events;
}

static void stop(uv_poll_t* poll) {
  uv__io_close(poll->loop, &poll->io_watcher);
  uv__handle_stop(uv__handle(poll));
}

static void on_event(uv_loop_t* loop, uv__io_t* watcher, unsigned int bits) {
  uv_poll_t* poll = uv__container(watcher, uv_poll_t, io_watcher);
  int status = 0;
  int events = 0;

  (void) loop;
  /* Attributes in sysfs report POLLERR with POLLPRI; anything else is a descriptor gone bad. */
  if ((bits & POLLERR) && !(bits & POLLPRI)) {
    stop(poll);
    status = UV_EBADF;
  } else {
    events = from_kernel(bits, watcher->pevents);
  }
  if (poll->poll_cb != NULL)
    poll->poll_cb(poll, status, events);
}

static enum uv__close_result poll_close(uv_handle_t* handle) {
  stop((uv_poll_t*) handle);
  return UV__CLOSE_DONE;
}

static const struct uv__handle_ops poll_ops = {
    .close = poll_close,
};

int uv_poll_init(uv_loop_t* loop, uv_poll_t* poll, int fd) {
  int err;

  if (uv__io_watched(loop, fd))
    return UV_EEXIST;
  err = uv__backend_can_watch(loop, fd);
  if (err == 0)
    err = uv__set_nonblocking(fd, true);
  if (err != 0)
    return err;

  uv__handle_init(loop, uv__handle(poll), UV_POLL, &poll_ops);
  uv__io_init(&poll->io_watcher, on_event, fd);
  poll->poll_cb = NULL;
  return 0;
}

int uv_poll_init_socket(uv_loop_t* loop, uv_poll_t* poll, uv_os_sock_t socket) {
  return uv_poll_init(loop, poll, socket);
}

int uv_poll_start(uv_poll_t* poll, int events, uv_poll_cb cb) {
  uv__io_t* watcher = &poll->io_watcher;
  unsigned int wanted = (unsigned int) events;
  int err;

  if ((wanted & ~known_events) != 0 || uv__is_closing(uv__handle(poll)))
    return UV_EINVAL;
  if (watcher->pevents == 0 && uv__io_watched(poll->loop, watcher->fd))
    return UV_EEXIST;
  if (wanted == 0)
    return uv_poll_stop(poll);
  /* The descriptor may have been replaced while the handle was stopped. */
  err = uv__io_reserve(poll->loop, watcher->fd);
  if (err != 0)
    return err;

  wanted = to_kernel(wanted);
  uv__io_stop(poll->loop, watcher, watcher->pevents & ~wanted);
  uv__io_start(poll->loop, watcher, wanted);
  poll->poll_cb = cb;
  uv__handle_start(uv__handle(poll));
  return 0;
}

int uv_poll_stop(uv_poll_t* poll) {
  if (uv__is_closing(uv__handle(poll)))
    return UV_EINVAL;
  stop(poll);
  return 0;
}
