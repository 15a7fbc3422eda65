/* A small kqueue(2) for Linux, after the manual pages: EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT,
 * EVFILT_VNODE, EVFILT_PROC (NOTE_EXIT) and EVFILT_USER (NOTE_TRIGGER).
 *
 * A queue is an epoll instance; what was added to it stands in tables. close(2) of programs that
 * are linked with it comes here first, since closing a descriptor takes its filters off. The child
 * of a fork has no queues. It differs from a real one where Linux does not tell:
 * - `fflags` of an event with EV_EOF is 0, not the socket's error: reading that would take it away.
 * - EV_CLEAR of readiness works if all filters of a descriptor have it; otherwise the events come
 *   again.
 * - Files that epoll refuses are ready always.
 * - What happens to files is looked at when events are fetched, so what is done and undone before
 *   (such as growing) may not be seen.
 * - It needs descriptors of its own, which may run out. */
#include "kqueue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { FETCHED = 256 };

/* close(2) by its names for the linker (--wrap). */
int __real_close(int fd);
int __wrap_close(int fd);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct queue** queues; /* by descriptor; NULL: none */
static size_t queue_count;

int kqueue_close_really(int fd) {
  return __real_close(fd);
}

static struct queue* find(int fd) {
  return fd >= 0 && (size_t) fd < queue_count ? queues[fd] : NULL;
}

/* -- The lives of queues ----------------------------------------------------------------------- */

static void remove_note(struct queue* queue, struct note* note) {
  if (note->filter == EVFILT_USER)
    kqueue_user_remove(queue, note);
  else if (note->filter == EVFILT_VNODE)
    kqueue_file_remove(queue, note);
  else
    kqueue_note_remove(queue, note);
}

/* But its own descriptor. */
static void free_queue(struct queue* queue) {
  /* First: the child of a fork must not end its parent's watches. */
  if (queue->inotify_fd != -1)
    kqueue_close_really(queue->inotify_fd);
  queue->inotify_fd = -1;
  while (queue->notes != NULL)
    remove_note(queue, queue->notes);
  free(queue->ready.items);
  queues[queue->fd] = NULL;
  free(queue);
}

static void before_fork(void) {
  pthread_mutex_lock(&lock);
}

static void after_fork(void) {
  pthread_mutex_unlock(&lock);
}

static void in_child(void) {
  for (size_t fd = 0; fd < queue_count; fd++) {
    if (queues[fd] == NULL)
      continue;
    free_queue(queues[fd]);
    kqueue_close_really((int) fd);
  }
  pthread_mutex_unlock(&lock);
}

static void set_up(void) {
  if (pthread_atfork(before_fork, after_fork, in_child) != 0)
    abort();
}

static bool reach(size_t index) {
  size_t room = queue_count == 0 ? 64 : queue_count;
  struct queue** grown;

  if (index < queue_count)
    return true;
  while (room <= index)
    room *= 2;
  grown = realloc(queues, room * sizeof(struct queue*));
  if (grown == NULL)
    return false;
  memset(grown + queue_count, 0, (room - queue_count) * sizeof(struct queue*));
  queues = grown;
  queue_count = room;
  return true;
}

static bool enter_queue(int fd) {
  struct queue* queue = calloc(1, sizeof(*queue));

  if (queue == NULL || !reach((size_t) fd)) {
    free(queue);
    return false;
  }
  queue->fd = fd;
  queue->inotify_fd = -1;
  queues[fd] = queue;
  return true;
}

int kqueue(void) {
  bool is_done;
  int fd;

  pthread_once(&once, set_up);
  fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd == -1)
    return -1;
  pthread_mutex_lock(&lock);
  is_done = enter_queue(fd);
  pthread_mutex_unlock(&lock);
  if (is_done)
    return fd;
  kqueue_close_really(fd);
  errno = ENOMEM;
  return -1;
}

/* What is closed is watched no more, even if something else keeps it open. */
int __wrap_close(int fd) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < queue_count; i++) {
    struct note* file;

    if (queues[i] == NULL)
      continue;
    kqueue_ready_close(queues[i], fd);
    file = kqueue_note_find(queues[i], EVFILT_VNODE, (uintptr_t) fd);
    if (file != NULL)
      kqueue_file_remove(queues[i], file);
  }
  if (find(fd) != NULL)
    free_queue(find(fd));
  pthread_mutex_unlock(&lock);
  return kqueue_close_really(fd);
}

/* -- Changes ----------------------------------------------------------------------------------- */

