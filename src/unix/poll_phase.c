/* The backend on POSIX, above the system's set of descriptors (interest.h): settling what watchers
 * want, waiting, dispatching.
 *
 * Level-triggered: an event comes again until its cause is gone. Each event carries the descriptor
 * and the generation of its number, which grows when a watcher lets go of the descriptor, so an
 * event that was already fetched for a closed descriptor is told from one for its successor. */
#include "../backend.h"
#include "../loop_state.h"
#include "../metrics.h"
#include "fd.h"
#include "interest.h"
#include "io.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

enum {
  BATCHES = 48,           /* full batches in a row before timers and others get their turn */
  LEAST_ROOM = 4,         /* in a batch */
  BATCH_BYTES = 1 << 19,  /* in full buffers: memory that the next batch finds in the cache */
  RETRY_INTERVAL_MS = 100 /* how soon to settle what the kernel had no resources for */
};

/* -- Life -------------------------------------------------------------------------------------- */

int uv__backend_init(uv_loop_t* loop) {
  uv__queue_init(&loop->pending_queue);
  uv__queue_init(&loop->watcher_queue);
  uv__queue_init(&loop->process_handles);
  uv__queue_init(&loop->async_handles);
  loop->signal_pipefd[0] = -1;
  loop->signal_pipefd[1] = -1;
  loop->async_wfd = -1;
  loop->emfile_fd = -1;
  uv__state(loop)->batch_room = UV__EVENT_BATCH;
  uv__queue_init(&uv__state(loop)->paused_listeners);
  return uv__interest_open(loop);
}

static void close_submitter(uv_loop_t* loop) {
  if (uv__state(loop)->submitter != NULL)
    uv__state(loop)->submitter->close(loop);
}

void uv__backend_close(uv_loop_t* loop) {
  uv__interest_close(loop);
  close_submitter(loop);
  if (loop->emfile_fd != -1)
    uv__close(loop->emfile_fd);
  loop->emfile_fd = -1;
  uv__free(loop->watchers);
  loop->watchers = NULL;
  loop->nwatchers = 0;
}

int uv__backend_fork(uv_loop_t* loop) {
  int err = uv__interest_reopen(loop);

  for (unsigned int fd = 0; fd < loop->nwatchers; fd++) {
    uv__io_t* watcher = loop->watchers[fd];
    if (watcher == NULL)
      continue;
    watcher->events = 0;
    uv__queue_remove(&watcher->watcher_queue);
    uv__queue_push(&loop->watcher_queue, &watcher->watcher_queue);
  }
  close_submitter(loop);
  return err;
}

int uv_backend_fd(const uv_loop_t* loop) {
  return loop->backend_fd;
}

int uv__backend_block_signal(uv_loop_t* loop, int signum) {
  if (signum != SIGPROF)
    return UV_EINVAL;
  uv__state(loop)->options |= UV__LOOP_BLOCK_SIGPROF;
  return 0;
}

int uv__backend_use_sqpoll(uv_loop_t* loop) {
  (void) loop; /* permission that is not made use of: no ring of this library polls its queue */
  return 0;
}

/* -- Interest ---------------------------------------------------------------------------------- */

static void release_slot(uv_loop_t* loop, uv__io_t* watcher) {
  watcher->events = 0;
  loop->watchers[watcher->fd] = NULL;
  loop->nfds--;
}

/* Tells the set what changed since the last wait. What it refuses stays on the list, to be tried
 * again before the next wait; a regular file, which epoll refuses for good, counts as ready, as
 * poll(2) has it, and the next read or write of a descriptor that its owner closed behind our back
 * finds the error. Returns how many callbacks that made. */
static int settle(uv_loop_t* loop) {
  struct uv__queue todo;
  struct uv__queue* link;
  int done = 0;

  uv__queue_move(&loop->watcher_queue, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    uv__io_t* watcher = uv__container(link, uv__io_t, watcher_queue);
    unsigned int wanted = watcher->pevents & ~UV__IO_LAST;
    int err = wanted == watcher->events ? 0 : uv__interest_tell(loop, watcher, wanted);

    if (wanted == 0) {
      release_slot(loop, watcher);
    } else if (err == 0) {
      watcher->events = wanted;
    } else {
      watcher->events = 0;
      uv__queue_push(&loop->watcher_queue, link);
      if (err == UV_EPERM || err == UV_EBADF) {
        watcher->cb(loop, watcher, err == UV_EPERM ? wanted : wanted | POLLERR);
        done++;
      }
    }
  }
  return done;
}

bool uv__backend_is_stale(const uv_loop_t* loop) {
  return !uv__queue_empty(&loop->watcher_queue) ||
         (uv__state(loop)->submitter != NULL && uv__state(loop)->submitter->has_prepared);
}

/* -- Waiting ----------------------------------------------------------------------------------- */

static int wait_once(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  sigset_t sigprof;
  int n;

  if (!(uv__state(loop)->options & UV__LOOP_BLOCK_SIGPROF))
    return uv__interest_wait(loop, events, timeout_ms);

  sigemptyset(&sigprof);
  sigaddset(&sigprof, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &sigprof, NULL);
  n = uv__interest_wait(loop, events, timeout_ms);
  pthread_sigmask(SIG_UNBLOCK, &sigprof, NULL);
  return n;
}

/* Waits, through signals, and refreshes the clock. A wait that signals cut may end a little early:
 * the loop looks at its timers and waits again. */
