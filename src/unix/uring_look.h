/* Looking instead of asking: whether a loop's epoll descriptor has events, seen in memory.
 *
 * A turn of the loop that does not wait asks epoll_wait(2) whether anything happened. After some
 * turns in which nothing did, a ring polls the epoll descriptor, and the next turns read in the
 * ring's memory that nothing has changed, which takes no system call. */
#ifndef RONDO_UNIX_URING_LOOK_H_
#define RONDO_UNIX_URING_LOOK_H_

#include "uv.h"

#include <stdbool.h>

/* Whether it is certain that epoll_wait(2) would report nothing. The kernel has been told of all
 * interest. */
bool uv__look_finds_nothing(uv_loop_t* loop);

/* What epoll_wait(2) reported, without waiting: from then on it may be enough to look. */
void uv__look_after_poll(uv_loop_t* loop, int events);

/* Gives the ring back; also in the child of a fork. */
void uv__look_close(uv_loop_t* loop);

#endif /* RONDO_UNIX_URING_LOOK_H_ */
