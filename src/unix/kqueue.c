/* The set of descriptors in a kqueue.
 *
 * Changes are collected and made by the call that waits. Each filter carries the generation of its
 * descriptor's number. Reading and writing are filters of their own, whose events the kernel tells
 * one by one.
 *
 * Filters that are not of a descriptor but of a process carry their watcher. They are taken off
 * before it goes, and what the kernel told is handed to it before any callback runs, so there is
 * always a watcher behind them. */
#include "kqueue.h"
#include "select_thread.h"

#include "../backend.h"
#include "../loop_state.h"
#include "fd.h"
#include "fd_name.h"
#include "interest.h"

#include <errno.h>
#include <stdint.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  MOST_CHANGES = 1024,    /* what does not go into the list is told at once */
  RETRY_INTERVAL_MS = 100 /* how soon to try again what the kernel had no memory for */
};

/* These have other types on some systems. */
typedef __typeof__(((struct kevent*) NULL)->filter) filter_name;
typedef __typeof__(((struct kevent*) NULL)->flags) filter_flags;
typedef __typeof__(((struct kevent*) NULL)->udata) filter_udata;
#if defined(__NetBSD__)
typedef size_t change_count;
#else
typedef int change_count;
#endif

/* For out-of-band data; not all systems have it. */
#if defined(EVFILT_EXCEPT)
#define EXCEPT_EVENTS POLLPRI
#else
#define EXCEPT_EVENTS 0
#define EVFILT_EXCEPT EVFILT_READ
#define NOTE_OOB 0
#endif

/* Old ones cannot be woken by it: wake_pipe.c serves them. */
#if defined(EVFILT_USER)
#define USER_EVENTS UV__IO_WOKEN
#else
#define USER_EVENTS 0
#define EVFILT_USER EVFILT_READ
#define NOTE_TRIGGER 0
#endif

#define VNODE_NOTES \
  (NOTE_DELETE | NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_RENAME | NOTE_REVOKE)

/* The filters of descriptors, and the events for which they are there. */
static const struct filter {
  filter_name name;
  unsigned int events;
  unsigned int clear_for; /* of them, who waits for nothing else is told once */
  unsigned int notes;
} filters[] = {
    {EVFILT_READ, POLLIN | POLLRDHUP, POLLRDHUP, 0},
    {EVFILT_WRITE, POLLOUT, 0, 0},
    {EVFILT_EXCEPT, EXCEPT_EVENTS, 0, NOTE_OOB},
    {EVFILT_VNODE, UV__IO_VNODE, UV__IO_VNODE, VNODE_NOTES},
    {EVFILT_USER, USER_EVENTS, USER_EVENTS, 0},
};

enum { FILTERS = sizeof(filters) / sizeof(filters[0]) };

struct uv__kqueue {
  struct kevent changes[MOST_CHANGES];
  int count;
  struct uv__selector* selector; /* for what the queue refuses */
};

static int create(uv_loop_t* loop) {
  int fd = kqueue();
  int err;

  if (fd == -1)
    return UV__ERR(errno);
  err = uv__set_cloexec(fd, true);
  if (err != 0) {
    uv__close(fd);
    return err;
  }
  loop->backend_fd = fd;
  return 0;
}

int uv__interest_open(uv_loop_t* loop) {
  struct uv__kqueue* set = uv__malloc(sizeof(*set));
  int err = UV_ENOMEM;

  if (set != NULL) {
    set->count = 0;
    set->selector = NULL;
    err = create(loop);
  }
  if (err != 0) {
    uv__free(set);
    set = NULL;
  }
  uv__state(loop)->kqueue = set;
  return err;
}

void uv__interest_close(uv_loop_t* loop) {
  uv__select_close(&uv__state(loop)->kqueue->selector);
  if (loop->backend_fd != -1)
    uv__close(loop->backend_fd);
  loop->backend_fd = -1;
  uv__free(uv__state(loop)->kqueue);
  uv__state(loop)->kqueue = NULL;
}

