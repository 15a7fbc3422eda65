/* Readiness of descriptors in the imitation of kqueue(2), by epoll: EVFILT_READ, EVFILT_WRITE,
 * EVFILT_EXCEPT. */
#include "kqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static const short filters[READY_FILTERS] = {EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT};
static const unsigned int bits_asked[READY_FILTERS] = {EPOLLIN | EPOLLRDHUP, EPOLLOUT, EPOLLPRI};
static const unsigned int bits_told[READY_FILTERS] = {EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR,
                                                      EPOLLOUT | EPOLLHUP | EPOLLERR,
                                                      EPOLLPRI | EPOLLHUP | EPOLLERR};
static const unsigned int bits_of_end[READY_FILTERS] = {EPOLLRDHUP | EPOLLHUP, EPOLLHUP | EPOLLERR,
                                                        EPOLLHUP | EPOLLERR};

static int index_of(short filter) {
  for (int i = 0; i < READY_FILTERS; i++)
    if (filters[i] == filter)
      return i;
  return -1;
}

bool kqueue_ready_has(short filter) {
  return index_of(filter) != -1;
}

/* -- Changes ----------------------------------------------------------------------------------- */

static bool reach(struct ready_table* table, size_t index) {
  size_t room = table->count == 0 ? 64 : table->count;
  struct ready* grown;

  if (index < table->count)
    return true;
  while (room <= index)
    room *= 2;
  grown = realloc(table->items, room * sizeof(*grown));
  if (grown == NULL)
    return false;
  memset(grown + table->count, 0, (room - table->count) * sizeof(*grown));
  table->items = grown;
  table->count = room;
  return true;
}

/* What epoll is asked for; 0 without filters. */
static unsigned int mask_of(const struct ready* ready) {
  unsigned int mask = 0;
  bool all_clear = true;

  for (int i = 0; i < READY_FILTERS; i++) {
    if (!ready->notes[i].is_added)
      continue;
    mask |= bits_asked[i];
    all_clear = all_clear && (ready->notes[i].flags & EV_CLEAR);
  }
  return mask != 0 && all_clear ? mask | EPOLLET : mask;
}

static void set_always(struct queue* queue, struct ready* ready, bool value) {
  queue->ready.always_count += (int) value - (int) ready->is_always;
  ready->is_always = value;
}

static int control(const struct queue* queue, int op, int fd, unsigned int mask) {
  struct epoll_event event = {.events = mask, .data = {.u64 = (unsigned int) fd}};

  if (epoll_ctl(queue->fd, op, fd, &event) == 0)
    return 0;
  return errno == ENOSPC ? ENOMEM : errno;
}

/* To a pipe without readers, nobody can add a filter for writing. */
static bool has_no_readers(int fd) {
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  struct stat status;

  return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && poll(&entry, 1, 0) == 1 &&
         (entry.revents & POLLERR);
}

static int add(struct queue* queue, int fd, int i, const struct kevent* change) {
  struct ready* ready = &queue->ready.items[fd];
  struct ready_note old = ready->notes[i];
  unsigned int mask_before = mask_of(ready);
  int error;

  if (filters[i] == EVFILT_WRITE && !old.is_added && has_no_readers(fd))
    return EPIPE;
  ready->notes[i] = (struct ready_note){true, change->flags, change->udata};
  error = control(queue, mask_before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, mask_of(ready));
  if (error == ENOENT && !ready->is_always) {
    /* Something else was put in the place of the descriptor, by dup2(2). */
    memset(ready->notes, 0, sizeof(ready->notes));
    memset(&old, 0, sizeof(old));
    ready->notes[i] = (struct ready_note){true, change->flags, change->udata};
    error = control(queue, EPOLL_CTL_ADD, fd, mask_of(ready));
  }
  if (error == EEXIST)
    error = control(queue, EPOLL_CTL_MOD, fd, mask_of(ready));
  set_always(queue, ready, error == EPERM || (error == ENOENT && ready->is_always));
  if (ready->is_always)
    return 0;
  if (error != 0)
    ready->notes[i] = old;
  return error;
}

static int take_off(struct queue* queue, int fd, int i) {
  struct ready* ready = &queue->ready.items[fd];
  unsigned int mask;
  int error;

  if (!ready->notes[i].is_added)
    return ENOENT;
  memset(&ready->notes[i], 0, sizeof(ready->notes[i]));
  mask = mask_of(ready);
  if (ready->is_always) {
    set_always(queue, ready, mask != 0);
    return 0;
  }
  error = control(queue, mask == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, fd, mask);
  if (error != 0)
    memset(ready->notes, 0, sizeof(ready->notes));
  return error;
}

int kqueue_ready_apply(struct queue* queue, const struct kevent* change) {
  int fd = (int) change->ident;
  int i = index_of(change->filter);

  if (fcntl(fd, F_GETFD) == -1)
    return EBADF;
  if (!reach(&queue->ready, (size_t) fd))
    return ENOMEM;
  if (change->flags & EV_ADD)
    return add(queue, fd, i, change);
  if (change->flags & EV_DELETE)
    return take_off(queue, fd, i);
  return queue->ready.items[fd].notes[i].is_added ? 0 : ENOENT;
}

void kqueue_ready_close(struct queue* queue, int fd) {
  struct ready* ready;

  if ((size_t) fd >= queue->ready.count)
    return;
  ready = &queue->ready.items[fd];
  if (mask_of(ready) != 0)
    control(queue, EPOLL_CTL_DEL, fd, 0);
  set_always(queue, ready, false);
  memset(ready, 0, sizeof(*ready));
}

/* -- Events ------------------------------------------------------------------------------------ */

static int64_t bytes_to_read(int fd) {
  int bytes = 0;

  return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

int kqueue_ready_tell(struct queue* queue, int fd, unsigned int bits, struct kevent* events,
                      int most) {
  int n = 0;

  if ((size_t) fd >= queue->ready.count)
    return 0;
  for (int i = 0; i < READY_FILTERS && n < most; i++) {
    const struct ready_note* note = &queue->ready.items[fd].notes[i];

    if (!note->is_added || (bits & bits_told[i]) == 0)
      continue;
    EV_SET(&events[n], fd, filters[i], note->flags & (EV_CLEAR | EV_ONESHOT), 0, 0, note->udata);
    if (bits & bits_of_end[i])
      events[n].flags |= EV_EOF;
    if (filters[i] == EVFILT_READ)
      events[n].data = bytes_to_read(fd);
    if (filters[i] == EVFILT_EXCEPT && (bits & EPOLLPRI))
      events[n].fflags = NOTE_OOB;
    n++;
    if (note->flags & EV_ONESHOT)
      take_off(queue, fd, i);
  }
  return n;
}

int kqueue_ready_tell_always(struct queue* queue, struct kevent* events, int most) {
  int n = 0;

  for (size_t fd = 0; fd < queue->ready.count && n + READY_FILTERS <= most; fd++)
    if (queue->ready.items[fd].is_always)
      n += kqueue_ready_tell(queue, (int) fd, EPOLLIN | EPOLLOUT, events + n, most - n);
  return n;
}
