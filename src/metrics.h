/* Counting of turns, events and time spent waiting. */
#ifndef RONDO_METRICS_H_
#define RONDO_METRICS_H_

#include "loop_state.h"

/* Marks the start and the end of a wait that may block; free of cost unless idle time is counted.
 */
void uv__metrics_wait_begin(uv_loop_t* loop);
void uv__metrics_wait_end(uv_loop_t* loop);

/* Counts finished work. The first of a wake came with an event of the backend's: it counts the
 * others. */
void uv__metrics_count_work(uv_loop_t* loop);

static inline bool uv__metrics_idle_counted(const uv_loop_t* loop) {
  return (uv__state(loop)->options & UV__LOOP_METRICS_IDLE) != 0;
}

#endif /* RONDO_METRICS_H_ */
