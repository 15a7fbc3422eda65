/* What the loop's own thread has finished and is to tell about later: callbacks that must not run
 * inside the call that caused them. They run in the pending phase, first finished first. */
#ifndef RONDO_FINISHED_H_
#define RONDO_FINISHED_H_

#include "loop_state.h"

static inline void uv__finished_init(uv_loop_t* loop) {
  uv__mail_list_init(&uv__state(loop)->finished);
}

static inline bool uv__finished_has(const uv_loop_t* loop) {
  return uv__state(loop)->finished.first != NULL;
}

/* Has the loop's thread call mail->run(mail) in the next pending phase. */
static inline void uv__finished_push(uv_loop_t* loop, struct uv__mail* mail) {
  uv__mail_list_push(&uv__state(loop)->finished, mail);
}

/* Runs what was pushed so far. */
void uv__finished_run(uv_loop_t* loop);

#endif /* RONDO_FINISHED_H_ */
