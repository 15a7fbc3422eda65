/* The epoll backend.
 *
 * Level-triggered: an event comes again until its cause is gone. Each registration carries the
 * descriptor and the generation of its number, which grows when a watcher lets go of the
 * descriptor, so an event that was already fetched for a closed descriptor is told from one for its
 * successor. */
#include "../backend.h"
#include "../loop_state.h"
#include "../metrics.h"
#include "fd.h"
#include "io.h"
#include "uring_look.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
  BATCH = 1024,           /* events fetched by one system call */
  BATCHES = 48,           /* full batches in a row before timers and others get their turn */
  RETRY_INTERVAL_MS = 100 /* how soon to settle what the kernel had no resources for */
};

/* -- Life -------------------------------------------------------------------------------------- */

static int create(uv_loop_t* loop) {
  int fd = epoll_create1(EPOLL_CLOEXEC);

  if (fd == -1)
    return UV__ERR(errno);
  loop->backend_fd = fd;
  return 0;
}

int uv__backend_init(uv_loop_t* loop) {
  uv__queue_init(&loop->pending_queue);
  uv__queue_init(&loop->watcher_queue);
  uv__queue_init(&loop->process_handles);
  uv__queue_init(&loop->async_handles);
  loop->signal_pipefd[0] = -1;
  loop->signal_pipefd[1] = -1;
  loop->async_io_watcher.fd = -1;
  loop->async_wfd = -1;
  loop->emfile_fd = -1;
  loop->inotify_fd = -1;
  uv__queue_init(&uv__state(loop)->paused_listeners);
  return create(loop);
}

static void close_submitter(uv_loop_t* loop) {
  if (uv__state(loop)->submitter != NULL)
    uv__state(loop)->submitter->close(loop);
}

void uv__backend_close(uv_loop_t* loop) {
  uv__look_close(loop);
  close_submitter(loop);
  if (loop->emfile_fd != -1)
    uv__close(loop->emfile_fd);
  if (loop->backend_fd != -1)
    uv__close(loop->backend_fd);
  loop->emfile_fd = -1;
  loop->backend_fd = -1;
  uv__free(loop->watchers);
  uv__free(uv__state(loop)->generations);
  loop->watchers = NULL;
  loop->nwatchers = 0;
}

int uv__backend_fork(uv_loop_t* loop) {
  /* The registrations live in a kernel object that the parent goes on using: leave it alone. */
  if (loop->backend_fd != -1)
    uv__close(loop->backend_fd);
  loop->backend_fd = -1;
  uv__look_close(loop);
  close_submitter(loop);

  for (unsigned int fd = 0; fd < loop->nwatchers; fd++) {
    uv__io_t* watcher = loop->watchers[fd];
    if (watcher == NULL)
      continue;
    watcher->events = 0;
    uv__queue_remove(&watcher->watcher_queue);
    uv__queue_push(&loop->watcher_queue, &watcher->watcher_queue);
  }
  return create(loop);
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

static int tell_kernel(const uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted) {
  struct epoll_event event;
  int op = EPOLL_CTL_MOD;

  memset(&event, 0, sizeof(event));
  event.events = wanted;
  event.data.u64 =
      (uint64_t) uv__state(loop)->generations[watcher->fd] << 32 | (uint32_t) watcher->fd;
  if (wanted == 0)
    op = EPOLL_CTL_DEL;
  else if (watcher->events == 0)
    op = EPOLL_CTL_ADD;

  if (epoll_ctl(loop->backend_fd, op, watcher->fd, &event) == 0)
    return 0;
  /* Added before under the same number, through a duplicate of the descriptor. */
  if (errno == EEXIST && epoll_ctl(loop->backend_fd, EPOLL_CTL_MOD, watcher->fd, &event) == 0)
    return 0;
  return errno;
}

static void release_slot(uv_loop_t* loop, uv__io_t* watcher) {
  watcher->events = 0;
  loop->watchers[watcher->fd] = NULL;
  loop->nfds--;
}

/* Tells the kernel what changed since the last wait. What epoll refuses stays on the list, to be
 * tried again before the next wait; a regular file, which it refuses for good, counts as ready, as
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
    int error = wanted == watcher->events ? 0 : tell_kernel(loop, watcher, wanted);

    if (wanted == 0) {
      release_slot(loop, watcher);
    } else if (error == 0) {
      watcher->events = wanted;
    } else {
      watcher->events = 0;
      uv__queue_push(&loop->watcher_queue, link);
      if (error == EPERM || error == EBADF) {
        watcher->cb(loop, watcher, error == EPERM ? wanted : wanted | POLLERR);
        done++;
      }
    }
  }
  return done;
}

int uv__backend_can_watch(const uv_loop_t* loop, int fd) {
  struct epoll_event event;

  memset(&event, 0, sizeof(event));
  event.events = POLLIN;
  if (epoll_ctl(loop->backend_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return epoll_ctl(loop->backend_fd, EPOLL_CTL_DEL, fd, &event) == 0 ? 0 : UV__ERR(errno);
  return errno == EEXIST ? 0 : UV__ERR(errno);
}

bool uv__backend_is_stale(const uv_loop_t* loop) {
  return !uv__queue_empty(&loop->watcher_queue) ||
         (uv__state(loop)->submitter != NULL && uv__state(loop)->submitter->has_prepared);
}

void uv__backend_forget(uv_loop_t* loop, int fd) {
  struct epoll_event unused; /* Linux before 2.6.9 wants one */

  memset(&unused, 0, sizeof(unused));
  epoll_ctl(loop->backend_fd, EPOLL_CTL_DEL, fd, &unused);
}

