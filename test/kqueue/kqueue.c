/* A small kqueue(2) over epoll, after the manual pages: readiness of descriptors by EVFILT_READ,
 * EVFILT_WRITE and EVFILT_EXCEPT.
 *
 * A queue is an epoll instance; what was added to it stands in a table of the process's. It differs
 * from a real one where epoll does not tell:
 * - `fflags` of an event with EV_EOF is 0, not the socket's error: reading that would take it away.
 * - EV_CLEAR works if all filters of a descriptor have it; otherwise the events come again.
 * - Closing a descriptor does not remove its filters while a duplicate of it is open.
 * - Files that epoll refuses are ready always. */
#include <sys/event.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

enum { FILTERS = 3, FETCHED = 256 };

static const short filters[FILTERS] = {EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT};
static const unsigned int bits_asked[FILTERS] = {EPOLLIN | EPOLLRDHUP, EPOLLOUT, EPOLLPRI};
static const unsigned int bits_told[FILTERS] = {EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR,
                                                EPOLLOUT | EPOLLHUP | EPOLLERR,
                                                EPOLLPRI | EPOLLHUP | EPOLLERR};
static const unsigned int bits_of_end[FILTERS] = {EPOLLRDHUP | EPOLLHUP, EPOLLHUP | EPOLLERR,
                                                  EPOLLHUP | EPOLLERR};

struct note {
  bool is_added;
  unsigned short flags;
  void* udata;
};

struct watched {
  struct note notes[FILTERS];
  bool always_ready;
};

struct queue {
  struct watched* watched; /* by descriptor */
  size_t count;
  int always_ready;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue* queues; /* by descriptor */
static size_t queue_count;

/* -- Tables ------------------------------------------------------------------------------------ */

/* Makes an array of `*count` items of `size` bytes reach to `index`, with zeros. */
static bool reach(void** array, size_t* count, size_t index, size_t size) {
  size_t room = *count == 0 ? 64 : *count;
  char* grown;

  if (index < *count)
    return true;
  while (room <= index)
    room *= 2;
  grown = realloc(*array, room * size);
  if (grown == NULL)
    return false;
  memset(grown + *count * size, 0, (room - *count) * size);
  *array = grown;
  *count = room;
  return true;
}

static int new_queue(int fd) {
  void* array = queues;

  if (!reach(&array, &queue_count, (size_t) fd, sizeof(*queues)))
    return ENOMEM;
  queues = array;
  /* One that was closed, maybe by the parent, had the number before. */
  free(queues[fd].watched);
  memset(&queues[fd], 0, sizeof(queues[fd]));
  return 0;
}

int kqueue(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  int error;

  if (fd == -1)
    return -1;
  pthread_mutex_lock(&lock);
  error = new_queue(fd);
  pthread_mutex_unlock(&lock);
  if (error == 0)
    return fd;
  errno = error;
  return -1;
}

/* -- Changes ----------------------------------------------------------------------------------- */

static int index_of(short filter) {
  for (int i = 0; i < FILTERS; i++)
    if (filters[i] == filter)
      return i;
  return -1;
}

/* What epoll is asked for; 0 without filters. */
static unsigned int mask_of(const struct watched* watched) {
  unsigned int mask = 0;
  bool all_clear = true;

  for (int i = 0; i < FILTERS; i++) {
    if (!watched->notes[i].is_added)
      continue;
    mask |= bits_asked[i];
    all_clear = all_clear && (watched->notes[i].flags & EV_CLEAR);
  }
  return mask != 0 && all_clear ? mask | EPOLLET : mask;
}

static void set_always_ready(struct queue* queue, struct watched* watched, bool value) {
  queue->always_ready += (int) value - (int) watched->always_ready;
  watched->always_ready = value;
}

static int control(int queue_fd, int op, int fd, unsigned int mask) {
  struct epoll_event event = {.events = mask, .data = {.fd = fd}};

  return epoll_ctl(queue_fd, op, fd, &event) == 0 ? 0 : errno;
}

static int add(int queue_fd, int fd, int i, const struct kevent* change) {
  struct queue* queue = &queues[queue_fd];
  struct watched* watched = &queue->watched[fd];
  struct note old = watched->notes[i];
  unsigned int mask_before = mask_of(watched);
  int error;

  watched->notes[i] = (struct note){true, change->flags, change->udata};
  error = control(queue_fd, mask_before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, mask_of(watched));
  if (error == ENOENT && !watched->always_ready) {
    /* The descriptor was closed, and the number has come back. */
    memset(watched->notes, 0, sizeof(watched->notes));
    memset(&old, 0, sizeof(old));
    watched->notes[i] = (struct note){true, change->flags, change->udata};
    error = control(queue_fd, EPOLL_CTL_ADD, fd, mask_of(watched));
  }
  if (error == EEXIST)
    error = control(queue_fd, EPOLL_CTL_MOD, fd, mask_of(watched));
  set_always_ready(queue, watched, error == EPERM || (error == ENOENT && watched->always_ready));
  if (watched->always_ready)
    return 0;
  if (error != 0)
    watched->notes[i] = old;
  return error;
}

static int delete (int queue_fd, int fd, int i) {
  struct queue* queue = &queues[queue_fd];
  struct watched* watched = &queue->watched[fd];
  unsigned int mask;
  int error;

  if (!watched->notes[i].is_added)
    return ENOENT;
  memset(&watched->notes[i], 0, sizeof(watched->notes[i]));
  mask = mask_of(watched);
  if (watched->always_ready) {
    set_always_ready(queue, watched, mask != 0);
    return 0;
  }
  error = control(queue_fd, mask == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, fd, mask);
  if (error != 0)
    memset(watched->notes, 0, sizeof(watched->notes));
  return error;
}

static int apply(int queue_fd, const struct kevent* change) {
  struct queue* queue = &queues[queue_fd];
  int fd = (int) change->ident;
  int i = index_of(change->filter);
  void* array = queue->watched;

  if (i == -1)
    return EINVAL;
  if (fcntl(fd, F_GETFD) == -1)
    return EBADF;
  if (!reach(&array, &queue->count, (size_t) fd, sizeof(*queue->watched)))
    return ENOMEM;
  queue->watched = array;
  if (change->flags & EV_ADD)
    return add(queue_fd, fd, i, change);
  if (change->flags & EV_DELETE)
    return delete (queue_fd, fd, i);
  return queue->watched[fd].notes[i].is_added ? 0 : ENOENT;
}

/* Answers the number of events that tell of changes; -1 with an errno. */
static int apply_all(int queue_fd, const struct kevent* changes, int change_count,
                     struct kevent* events, int event_count) {
  int told = 0;

