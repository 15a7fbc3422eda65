/* The set of descriptors in an epoll instance. Each registration carries the descriptor and the
 * generation of its number. */
#include "../loop_state.h"
#include "fd.h"
#include "interest.h"
#include "io.h"
#include "uring_look.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

int uv__interest_open(uv_loop_t* loop) {
  int fd = epoll_create1(EPOLL_CLOEXEC);

  if (fd == -1)
    return UV__ERR(errno);
  loop->backend_fd = fd;
  return 0;
}

void uv__interest_close(uv_loop_t* loop) {
  uv__look_close(loop);
  if (loop->backend_fd != -1)
    uv__close(loop->backend_fd);
  loop->backend_fd = -1;
}

/* The parent goes on using the instance, so the registrations in it are left alone. */
int uv__interest_reopen(uv_loop_t* loop) {
  uv__interest_close(loop);
  return uv__interest_open(loop);
}

int uv__backend_reserve(uv_loop_t* loop, unsigned int count) {
  (void) loop;
  (void) count;
  return 0;
}

int uv__interest_tell(uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted) {
  struct epoll_event event;
  int op = EPOLL_CTL_MOD;

  memset(&event, 0, sizeof(event));
  event.events = wanted;
  event.data.u64 =
      (uint64_t) uv__state(loop)->generations[watcher->fd] << 32 | (uint32_t) watcher->fd;
  if (wanted == 0)
    op = EPOLL_CTL_DEL;
  else if (watcher->events == 0)
    op = EPOLL_CTL_ADD;

  if (epoll_ctl(loop->backend_fd, op, watcher->fd, &event) == 0)
    return 0;
  /* Added before under the same number, through a duplicate of the descriptor. */
  if (errno == EEXIST && epoll_ctl(loop->backend_fd, EPOLL_CTL_MOD, watcher->fd, &event) == 0)
    return 0;
  return UV__ERR(errno);
}

int uv__backend_can_watch(const uv_loop_t* loop, int fd) {
  struct epoll_event event;

  memset(&event, 0, sizeof(event));
  event.events = POLLIN;
  if (epoll_ctl(loop->backend_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return epoll_ctl(loop->backend_fd, EPOLL_CTL_DEL, fd, &event) == 0 ? 0 : UV__ERR(errno);
  return errno == EEXIST ? 0 : UV__ERR(errno);
}

void uv__backend_forget(uv_loop_t* loop, int fd, unsigned int events) {
  struct epoll_event unused; /* Linux before 2.6.9 wants one */

  (void) events;
  memset(&unused, 0, sizeof(unused));
  epoll_ctl(loop->backend_fd, EPOLL_CTL_DEL, fd, &unused);
}

/* Where the kernel's events have the layout of ours, as on x86-64, they need no translation. */
enum {
  HAS_OUR_LAYOUT = sizeof(struct epoll_event) == sizeof(struct uv__event) &&
                   offsetof(struct epoll_event, events) == offsetof(struct uv__event, bits) &&
                   offsetof(struct epoll_event, data) == offsetof(struct uv__event, fd) &&
                   __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
};

int uv__interest_wait(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  struct epoll_event fetched[HAS_OUR_LAYOUT ? 1 : UV__EVENT_BATCH];
  int room = (int) uv__state(loop)->batch_room;
  int n;

  if (HAS_OUR_LAYOUT)
    return epoll_wait(loop->backend_fd, (void*) events, room, timeout_ms);
  n = epoll_wait(loop->backend_fd, fetched, room, timeout_ms);
  for (int i = 0; i < n; i++) {
    events[i].fd = (int) (uint32_t) fetched[i].data.u64;
    events[i].generation = (unsigned int) (fetched[i].data.u64 >> 32);
    events[i].bits = fetched[i].events;
  }
  return n;
}

/* To know that there is nothing, it may be enough to look into a ring's memory. */
int uv__interest_look(uv_loop_t* loop, struct uv__event* events) {
  int n;

  if (uv__look_finds_nothing(loop))
    return 0;
  n = uv__interest_wait(loop, events, 0);
  uv__look_after_poll(loop, n);
  return n;
}
