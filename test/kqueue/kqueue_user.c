/* EVFILT_USER in the imitation of kqueue(2), by eventfds.
 *
 * Triggering is allowed in signal handlers, so it finds its eventfd without a lock, in a table
 * whose entries are one word each. */
#include "kqueue.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MOST = 65536, BITS = 20 };

/* Queue, ident and eventfd; 0: free. */
static _Atomic unsigned long long table[MOST];
static atomic_int used; /* entries from there on were never used */

static unsigned long long entry_of(int queue_fd, uintptr_t ident, int fd) {
  return 1ull << (3 * BITS) | (unsigned long long) queue_fd << (2 * BITS) |
         (unsigned long long) ident << BITS | (unsigned int) fd;
}

static bool is_for(unsigned long long entry, int queue_fd, uintptr_t ident) {
  return entry >> BITS == entry_of(queue_fd, ident, 0) >> BITS;
}

int kqueue_user_trigger(int queue_fd, uintptr_t ident) {
  const unsigned long long one = 1;

  for (int i = 0; i < used; i++) {
    unsigned long long entry = table[i];

    if (!is_for(entry, queue_fd, ident))
      continue;
    /* EAGAIN: it has been triggered, more often than can be counted. */
    if (write((int) (entry & ((1u << BITS) - 1)), &one, sizeof(one)) == -1 && errno != EAGAIN)
      return errno;
    return 0;
  }
  return ENOENT;
}

static int enter(int queue_fd, uintptr_t ident, int fd) {
  int i = 0;

  if (ident >> BITS != 0)
    return EINVAL;
  while (i < used && table[i] != 0)
    i++;
  if (i == MOST)
    return ENOMEM;
  table[i] = entry_of(queue_fd, ident, fd);
  if (i == used)
    used++;
  return 0;
}

static int start(struct queue* queue, struct note* note) {
  int error;

  note->source_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (note->source_fd == -1)
    return errno;
  error = kqueue_watch_source(queue, note->source_fd);
  return error != 0 ? error : enter(queue->fd, note->ident, note->source_fd);
}

int kqueue_user_apply(struct queue* queue, const struct kevent* change) {
  struct note* note = kqueue_note_find(queue, EVFILT_USER, change->ident);
  int error = 0;

  if (note == NULL && !(change->flags & EV_ADD))
    return ENOENT;
  if (change->flags & EV_DELETE) {
    kqueue_user_remove(queue, note);
    return 0;
  }
  if (note == NULL) {
    note = kqueue_note_add(queue, change);
    if (note == NULL)
      return ENOMEM;
    error = start(queue, note);
    if (error != 0) {
      kqueue_note_remove(queue, note);
      return error;
    }
  }
  if (change->flags & EV_ADD) {
    note->flags = change->flags;
    note->udata = change->udata;
    note->asked = NOTE_TRIGGER;
  }
  return change->fflags & NOTE_TRIGGER ? kqueue_user_trigger(queue->fd, change->ident) : 0;
}

void kqueue_user_remove(struct queue* queue, struct note* note) {
  for (int i = 0; i < used; i++)
    if (is_for(table[i], queue->fd, note->ident))
      table[i] = 0;
  kqueue_note_remove(queue, note);
}

/* With EV_CLEAR it is over; otherwise it stays. */
void kqueue_user_fetched(const struct note* note) {
  unsigned long long count;

  if ((note->flags & EV_CLEAR) && read(note->source_fd, &count, sizeof(count)) == -1)
    return;
}
