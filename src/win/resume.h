/* Waking of loops when the machine comes back from sleep: the timers of a wait that began before
 * may be due. */
#ifndef RONDO_WIN_RESUME_H_
#define RONDO_WIN_RESUME_H_

#include "uv.h"

/* From now on the loop's port gets an empty packet whenever the machine resumes. */
void uv__resume_watch(uv_loop_t* loop);

/* No more; the port may be closed. */
void uv__resume_forget(uv_loop_t* loop);

#endif /* RONDO_WIN_RESUME_H_ */
