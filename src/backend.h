/* The contract between the loop and a platform.
 *
 * A backend tells the loop what happened in the system. The loop calls it from one thread, except
 * uv__backend_wake(). */
#ifndef RONDO_BACKEND_H_
#define RONDO_BACKEND_H_

#include "uv.h"

#include <stdbool.h>

/* Makes the kernel object that the loop waits on: 0 or an error, with nothing left behind. */
int uv__backend_init(uv_loop_t* loop);

/* Gives back all that the backend holds. */
void uv__backend_close(uv_loop_t* loop);

/* POSIX, in the child of a fork: new kernel objects in place of those shared with the parent, with
 * every descriptor watched as before. 0 or an error. */
int uv__backend_fork(uv_loop_t* loop);

/* Waits until something happens, for at most `timeout_ms` (-1: without limit; 0: not at all), runs
 * the callbacks of what did, and refreshes the loop's clock. Returns how many events there were; 0
 * means that the time is over. */
int uv__backend_poll(uv_loop_t* loop, int timeout_ms);

/* Callbacks that are due without anything from the kernel: whether there are any; runs them. */
bool uv__backend_has_pending(const uv_loop_t* loop);
void uv__backend_run_pending(uv_loop_t* loop);

/* Whether changes of interest have not been told to the kernel yet: somebody who waits on
 * uv_backend_fd() instead of running the loop would miss them. */
bool uv__backend_is_stale(const uv_loop_t* loop);

/* The options of uv_loop_configure() that concern the platform: 0 or an error. */
int uv__backend_block_signal(uv_loop_t* loop, int signum);
int uv__backend_use_sqpoll(uv_loop_t* loop);

/* Makes what uv__backend_wake() needs, after uv__backend_init(): 0 or an error. */
int uv__backend_wake_open(uv_loop_t* loop);

/* Gives that back, after uv__backend_close(). Nobody wakes the loop any more. */
void uv__backend_wake_close(uv_loop_t* loop);

/* POSIX, in the child of a fork, after uv__backend_fork(): the child no longer shares the parent's
 * wakes. 0 or an error. */
int uv__backend_wake_fork(uv_loop_t* loop);

/* Ends the present or the next wait and makes the loop run uv__loop_state.on_wake. Callable from
 * any thread and from signal handlers; keeps errno. */
void uv__backend_wake(uv_loop_t* loop);

#endif /* RONDO_BACKEND_H_ */
