/* The set of descriptors as poll(2) takes it: an array in the process, for systems that have
 * nothing better.
 *
 * The array has no holes and no order; `slots` says where a number's entry is. It changes where
 * interest changes and is not built anew for a wait. There is no descriptor that another loop could
 * wait for. */
#include "../loop_state.h"
#include "interest.h"
#include "io.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { SLICE_WAIT_MS = 20 };

int uv__interest_open(uv_loop_t* loop) {
  loop->backend_fd = -1;
  return 0;
}

void uv__interest_close(uv_loop_t* loop) {
  struct uv__poll_set* set = &uv__state(loop)->poll_set;

  uv__free(set->entries);
  uv__free(set->slots);
  memset(set, 0, sizeof(*set));
}

int uv__interest_reopen(uv_loop_t* loop) {
  uv__state(loop)->poll_set.count = 0;
  return 0;
}

/* -- Interest ---------------------------------------------------------------------------------- */

int uv__backend_reserve(uv_loop_t* loop, unsigned int count) {
  struct uv__poll_set* set = &uv__state(loop)->poll_set;
  struct pollfd* entries;
  unsigned int* slots;

  if (count <= set->room)
    return 0;
  entries = uv__realloc(set->entries, count * sizeof(*entries));
  if (entries == NULL)
    return UV_ENOMEM;
  set->entries = entries;
  slots = uv__realloc(set->slots, count * sizeof(*slots));
  if (slots == NULL)
    return UV_ENOMEM;
  set->slots = slots;
  memset(slots + set->room, 0, (count - set->room) * sizeof(*slots));
  set->room = count;
  return 0;
}

/* The entry of a number; NULL if it has none. */
static struct pollfd* entry_of(const struct uv__poll_set* set, int fd) {
  unsigned int slot;

  if ((unsigned int) fd >= set->room)
    return NULL;
  slot = set->slots[fd];
  return slot < set->count && set->entries[slot].fd == fd ? &set->entries[slot] : NULL;
}

/* The last entry takes the place. */
static void drop(struct uv__poll_set* set, struct pollfd* entry) {
  if (entry == NULL)
    return;
  *entry = set->entries[--set->count];
  set->slots[entry->fd] = (unsigned int) (entry - set->entries);
}

void uv__backend_forget(uv_loop_t* loop, int fd, unsigned int events) {
  struct uv__poll_set* set = &uv__state(loop)->poll_set;

  (void) events;
  drop(set, entry_of(set, fd));
}

int uv__interest_tell(uv_loop_t* loop, const uv__io_t* watcher, unsigned int wanted) {
  struct uv__poll_set* set = &uv__state(loop)->poll_set;
  struct pollfd* entry = entry_of(set, watcher->fd);

  if (wanted == 0) {
    drop(set, entry);
    return 0;
  }
  if (entry == NULL) {
    set->slots[watcher->fd] = set->count;
    entry = &set->entries[set->count++];
    entry->fd = watcher->fd;
  }
  entry->events = (short) wanted;
  return 0;
}

/* Files and directories would be ready always: refused, as the other sets do it. */
int uv__backend_can_watch(const uv_loop_t* loop, int fd) {
  struct stat status;

  (void) loop;
  if (fstat(fd, &status) != 0)
    return UV_EBADF;
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? UV_EPERM : 0;
}

/* -- Waiting ----------------------------------------------------------------------------------- */

/* A descriptor that was closed behind our back is reported as broken, and the next read or write
 * of it finds the error. */
static unsigned int bits_of(const struct pollfd* entry) {
  if (entry->revents & POLLNVAL)
    return (unsigned short) entry->events | POLLERR;
  return (unsigned short) entry->revents;
}

static int poll_slice(struct uv__poll_set* set, unsigned int first, unsigned int size,
                      int timeout_ms) {
  unsigned int left = set->count - first;

  return poll(set->entries + first, left < size ? left : size, timeout_ms);
}

/* How many entries poll(2) takes. */
static unsigned int slice_size(const struct uv__poll_set* set) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= set->count)
    return set->count;
  return (unsigned int) limit.rlim_cur;
}

/* Looks at all entries without waiting. A process that may have no descriptor cannot look. */
static int look_at_slices(struct uv__poll_set* set, unsigned int size) {
  int ready = 0;

  for (unsigned int first = 0; size > 0 && first < set->count; first += size) {
    int n = poll_slice(set, first, size, 0);
    if (n == -1)
      return -1;
    ready += n;
  }
  return ready;
}

/* Where the process may have fewer descriptors by now than it watches, poll(2) does not take all of
 * them: they are looked at in slices. One of those waits for a short time, then all are looked at
 * again, and it is the next one's turn to wait. */
static int poll_in_slices(struct uv__poll_set* set, int timeout_ms) {
  for (;;) {
    unsigned int size = slice_size(set);
    bool is_short = timeout_ms >= 0 && timeout_ms < SLICE_WAIT_MS;
    int ready = look_at_slices(set, size);

    if (ready != 0 || timeout_ms == 0)
      return ready;
    if (set->next >= set->count)
      set->next = 0;
    ready = poll_slice(set, set->next, size, is_short ? timeout_ms : SLICE_WAIT_MS);
    if (ready != 0 || is_short)
      return ready;
    set->next += size;
    if (timeout_ms > 0)
      timeout_ms -= SLICE_WAIT_MS;
  }
}

/* Goes round the array from where the last batch ended, so that nobody is left out for ever. */
int uv__interest_wait(uv_loop_t* loop, struct uv__event* events, int timeout_ms) {
  struct uv__poll_set* set = &uv__state(loop)->poll_set;
  int ready = poll(set->entries, set->count, timeout_ms);
  int n = 0;

  if (ready == -1 && errno == EINVAL)
    ready = poll_in_slices(set, timeout_ms);
  if (ready > (int) uv__state(loop)->batch_room)
    ready = (int) uv__state(loop)->batch_room;
  while (n < ready) {
    if (set->next >= set->count)
      set->next = 0;
    const struct pollfd* entry = &set->entries[set->next++];
    if (entry->revents == 0)
      continue;
    events[n].fd = entry->fd;
    events[n].generation = uv__state(loop)->generations[entry->fd];
    events[n].bits = bits_of(entry);
    n++;
  }
  return ready;
}

int uv__interest_look(uv_loop_t* loop, struct uv__event* events) {
  return uv__interest_wait(loop, events, 0);
}
