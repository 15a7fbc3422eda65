/* The end of one child as an event of the loop, as the system has it: linux_child.c, by a
 * descriptor of the child, or kqueue_process.c, by a filter. */
#ifndef RONDO_UNIX_CHILD_EVENT_H_
#define RONDO_UNIX_CHILD_EVENT_H_

#include "io.h"

/* Has the watcher's callback run when the child has ended, after those of the other events that
 * came with that one: 0, or an error where the end has to be noticed in another way. The watcher
 * gets `pidfd`, a descriptor of the child, in any case; -1 if there is none. */
int uv__child_event_start(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid, int pidfd);

/* Ends that, if it was started, and gives the descriptor back. */
void uv__child_event_stop(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid);

/* Reaps the child if it has ended: whether there is nothing more to wait for. `*status` and
 * `*signum` are how it ended, or both -1 if somebody else has reaped it. */
bool uv__child_reap(const uv__io_t* watcher, uv_pid_t pid, int* status, int* signum);

/* Sends a signal to a child that has not been reaped: 0 or an error. */
int uv__child_signal(const uv__io_t* watcher, uv_pid_t pid, int signum);

#endif /* RONDO_UNIX_CHILD_EVENT_H_ */