/* The child of a fork has no queue of its parent's. The number is free, or somebody else's. */
int uv__interest_reopen(uv_loop_t* loop) {
  loop->backend_fd = -1;
  uv__state(loop)->kqueue->count = 0;
  uv__select_abandon(&uv__state(loop)->kqueue->selector);
  return create(loop);
}

int uv__backend_reserve(uv_loop_t* loop, unsigned int count) {
  (void) loop;
  (void) count;
  return 0;
}

/* -- Interest ---------------------------------------------------------------------------------- */

/* How a filter is to be set for these events: flags of EV_ADD, 0 for not at all. The peer's end is
 * seen by the filter for reading; who waits for nothing else is not woken again by data that stay.
 */
static filter_flags flags_for(const struct filter* filter, unsigned int events) {
  events &= filter->events;
  if (events == 0)
    return 0;
  return (events & ~filter->clear_for) == 0 ? EV_ADD | EV_CLEAR : EV_ADD;
}

/* Makes one change now: 0 or an errno. */
static int change_now(const uv_loop_t* loop, const struct kevent* change) {
  int r;

  do
    r = kevent(loop->backend_fd, change, 1, NULL, 0, NULL);
  while (r == -1 && errno == EINTR);
  return r == -1 ? errno : 0;
}

static struct kevent change_of(const uv_loop_t* loop, int fd, const struct filter* filter,
                               filter_flags flags) {
  struct kevent change;

  EV_SET(&change, (uintptr_t) fd, filter->name, flags, filter->notes, 0,
         (filter_udata) (uintptr_t) uv__state(loop)->generations[fd]);
  return change;
}

static int change_soon(uv_loop_t* loop, int fd, const struct filter* filter, filter_flags flags) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;
  struct kevent change = change_of(loop, fd, filter, flags);

  if (set->count == MOST_CHANGES)
    return UV__ERR(change_now(loop, &change));
  set->changes[set->count++] = change;
  return 0;
}

static int select_soon(uv_loop_t* loop, int fd, unsigned int wanted) {
  return uv__select_want(&uv__state(loop)->kqueue->selector, loop->backend_fd, fd,
                         uv__state(loop)->generations[fd], wanted);
}

int uv__interest_tell(uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted) {
  int err = 0;

  if (uv__select_has(uv__state(loop)->kqueue->selector, watcher->fd))
    return select_soon(loop, watcher->fd, wanted);
  for (int i = 0; i < FILTERS && err == 0; i++) {
    filter_flags before = flags_for(&filters[i], watcher->events);
    filter_flags after = flags_for(&filters[i], wanted);

    if (before == after)
      continue;
    /* Adding again would not take EV_CLEAR off. */
    if (before != 0)
      err = change_soon(loop, watcher->fd, &filters[i], EV_DELETE);
    if (after != 0)
      err = change_soon(loop, watcher->fd, &filters[i], after);
  }
  return err;
}

/* Where nobody is told that the last writer of a FIFO with a name has gone. */
#if defined(__APPLE__)
static bool hides_its_end(int fd, const struct stat* status) {
  char name[NAME_MAX + 1];

  return S_ISFIFO(status->st_mode) && uv__fd_name(fd, name);
}
#else
static bool hides_its_end(int fd, const struct stat* status) {
  (void) fd;
  (void) status;
  return false;
}
#endif

/* What is registered already is not tried: taking it off would end that. */
int uv__backend_can_watch(const uv_loop_t* loop, int fd) {
  struct kevent change;
  struct stat status;
  int err;

  if (fstat(fd, &status) != 0)
    return UV_EBADF;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || hides_its_end(fd, &status))
    return UV_EINVAL;
  if ((unsigned int) fd < loop->nwatchers && loop->watchers[fd] != NULL)
    return 0;
  EV_SET(&change, (uintptr_t) fd, EVFILT_READ, EV_ADD, 0, 0, 0);
  err = change_now(loop, &change);
  if (err != 0)
    return UV__ERR(err);
  change.flags = EV_DELETE;
  change_now(loop, &change);
  return 0;
}

