/* What a loop's kqueue tells of beside readiness: wakes, files, processes.
 *
 * These filters are registered at once, not with the next wait. */
#ifndef RONDO_UNIX_KQUEUE_H_
#define RONDO_UNIX_KQUEUE_H_

#include "io.h"

/* Interest and events beside poll(2)'s bits. Of a watcher of an open file: */
#define UV__IO_WRITTEN 0x01000000u /* its data, or which entries a directory has */
#define UV__IO_ATTRIB 0x02000000u  /* its attributes */
#define UV__IO_MOVED 0x04000000u   /* it was renamed or deleted, or access to it revoked */
#define UV__IO_VNODE (UV__IO_WRITTEN | UV__IO_ATTRIB | UV__IO_MOVED)
/* Of one of the queue's own number, with which nothing else can be watched: */
#define UV__IO_WOKEN 0x08000000u

/* As uv__io_start() for these events; not for those of poll(2). 0, or an error and the watcher is
 * stopped. */
int uv__kqueue_start(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

/* Makes uv__kqueue_start() of UV__IO_WOKEN come true: 0 or an errno. Callable from any thread and
 * from signal handlers. */
int uv__kqueue_trigger(const uv_loop_t* loop);

/* Has the callback of a watcher without a descriptor run in a pending phase when a process has
 * ended: 0; UV_ESRCH if it has ended already; or another error. */
int uv__kqueue_start_process(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid);

/* Ends that. */
void uv__kqueue_stop_process(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid);

#endif /* RONDO_UNIX_KQUEUE_H_ */