  for (int i = 0; i < change_count; i++) {
    struct kevent change = changes[i]; /* the arrays may be the same */
    int error = apply(queue_fd, &change);

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

static int64_t bytes_to_read(int fd) {
  int bytes = 0;

  return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

/* What epoll tells of a descriptor, as up to FILTERS events. */
static int tell(int queue_fd, int fd, unsigned int bits, struct kevent* events) {
  struct queue* queue = &queues[queue_fd];
  int n = 0;

  if ((size_t) fd >= queue->count)
    return 0;
  for (int i = 0; i < FILTERS; i++) {
    const struct note* note = &queue->watched[fd].notes[i];

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
      delete (queue_fd, fd, i);
  }
  return n;
}

static int tell_always_ready(int queue_fd, struct kevent* events, int most) {
  const struct queue* queue = &queues[queue_fd];
  int n = 0;

  for (size_t fd = 0; fd < queue->count && n + FILTERS <= most; fd++)
    if (queue->watched[fd].always_ready)
      n += tell(queue_fd, (int) fd, EPOLLIN | EPOLLOUT, events + n);
  return n;
}

static int milliseconds(const struct timespec* timeout) {
  if (timeout == NULL)
    return -1;
  return (int) (timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000);
}

int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout) {
  struct epoll_event fetched[FETCHED];
  int most = event_count / FILTERS;
  int timeout_ms = milliseconds(timeout);
  int told;
  int n;

  if (fcntl(queue, F_GETFD) == -1)
    return -1;
  pthread_mutex_lock(&lock);
  told = apply_all(queue, changes, change_count, events, event_count);
  if (queues[queue].always_ready > 0)
    timeout_ms = 0;
  pthread_mutex_unlock(&lock);
  if (told != 0 || event_count == 0)
    return told;

  n = epoll_wait(queue, fetched, most < FETCHED ? most : FETCHED, timeout_ms);
  if (n == -1)
    return -1;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < n; i++)
    told += tell(queue, fetched[i].data.fd, fetched[i].events, events + told);
  told += tell_always_ready(queue, events + told, event_count - told);
  pthread_mutex_unlock(&lock);
  return told;
}