static int apply(struct queue* queue, const struct kevent* change) {
  if (kqueue_ready_has(change->filter))
    return kqueue_ready_apply(queue, change);
  switch (change->filter) {
    case EVFILT_VNODE:
      return kqueue_file_apply(queue, change);
    case EVFILT_PROC:
      return kqueue_process_apply(queue, change);
    case EVFILT_USER:
      return kqueue_user_apply(queue, change);
    default:
      return EINVAL;
  }
}

/* Answers the number of events that tell of changes; -1 with an errno. */
static int apply_all(struct queue* queue, const struct kevent* changes, int change_count,
                     struct kevent* events, int event_count) {
  int told = 0;

  for (int i = 0; i < change_count; i++) {
    struct kevent change = changes[i]; /* the arrays may be the same */
    int error = apply(queue, &change);

    if (error == 0 && !(change.flags & EV_RECEIPT))
      continue;
    if (told < event_count) {
      events[told] = change;
      events[told].flags = EV_ERROR;
      events[told].data = error;
      told++;
    } else if (error != 0) {
      errno = error;
      return -1;
    }
  }
  return told;
}

/* -- Events ------------------------------------------------------------------------------------ */

/* One of our own descriptors is readable: something happened to what it stands for. */
static void read_source(struct queue* queue, int fd) {
  if (fd == queue->inotify_fd) {
    kqueue_file_read(queue);
    return;
  }
  for (struct note* note = queue->notes; note != NULL; note = note->next)
    if (note->source_fd == fd)
      kqueue_note_tell(queue, note, note->asked);
}

/* A process that has ended is watched no more. */
static void fetch_note(struct queue* queue, struct note* note, struct kevent* event) {
  EV_SET(event, note->ident, note->filter, note->flags & (EV_CLEAR | EV_ONESHOT), note->told, 0,
         note->udata);
  if (note->filter == EVFILT_USER) {
    kqueue_user_fetched(note);
    note->told = 0;
  }
  if (note->flags & EV_CLEAR)
    note->told = 0;
  if ((note->flags & EV_ONESHOT) || note->filter == EVFILT_PROC)
    remove_note(queue, note);
}

static int tell_notes(struct queue* queue, struct kevent* events, int most) {
  unsigned long long last = queue->turn;
  struct note* note;
  int n = 0;

  while (n < most && (note = kqueue_note_first(queue)) != NULL && note->turn <= last) {
    /* Without EV_CLEAR it stays, behind the others. */
    note->turn = ++queue->turn;
    fetch_note(queue, note, &events[n++]);
  }
  return n;
}

static int milliseconds(const struct timespec* timeout) {
  if (timeout == NULL)
    return -1;
  return (int) (timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000);
}

/* For signal handlers it does not touch the lock. */
static bool is_trigger(const struct kevent* changes, int change_count, int event_count) {
  return change_count == 1 && event_count == 0 && changes->filter == EVFILT_USER &&
         changes->flags == 0 && (changes->fflags & NOTE_TRIGGER);
}

int kevent(int queue_fd, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout) {
  struct epoll_event fetched[FETCHED];
  int most = event_count / READY_FILTERS;
  int timeout_ms = milliseconds(timeout);
  struct queue* queue;
  int told = -1;
  int n;

  if (is_trigger(changes, change_count, event_count)) {
    errno = kqueue_user_trigger(queue_fd, changes->ident);
    return errno == 0 ? 0 : -1;
  }

  pthread_mutex_lock(&lock);
  queue = find(queue_fd);
  if (queue == NULL)
    errno = EBADF;
  else
    told = apply_all(queue, changes, change_count, events, event_count);
  if (queue != NULL && (queue->ready.always_count > 0 || kqueue_note_first(queue) != NULL))
    timeout_ms = 0;
  pthread_mutex_unlock(&lock);
  if (told != 0 || event_count == 0)
    return told;

  n = epoll_wait(queue_fd, fetched, most < FETCHED ? (most > 0 ? most : 1) : FETCHED, timeout_ms);
  if (n == -1)
    return -1;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < n; i++) {
    int fd = (int) (unsigned int) fetched[i].data.u64;

    if (fetched[i].data.u64 & SOURCE_BIT)
      read_source(queue, fd);
    else
      told += kqueue_ready_tell(queue, fd, fetched[i].events, events + told, event_count - told);
  }
  told += tell_notes(queue, events + told, event_count - told);
  told += kqueue_ready_tell_always(queue, events + told, event_count - told);
  pthread_mutex_unlock(&lock);
  return told;
}
