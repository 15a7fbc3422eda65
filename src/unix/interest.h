/* The set of descriptors that a loop waits on, as the system has it: epoll.c, poll.c, or kqueue.c.
 *
 * poll_phase.c tells it what the watchers want and fetches the events. Events and interest are
 * poll(2)'s bits. What io.h calls the backend's side belongs to it too. */
#ifndef RONDO_UNIX_INTEREST_H_
#define RONDO_UNIX_INTEREST_H_

#include "uv.h"

/* What happened to a descriptor. */
struct uv__event {
  unsigned int bits;
  int fd;
  unsigned int generation; /* of the number, when the set was told of the descriptor */
};

enum { UV__EVENT_BATCH = 1024 /* the most events fetched at once */ };

/* Makes an empty set, and with it uv_loop_t.backend_fd: 0 or an error. */
int uv__interest_open(uv_loop_t* loop);

/* Gives it back. */
void uv__interest_close(uv_loop_t* loop);

/* In the child of a fork: an empty set instead, and what is shared with the parent stays as it is.
 * 0 or an error. */
int uv__interest_reopen(uv_loop_t* loop);

/* Tells the set that a watcher wants these events of its descriptor, none for 0, in place of
 * uv__io_t.events: 0 or an error. UV_EPERM: it is always ready, which the set cannot tell. */
int uv__interest_tell(uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted);

/* Fetches what is there, or waits until something is, for at most `timeout_ms` (-1: without limit).
 * Returns the number of events, which is at most uv__loop_state.batch_room, and that if there may
 * be more; a kqueue knows no such limit but UV__EVENT_BATCH. -1 with an errno, EINTR for one. */
int uv__interest_look(uv_loop_t* loop, struct uv__event* events);
int uv__interest_wait(uv_loop_t* loop, struct uv__event* events, int timeout_ms);

#endif /* RONDO_UNIX_INTEREST_H_ */