/* -- Waiting ----------------------------------------------------------------------------------- */

static int wait_once(uv_loop_t* loop, struct epoll_event* events, int timeout_ms) {
  sigset_t sigprof;
  int n;

  if (!(uv__state(loop)->options & UV__LOOP_BLOCK_SIGPROF))
    return epoll_wait(loop->backend_fd, events, BATCH, timeout_ms);

  sigemptyset(&sigprof);
  sigaddset(&sigprof, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &sigprof, NULL);
  n = epoll_wait(loop->backend_fd, events, BATCH, timeout_ms);
  pthread_sigmask(SIG_UNBLOCK, &sigprof, NULL);
  return n;
}

/* Waits, through signals, and refreshes the clock. A wait that signals cut may end a little early:
 * the loop looks at its timers and waits again. */
static int wait_for_events(uv_loop_t* loop, struct epoll_event* events, int timeout_ms) {
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

/* What is there already: to know that there is nothing, it may be enough to look. */
static int poll_without_waiting(uv_loop_t* loop, struct epoll_event* events) {
  int n;

  if (uv__look_finds_nothing(loop)) {
    uv__update_time(loop);
    return 0;
  }
  n = wait_for_events(loop, events, 0);
  uv__look_after_poll(loop, n);
  return n;
}

static int fetch(uv_loop_t* loop, struct epoll_event* events, int timeout_ms) {
  uv_metrics_t* metrics = &uv__state(loop)->metrics;
  bool* found_waiting = &uv__state(loop)->found_waiting;
  int n;

  *found_waiting = false;
  if (timeout_ms == 0) {
    n = poll_without_waiting(loop, events);
  } else if (!uv__metrics_idle_counted(loop)) {
    n = wait_for_events(loop, events, timeout_ms);
  } else if ((n = wait_for_events(loop, events, 0)) > 0) {
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

/* The watcher that an event is for; NULL if an earlier callback of the batch let go of it. */
static uv__io_t* watcher_of(const uv_loop_t* loop, const struct epoll_event* event) {
  uint32_t fd = (uint32_t) event->data.u64;
  uint32_t generation = (uint32_t) (event->data.u64 >> 32);

  return generation == uv__state(loop)->generations[fd] ? loop->watchers[fd] : NULL;
}

/* What of an event its watcher is to see. The kernel reports errors and hang-ups unasked. */
static unsigned int wanted_events(const uv__io_t* watcher, const struct epoll_event* event) {
  if (watcher->pevents == 0)
    return 0;
  return event->events & (watcher->pevents | POLLERR | POLLHUP);
}

/* Runs the callbacks of a batch: those that are to come last in a second pass. */
static int dispatch(uv_loop_t* loop, const struct epoll_event* events, int n, bool* had_last) {
  int done = 0;

  for (int pass = 0; pass < 2; pass++) {
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

int uv__backend_poll(uv_loop_t* loop, int timeout_ms) {
  struct epoll_event events[BATCH];
  bool had_last = false;
  int done = settle(loop);
  const struct uv__submitter* submitter = uv__state(loop)->submitter;

  if (submitter != NULL && submitter->has_prepared)
    submitter->submit(loop);
  if (done > 0)
    timeout_ms = 0;
  else if (uv__backend_is_stale(loop) && (timeout_ms == -1 || timeout_ms > RETRY_INTERVAL_MS))
    timeout_ms = RETRY_INTERVAL_MS;

  for (int batch = 0; batch < BATCHES && !had_last; batch++) {
    int n = fetch(loop, events, timeout_ms);
    done += dispatch(loop, events, n, &had_last);
    if (n < BATCH)
      break;
    timeout_ms = 0;
  }
  return done;
}