/* Changes that are still in the list must not be made for the number's next owner. */
static void drop_changes(struct uv__kqueue* set, int fd) {
  int kept = 0;

  for (int i = 0; i < set->count; i++)
    if (set->changes[i].ident != (uintptr_t) fd)
      set->changes[kept++] = set->changes[i];
  set->count = kept;
}

void uv__backend_forget(uv_loop_t* loop, int fd, unsigned int events) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;

  if (set == NULL)
    return;
  drop_changes(set, fd);
  if (uv__select_forget(set->selector, fd))
    return;
  for (int i = 0; i < FILTERS; i++) {
    struct kevent change = change_of(loop, fd, &filters[i], EV_DELETE);

    if (events & filters[i].events)
      change_now(loop, &change);
  }
}

/* -- Beside readiness -------------------------------------------------------------------------- */

int uv__kqueue_start(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  int error = 0;

  uv__io_start(loop, watcher, events);
  for (int i = 0; i < FILTERS && error == 0; i++) {
    filter_flags flags = flags_for(&filters[i], events);
    struct kevent change = change_of(loop, watcher->fd, &filters[i], flags);

    if (flags != 0)
      error = change_now(loop, &change);
  }
  if (error != 0) {
    uv__io_close(loop, watcher);
    return UV__ERR(error);
  }
  watcher->events = watcher->pevents;
  uv__queue_remove(&watcher->watcher_queue);
  return 0;
}

int uv__kqueue_trigger(const uv_loop_t* loop) {
  struct kevent change;

  EV_SET(&change, (uintptr_t) loop->backend_fd, EVFILT_USER, 0, NOTE_TRIGGER, 0, 0);
  return change_now(loop, &change);
}

/* `events` of the watcher says whether the filter is there. */
int uv__kqueue_start_process(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid) {
  struct kevent change;
  int error;

  EV_SET(&change, (uintptr_t) pid, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0,
         (filter_udata) watcher);
  error = change_now(loop, &change);
  if (error == 0)
    watcher->events = POLLIN;
  return UV__ERR(error);
}

void uv__kqueue_stop_process(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid) {
  struct kevent change;

  if (watcher->events != 0) {
    EV_SET(&change, (uintptr_t) pid, EVFILT_PROC, EV_DELETE, NOTE_EXIT, 0, 0);
    change_now(loop, &change);
  }
  uv__io_close(loop, watcher);
}

static void on_process_event(uv_loop_t* loop, const struct kevent* event) {
  uv__io_t* watcher = (uv__io_t*) event->udata;

  watcher->events = 0;
  uv__io_feed(loop, watcher);
  uv__state(loop)->metrics.events++;
}

/* -- Waiting ----------------------------------------------------------------------------------- */

static unsigned int bits_of_notes(unsigned int notes) {
  unsigned int bits = 0;

  if (notes & (NOTE_WRITE | NOTE_EXTEND))
    bits |= UV__IO_WRITTEN;
  if (notes & NOTE_ATTRIB)
    bits |= UV__IO_ATTRIB;
  if (notes & (NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE))
    bits |= UV__IO_MOVED;
  return bits;
}

/* An event of the filter for reading that tells of the end stands for what is left to read before
 * it, too: reading finds the end, or the error that made it. So does writing. */
static unsigned int bits_of(const struct kevent* event) {
  bool is_end = (event->flags & EV_EOF) != 0;

  if (event->flags & EV_ERROR)
    return POLLERR;
  if (event->filter == EVFILT_READ)
    return is_end ? POLLIN | POLLRDHUP : POLLIN;
  if (event->filter == EVFILT_WRITE)
    return POLLOUT;
  if (event->filter == EVFILT_VNODE)
    return bits_of_notes((unsigned int) event->fflags);
  if (event->filter == EVFILT_USER)
    return UV__IO_WOKEN;
  return (event->fflags & NOTE_OOB ? POLLPRI : 0u) | (is_end ? POLLHUP : 0u);
}

