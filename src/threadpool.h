/* Work on other threads: one pool for the process, shared by all loops.
 *
 * A struct uv__work says itself where it is: `work` is what a thread is to call while it waits for
 * one, a mark of threadpool.c's once it is cancelled, and NULL from when a thread has it. So work
 * that was never submitted, in a request that was served at once, has NULL there. */
#ifndef RONDO_THREADPOOL_H_
#define RONDO_THREADPOOL_H_

#include "uv.h"

/* Slow work, such as name look-ups, never holds more than half of the threads. */
enum uv__work_kind { UV__WORK_FILE, UV__WORK_CPU, UV__WORK_SLOW };

/* Has a thread of the pool call run(work), then the loop's thread call done(work, status), where
 * status is 0, or UV_ECANCELED if the work was taken back before a thread had it. 0, or an error
 * with nothing queued: the pool or the loop's wake could not be made. Counting the request is the
 * caller's. */
int uv__work_submit(uv_loop_t* loop, struct uv__work* work, enum uv__work_kind kind,
                    void (*run)(struct uv__work* work),
                    void (*done)(struct uv__work* work, int status));

/* Takes work back: 0, and done() will come with UV_ECANCELED; or UV_EBUSY: it runs or has run. */
int uv__work_cancel(struct uv__work* work);

/* Has the pool do what is queued, then ends its threads and frees what it holds. The next use makes
 * a new one. */
void uv__threadpool_shutdown(void);

#endif /* RONDO_THREADPOOL_H_ */
