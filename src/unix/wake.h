/* The descriptor through which other threads wake a loop: that of the watcher
 * uv_loop_t.async_io_watcher, -1 until uv__backend_wake_open(). */
#ifndef RONDO_UNIX_WAKE_H_
#define RONDO_UNIX_WAKE_H_

#include "uv.h"

/* Gives the descriptor back, if it is open. Nobody wakes the loop any more. */
void uv__wake_close(uv_loop_t* loop);

/* In the child of a fork: a new object under the same descriptor number, so that the child does not
 * take the parent's wakes: 0 or an error, with everything as before. Called before the backend
 * tells the child's kernel objects of the descriptors. */
int uv__wake_fork(uv_loop_t* loop);

#endif /* RONDO_UNIX_WAKE_H_ */
