/* Descriptors that a loop watches.
 *
 * One watcher (uv__io_t) per descriptor. Interest changes are only noted here; the backend settles
 * them with the kernel right before it waits, so that what is stopped and started again in one turn
 * costs nothing. Events and interest are poll(2)'s bits. */
#ifndef RONDO_UNIX_IO_H_
#define RONDO_UNIX_IO_H_

#include "core.h"

#include <poll.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

/* In uv__io_t.pevents: called after all others of the same batch of events. */
#define UV__IO_LAST 0x40000000u

typedef void (*uv__io_cb)(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

/* Makes a stopped watcher of a descriptor, which may be -1 and set later. */
void uv__io_init(uv__io_t* watcher, uv__io_cb cb, int fd);

/* Makes room for watching `fd`, so that uv__io_start() cannot fail: 0, UV_ENOMEM, or UV_EBADF for a
 * number below 0. */
int uv__io_reserve(uv_loop_t* loop, int fd);

/* Adds `events` to the interest. The descriptor was reserved. */
void uv__io_start(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

/* Takes `events` off the interest. No callback for them any more, not even from the present batch.
 */
void uv__io_stop(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

/* Ends all interest and makes the kernel forget the descriptor now: the caller may close it, or
 * somebody else's number may reuse it, in the next line. A fed callback is dropped as well. */
void uv__io_close(uv_loop_t* loop, uv__io_t* watcher);

/* Has the callback run with POLLOUT in the next pending phase. */
static inline void uv__io_feed(uv_loop_t* loop, uv__io_t* watcher) {
  if (uv__queue_empty(&watcher->pending_queue))
    uv__queue_push(&loop->pending_queue, &watcher->pending_queue);
}

/* Whether the interest includes any of `events`. */
static inline bool uv__io_active(const uv__io_t* watcher, unsigned int events) {
  return (watcher->pevents & events) != 0;
}

/* Whether a started watcher of this loop has the descriptor. */
bool uv__io_watched(const uv_loop_t* loop, int fd);

/* -- The backend's side ------------------------------------------------------------------------ */

/* Has room for watching numbers below `count`, for good: 0 or UV_ENOMEM. */
int uv__backend_reserve(uv_loop_t* loop, unsigned int count);

/* Whether the kernel object can watch `fd`: 0, UV_EPERM for files and directories, UV_EBADF ... */
int uv__backend_can_watch(const uv_loop_t* loop, int fd);

/* Makes the kernel forget `fd`, which it was asked these events of. */
void uv__backend_forget(uv_loop_t* loop, int fd, unsigned int events);

#endif /* RONDO_UNIX_IO_H_ */
