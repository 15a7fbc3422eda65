/* What a loop needs beyond its public struct: one allocation behind uv_loop_t.internal_fields. */
#ifndef RONDO_LOOP_STATE_H_
#define RONDO_LOOP_STATE_H_

#include "core.h"
#include "mailbox.h"
#include "wheel.h"

/* What uv_loop_configure() turned on: bits of uv__loop_state.options. */
enum { UV__LOOP_METRICS_IDLE = 1, UV__LOOP_BLOCK_SIGPROF = 2 };

/* Who gives the kernel something right before the loop waits: the backend calls it. */
struct uv__submitter {
  void (*submit)(uv_loop_t* loop);
  void (*close)(uv_loop_t* loop); /* also in the child of a fork */
  bool has_prepared;
};

/* See gather.h. */
struct uv__gather {
  bool is_used;              /* some stream gathers, or may have */
  unsigned int stream_flags; /* what a new stream begins with */
  unsigned int run_depth;    /* of calls of uv_run() */
  struct uv__queue streams;  /* of which something waits */
  struct uv__gather* outer;  /* of the loop whose callback runs this one */
  bool is_linked;
  void (*send)(uv_stream_t* stream);
};

/* See unix/poll.c. */
struct uv__poll_set {
  struct pollfd* entries;
  unsigned int* slots; /* by descriptor number */
  unsigned int count;
  unsigned int room;
  unsigned int next; /* where the events are looked for next */
};

/* See async.c. */
struct uv__sent_asyncs {
  struct uv__mail_list list; /* to be called in this turn */
  struct uv__mail mail;      /* calls them; its `run` is NULL unless it is on its way */
  unsigned int next_order;   /* of the next handle that is made */
};

struct uv__kqueue; /* see unix/kqueue.c */

struct uv__loop_state {
  struct uv__mailbox mailbox;
  void (*on_wake)(uv_loop_t* loop); /* what the backend runs when somebody woke the loop */
  unsigned int options;
  unsigned int time_ns;          /* nanoseconds behind the millisecond in uv_loop_t.time */
  unsigned int closing_pending;  /* handles whose close waits for something */
  struct uv__mail_list finished; /* by the loop's own thread: see finished.h */
  unsigned int batch_room;       /* events fetched at once: see unix/poll_phase.c */
  size_t batch_bytes;            /* in buffers that streams have filled in this batch (POSIX) */
  unsigned int files_asked;      /* file requests whose callbacks have not begun */
  struct uv__gather gather;
  struct uv__sent_asyncs asyncs;

  uv_metrics_t metrics;
  uint64_t work_events; /* metrics.events when work was last counted */
  bool found_waiting;   /* the present events were counted as waiting ones */
  uv_mutex_t idle_lock; /* uv_metrics_idle_time() may come from any thread */
  uint64_t idle_ns;     /* time spent waiting, without the present wait */
  uint64_t idle_since;  /* start of the present wait in ns, 0 outside */

  struct uv__queue
      paused_listeners;          /* out of descriptors; resume_timer watches them again (POSIX) */
  uv_timer_t resume_timer;       /* made when first needed */
  struct uv__queue paused_sends; /* without room; resend_timer tries again (POSIX) */
  uv_timer_t resend_timer;       /* made when first needed, with the list */

  struct uv__mail_list caught_signals; /* of handles to call back after the other events (POSIX) */

  struct uv__look* look;    /* made when turns are quiet (Linux) */
  unsigned int quiet_turns; /* without an event, as far as that matters (Linux) */
  bool look_refused;        /* there can be no look (Linux) */

  struct uv__submitter* submitter; /* NULL if there is none (POSIX) */
  bool fs_ring_refused;            /* there can be no ring for files (Linux) */

  struct uv__poll_set poll_set; /* what the loop waits on (POSIX, where that is poll(2)) */

  struct uv__kqueue* kqueue; /* as well (POSIX, where that is a kqueue) */

  unsigned int* generations; /* of each descriptor number, behind uv_loop_t.watchers (POSIX) */

  uv_req_t* posted_reqs;     /* finished ones, last posted first; atomic (Windows) */
  unsigned int wake_failed;  /* a wake that the port had no memory for; atomic (Windows) */
  unsigned long loop_thread; /* who ran the loop last; atomic (Windows) */

  struct uv__wheel wheel; /* last: begins without being zeroed, most of it is never used */
};

static inline struct uv__loop_state* uv__state(const uv_loop_t* loop) {
  return loop->internal_fields;
}

/* Reads the clock into uv_loop_t.time (loop_time.c). */
void uv__update_time(uv_loop_t* loop);

#endif /* RONDO_LOOP_STATE_H_ */