/* A filter that was to be taken off was gone: with a descriptor that somebody closed. */
static bool is_no_news(const struct kevent* event) {
  return (event->flags & EV_ERROR) && (event->data == 0 || event->data == ENOENT);
}

/* Has a change made again that the kernel had no memory for; false for other events. */
static bool has_retried(uv_loop_t* loop, const struct kevent* event) {
  uv__io_t* watcher;

  if (!(event->flags & EV_ERROR) || event->data != ENOMEM)
    return false;
  /* It was made by this call, so nobody has let go of the descriptor since. */
  watcher = loop->watchers[event->ident];
  if (watcher != NULL) {
    watcher->events = 0;
    if (uv__queue_empty(&watcher->watcher_queue))
      uv__queue_push(&loop->watcher_queue, &watcher->watcher_queue);
  }
  return true;
}

/* Has the selector wait for a descriptor that the queue has refused; false for other events. */
static bool has_selected(uv_loop_t* loop, const struct kevent* event) {
  uv__io_t* watcher;

  if (!(event->flags & EV_ERROR) || event->data != EINVAL ||
      (event->filter != EVFILT_READ && event->filter != EVFILT_WRITE))
    return false;
  watcher = loop->watchers[event->ident];
  return watcher == NULL || select_soon(loop, watcher->fd, watcher->pevents & 0xffff) == 0;
}

/* Puts what was fetched into `events`, those of a descriptor that follow each other into one. */
static int convert(uv_loop_t* loop, const struct kevent* fetched, int count,
                   struct uv__event* events) {
  struct uv__selector* selector = uv__state(loop)->kqueue->selector;
  int n = 0;

  for (int i = 0; i < count; i++) {
    int fd = (int) fetched[i].ident;
    unsigned int generation = (unsigned int) (uintptr_t) fetched[i].udata;

    if (fetched[i].filter == EVFILT_PROC) {
      on_process_event(loop, &fetched[i]);
      continue;
    }
    if (is_no_news(&fetched[i]) || has_retried(loop, &fetched[i]) ||
        has_selected(loop, &fetched[i]))
      continue;
    if (n == 0 || events[n - 1].fd != fd || events[n - 1].generation != generation) {
      events[n].fd = fd;
      events[n].generation = generation;
      events[n].bits = 0;
      n++;
    }
    events[n - 1].bits |=
        uv__select_has(selector, fd) ? uv__select_take(selector, fd) : bits_of(&fetched[i]);
  }
  return n;
}

int uv__interest_wait(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;
  struct kevent fetched[UV__EVENT_BATCH];
  struct timespec timeout;
  int count;
  int n;

  uv__select_continue(set->selector);
  do {
    timeout.tv_sec = timeout_ms / 1000;
    timeout.tv_nsec = timeout_ms % 1000 * 1000000L;
    count = kevent(loop->backend_fd, set->changes, (change_count) set->count, fetched,
                   UV__EVENT_BATCH, timeout_ms == -1 ? NULL : &timeout);
    /* They are made even where a signal ended the wait. */
    set->count = 0;
    n = convert(loop, fetched, count, events);
    if (!uv__queue_empty(&loop->watcher_queue) &&
        (timeout_ms == -1 || timeout_ms > RETRY_INTERVAL_MS))
      timeout_ms = RETRY_INTERVAL_MS;
  } while (count > 0 && n == 0 && !uv__backend_has_pending(loop));
  return count == -1 ? -1 : n;
}

int uv__interest_look(uv_loop_t* loop, struct uv__event* events) {
  return uv__interest_wait(loop, events, 0);
}
