/* The set of descriptors in a kqueue.
 *
 * Changes are collected and made by the call that waits. Each filter carries the generation of its
 * descriptor's number. Reading and writing are filters of their own, whose events the kernel tells
 * one by one. */
#include "../loop_state.h"
#include "fd.h"
#include "interest.h"
#include "io.h"

#include <errno.h>
#include <stdint.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  FILTERS = 3,
  MOST_CHANGES = 1024 /* what does not go into the list is told at once */
};

/* For out-of-band data; not all systems have it. */
#if !defined(EVFILT_EXCEPT)
#define EVFILT_EXCEPT 0
#define NOTE_OOB 0
#endif

static const short filters[FILTERS] = {EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT};

struct uv__kqueue {
  struct kevent changes[MOST_CHANGES];
  int count;
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
    err = create(loop);
  }
  if (err != 0) {
    uv__free(set);
    set = NULL;
  }
  uv__state(loop)->kqueue = set;
  return err;
}

static void close_queue(uv_loop_t* loop) {
  if (loop->backend_fd != -1)
    uv__close(loop->backend_fd);
  loop->backend_fd = -1;
}

void uv__interest_close(uv_loop_t* loop) {
  close_queue(loop);
  uv__free(uv__state(loop)->kqueue);
  uv__state(loop)->kqueue = NULL;
}

/* The kernel gives a child no queue of its parent's; where it is an imitation, it is left alone. */
int uv__interest_reopen(uv_loop_t* loop) {
  close_queue(loop);
  uv__state(loop)->kqueue->count = 0;
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
static unsigned short flags_for(short filter, unsigned int events) {
  if (filter == EVFILT_READ && (events & POLLIN))
    return EV_ADD;
  if (filter == EVFILT_READ && (events & POLLRDHUP))
    return EV_ADD | EV_CLEAR;
  if (filter == EVFILT_WRITE && (events & POLLOUT))
    return EV_ADD;
  if (filter == EVFILT_EXCEPT && EVFILT_EXCEPT != 0 && (events & POLLPRI))
    return EV_ADD;
  return 0;
}

/* Makes one change now: 0 or an errno. */
static int change_now(const uv_loop_t* loop, const struct kevent* change) {
  return kevent(loop->backend_fd, change, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

static struct kevent change_of(const uv_loop_t* loop, int fd, short filter, unsigned short flags) {
  struct kevent change;

  EV_SET(&change, fd, filter, flags, filter == EVFILT_EXCEPT ? NOTE_OOB : 0, 0,
         (void*) (uintptr_t) uv__state(loop)->generations[fd]);
  return change;
}

static int change_soon(uv_loop_t* loop, int fd, short filter, unsigned short flags) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;
  struct kevent change = change_of(loop, fd, filter, flags);

  if (set->count == MOST_CHANGES)
    return UV__ERR(change_now(loop, &change));
  set->changes[set->count++] = change;
  return 0;
}

int uv__interest_tell(uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted) {
  int err = 0;

  for (int i = 0; i < FILTERS && err == 0; i++) {
    unsigned short before = flags_for(filters[i], watcher->events);
    unsigned short after = flags_for(filters[i], wanted);

    if (before == after)
      continue;
    /* Adding again would not take EV_CLEAR off. */
    if (before != 0)
      err = change_soon(loop, watcher->fd, filters[i], EV_DELETE);
    if (after != 0)
      err = change_soon(loop, watcher->fd, filters[i], after);
  }
  return err;
}

/* What is registered already is not tried: taking it off would end that. */
int uv__backend_can_watch(const uv_loop_t* loop, int fd) {
  struct kevent change;
  struct stat status;
  int err;

  if (fstat(fd, &status) != 0)
    return UV_EBADF;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
    return UV_EINVAL;
  if ((unsigned int) fd < loop->nwatchers && loop->watchers[fd] != NULL)
    return 0;
  EV_SET(&change, fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
  err = change_now(loop, &change);
  if (err != 0)
    return UV__ERR(err);
  change.flags = EV_DELETE;
  change_now(loop, &change);
  return 0;
}

void uv__backend_forget(uv_loop_t* loop, int fd) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;
  int kept = 0;

  if (set == NULL)
    return;
  for (int i = 0; i < set->count; i++)
    if (set->changes[i].ident != (uintptr_t) fd)
      set->changes[kept++] = set->changes[i];
  set->count = kept;

  for (int i = 0; i < FILTERS; i++) {
    struct kevent change = change_of(loop, fd, filters[i], EV_DELETE);

    if (filters[i] != 0)
      change_now(loop, &change);
  }
}

/* -- Waiting ----------------------------------------------------------------------------------- */

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
  return (event->fflags & NOTE_OOB ? POLLPRI : 0u) | (is_end ? POLLHUP : 0u);
}

/* A filter that was to be taken off was gone: with a descriptor that somebody closed. */
static bool is_no_news(const struct kevent* event) {
  return (event->flags & EV_ERROR) && (event->data == 0 || event->data == ENOENT);
}

/* Puts what was fetched into `events`, those of a descriptor that follow each other into one. */
static int convert(const struct kevent* fetched, int count, struct uv__event* events) {
  int n = 0;

  for (int i = 0; i < count; i++) {
    int fd = (int) fetched[i].ident;
    unsigned int generation = (unsigned int) (uintptr_t) fetched[i].udata;

    if (is_no_news(&fetched[i]))
      continue;
    if (n == 0 || events[n - 1].fd != fd || events[n - 1].generation != generation) {
      events[n].fd = fd;
      events[n].generation = generation;
      events[n].bits = 0;
      n++;
    }
    events[n - 1].bits |= bits_of(&fetched[i]);
  }
  return n;
}

int uv__interest_wait(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  struct uv__kqueue* set = uv__state(loop)->kqueue;
  struct kevent fetched[UV__EVENT_BATCH];
  struct timespec timeout;
  int count;
  int n;

  timeout.tv_sec = timeout_ms / 1000;
  timeout.tv_nsec = timeout_ms % 1000 * 1000000L;
  do {
    count = kevent(loop->backend_fd, set->changes, set->count, fetched, UV__EVENT_BATCH,
                   timeout_ms == -1 ? NULL : &timeout);
    /* They are made even where a signal ended the wait. */
    set->count = 0;
    n = convert(fetched, count, events);
  } while (count > 0 && n == 0);
  return count == -1 ? -1 : n;
}

int uv__interest_look(uv_loop_t* loop, struct uv__event* events) {
  return uv__interest_wait(loop, events, 0);
}