static int wait_for_events(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  uint64_t start = uv_now(loop);
  int n;

  for (;;) {
    n = wait_once(loop, events, timeout_ms);
    uv__update_time(loop);
    if (n != -1 || errno != EINTR)
      break;
    if (timeout_ms > 0) {
      uint64_t elapsed = uv_now(loop) - start;
      timeout_ms = elapsed < (uint64_t) timeout_ms ? timeout_ms - (int) elapsed : 0;
      start += elapsed;
    }
  }
  return n > 0 ? n : 0;
}

/* What is there already. */
static int poll_without_waiting(uv_loop_t* loop, struct uv__event* events) {
  int n;

  do
    n = uv__interest_look(loop, events);
  while (n == -1 && errno == EINTR);
  uv__update_time(loop);
  return n > 0 ? n : 0;
}

static int fetch(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  uv_metrics_t* metrics = &uv__state(loop)->metrics;
  bool* found_waiting = &uv__state(loop)->found_waiting;
  int n;

  *found_waiting = false;
  if (timeout_ms == 0) {
    n = poll_without_waiting(loop, events);
  } else if (!uv__metrics_idle_counted(loop)) {
    n = wait_for_events(loop, events, timeout_ms);
  } else if ((n = wait_for_events(loop, events, 0)) > 0 || uv__backend_has_pending(loop)) {
    metrics->events_waiting += (uint64_t) n;
    *found_waiting = true;
  } else {
    uv__metrics_wait_begin(loop);
    n = wait_for_events(loop, events, timeout_ms);
    uv__metrics_wait_end(loop);
  }
  metrics->events += (uint64_t) n;
  return n;
}

/* -- Dispatching ------------------------------------------------------------------------------- */

/* The watcher that an event is for; NULL if an earlier callback of the batch let go of it. */
static uv__io_t* watcher_of(const uv_loop_t* loop, const struct uv__event* event) {
  return event->generation == uv__state(loop)->generations[event->fd] ? loop->watchers[event->fd]
                                                                      : NULL;
}

/* What of an event its watcher is to see. The kernel reports errors and hang-ups unasked. */
static unsigned int wanted_events(const uv__io_t* watcher, const struct uv__event* event) {
  if (watcher->pevents == 0)
    return 0;
  return event->bits & (watcher->pevents | POLLERR | POLLHUP);
}

/* Runs the callbacks of a batch: those that are to come last in a second pass, if there is one. */
static int dispatch(uv_loop_t* loop, const struct uv__event* events, int n, int passes,
                    bool* had_last) {
  int done = 0;

  for (int pass = 0; pass < passes; pass++) {
    bool last_left = false;
    for (int i = 0; i < n; i++) {
      uv__io_t* watcher = watcher_of(loop, &events[i]);
      if (watcher == NULL)
        continue;
      if ((watcher->pevents & UV__IO_LAST) != (pass == 0 ? 0 : UV__IO_LAST)) {
        last_left = true;
        continue;
      }
      unsigned int seen = wanted_events(watcher, &events[i]);
      if (seen == 0) {
        if (uv__queue_empty(&watcher->watcher_queue))
          uv__queue_push(&loop->watcher_queue, &watcher->watcher_queue);
        continue;
      }
      watcher->cb(loop, watcher, seen);
      done++;
    }
    if (!last_left)
      break;
    *had_last = true;
  }
  return done;
}

/* Fetches fewer events at once while they are about much data: what has come is written, and its
 * memory used again, before more is read. */
static void set_room(struct uv__loop_state* state, int n) {
  size_t room = state->batch_room;

  if (state->batch_bytes > BATCH_BYTES)
    room = (size_t) n * BATCH_BYTES / state->batch_bytes;
  else if (state->batch_bytes < BATCH_BYTES / 4)
    room *= 2;
  if (room < LEAST_ROOM)
    room = LEAST_ROOM;
  state->batch_room = room < UV__EVENT_BATCH ? (unsigned int) room : UV__EVENT_BATCH;
}

int uv__backend_poll(uv_loop_t* loop, int timeout_ms) {
  struct uv__loop_state* state = uv__state(loop);
  struct uv__event events[UV__EVENT_BATCH];
  bool had_last = false;
  int done = settle(loop);

  if (state->submitter != NULL && state->submitter->has_prepared)
    state->submitter->submit(loop);
  if (done > 0)
    timeout_ms = 0;
  else if (uv__backend_is_stale(loop) && (timeout_ms == -1 || timeout_ms > RETRY_INTERVAL_MS))
    timeout_ms = RETRY_INTERVAL_MS;

  for (int batch = 0; batch < BATCHES && !had_last; batch++) {
    int room = (int) state->batch_room;
    int n = fetch(loop, events, timeout_ms);
    if (n == 0) {
      state->batch_room = UV__EVENT_BATCH;
      break;
    }
    bool is_cut = n >= room && room < UV__EVENT_BATCH;

    state->batch_bytes = 0;
    done += dispatch(loop, events, n, is_cut ? 1 : 2, &had_last);
    if (state->batch_bytes > BATCH_BYTES || room < UV__EVENT_BATCH)
      set_room(state, n);
    timeout_ms = 0;
    /* The ends of children and signals come after all that there is: there may be more. */
    if (is_cut && (had_last || state->caught_signals.first != NULL)) {
      state->batch_room = UV__EVENT_BATCH;
      had_last = false;
      continue;
    }
    /* Writes that are done come before more is read: their callbacks give memory back. */
    if (n < room || uv__backend_has_pending(loop))
      break;
  }
  /* What has no descriptor is fed. */
  return done == 0 && uv__backend_has_pending(loop) ? 1 : done;
}
