/* What a loop needs beyond its public struct: one allocation behind uv_loop_t.internal_fields. */
#ifndef RONDO_LOOP_STATE_H_
#define RONDO_LOOP_STATE_H_

#include "core.h"
#include "mailbox.h"
#include "wheel.h"

/* What uv_loop_configure() turned on: bits of uv__loop_state.options. */
enum { UV__LOOP_METRICS_IDLE = 1, UV__LOOP_BLOCK_SIGPROF = 2 };

struct uv__loop_state {
  struct uv__mailbox mailbox;
  void (*on_wake)(uv_loop_t* loop); /* what the backend runs when somebody woke the loop */
  unsigned int options;
  unsigned int time_ns;         /* nanoseconds behind the millisecond in uv_loop_t.time */
  unsigned int closing_pending; /* handles whose close waits for something */
  struct uv__wheel wheel;

  uv_metrics_t metrics;
  uint64_t work_events; /* metrics.events when work was last counted */
  bool found_waiting;   /* the present events were counted as waiting ones */
  uv_mutex_t idle_lock; /* uv_metrics_idle_time() may come from any thread */
  uint64_t idle_ns;     /* time spent waiting, without the present wait */
  uint64_t idle_since;  /* start of the present wait in ns, 0 outside */

  struct uv__queue
      paused_listeners;    /* out of descriptors; resume_timer watches them again (POSIX) */
  uv_timer_t resume_timer; /* made when first needed */

  struct uv__mail_list caught_signals; /* of handles to call back after the other events (POSIX) */

  unsigned int* generations; /* of each descriptor number, as long as uv_loop_t.watchers (POSIX) */
};

static inline struct uv__loop_state* uv__state(const uv_loop_t* loop) {
  return loop->internal_fields;
}

/* Reads the clock into uv_loop_t.time (loop_time.c). */
void uv__update_time(uv_loop_t* loop);

#endif /* RONDO_LOOP_STATE_H_ */
