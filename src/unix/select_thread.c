/* The thread that waits by select(2) for descriptors that a kqueue refuses.
 *
 * What it waits for changes under a lock, and a byte in a pipe has it look at that. A descriptor
 * is let go of only when the thread has left the call that had it. */
#include "select_thread.h"

#include "core.h"
#include "fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/event.h>
#include <sys/select.h>

enum { FEWEST_SLOTS = 8, BITS = 32 };

/* The type is different on some systems. */
typedef __typeof__(((struct kevent*) NULL)->udata) filter_udata;

struct slot {
  int fd;
  unsigned int wanted;
  unsigned int told; /* what its filter was triggered for */
  bool is_taken;     /* that, by the loop */
};

/* A set of descriptors of any number: struct fd_set has room for few. */
struct bits {
  uint32_t* words;
  size_t count;
};

struct uv__selector {
  int queue;
  uv_file wake[2];
  uv_thread_t thread;
  uv_mutex_t lock;
  uv_cond_t has_left; /* the call in which it waited */
  struct slot* slots;
  size_t count;
  size_t room;
  unsigned int changes; /* how many there were */
  unsigned int seen;    /* how many of them the thread has seen */
  bool is_over;
};

/* -- In the thread ----------------------------------------------------------------------------- */

static bool make_room(struct bits* bits, int most) {
  size_t count = (size_t) most / BITS + 1;
  uint32_t* words;

  if (count <= bits->count)
    return true;
  words = uv__realloc(bits->words, count * sizeof(*words));
  if (words == NULL)
    return false;
  bits->words = words;
  bits->count = count;
  return true;
}

static void set_bit(struct bits* bits, int fd) {
  bits->words[fd / BITS] |= (uint32_t) 1 << fd % BITS;
}

static bool has_bit(const struct bits* bits, int fd) {
  return (bits->words[fd / BITS] >> fd % BITS & 1) != 0;
}

static void clear(struct bits* bits) {
  memset(bits->words, 0, bits->count * sizeof(*bits->words));
}

/* Fills the sets with what is to be waited for, and returns the highest number; -1 without memory
 * for that. */
static int fill(const struct uv__selector* selector, struct bits* in, struct bits* out) {
  int most = selector->wake[0];

  for (size_t i = 0; i < selector->count; i++)
    if (selector->slots[i].fd > most)
      most = selector->slots[i].fd;
  if (!make_room(in, most) || !make_room(out, most))
    return -1;
  clear(in);
  clear(out);
  set_bit(in, selector->wake[0]);
  for (size_t i = 0; i < selector->count; i++) {
    const struct slot* slot = &selector->slots[i];
    if (slot->told != 0)
      continue;
    if (slot->wanted & ~(unsigned) POLLOUT)
      set_bit(in, slot->fd);
    if (slot->wanted & POLLOUT)
      set_bit(out, slot->fd);
  }
  return most;
}

static void trigger(const struct uv__selector* selector, struct slot* slot, unsigned int events) {
  struct kevent change;

  slot->told = events;
  EV_SET(&change, (uintptr_t) slot->fd, EVFILT_USER, 0, NOTE_TRIGGER, 0, 0);
  kevent(selector->queue, &change, 1, NULL, 0, NULL);
}

/* Tells of what the sets have now. Where the call failed, one of the descriptors is bad: all are
 * told, and their owners find out. */
static void tell(struct uv__selector* selector, const struct bits* in, const struct bits* out,
                 bool has_failed) {
  for (size_t i = 0; i < selector->count; i++) {
    struct slot* slot = &selector->slots[i];
    unsigned int events = 0;

    if (slot->told != 0 || slot->wanted == 0)
      continue;
    if (has_failed || has_bit(in, slot->fd))
      events |= POLLIN;
    if (has_failed || has_bit(out, slot->fd))
      events |= POLLOUT;
    events &= slot->wanted;
    if (events != 0)
      trigger(selector, slot, events);
  }
}

static void take_wakes(const struct uv__selector* selector) {
  char wakes[64];

  while (uv__read(selector->wake[0], wakes, sizeof(wakes)) == (ssize_t) sizeof(wakes))
    continue;
}

/* Without memory for the sets there is nothing to wait for but a change, for which a pipe will do
 * that has a low number; the owners try without having been told. */
static void thread_main(void* arg) {
  struct uv__selector* selector = arg;
  struct bits in = {NULL, 0};
  struct bits out = {NULL, 0};

  uv_mutex_lock(&selector->lock);
  while (!selector->is_over) {
    int most = fill(selector, &in, &out);
    int r = -1;

    selector->seen = selector->changes;
    uv_cond_broadcast(&selector->has_left);
    uv_mutex_unlock(&selector->lock);
    if (most != -1)
      r = select(most + 1, (fd_set*) (void*) in.words, (fd_set*) (void*) out.words, NULL, NULL);
    else
      uv__wait_for(selector->wake[0], POLLIN);
    bool has_failed = most == -1 || (r == -1 && errno != EINTR);
    take_wakes(selector);
    uv_mutex_lock(&selector->lock);
    if (selector->seen == selector->changes && (r > 0 || has_failed))
      tell(selector, &in, &out, has_failed);
  }
  uv_mutex_unlock(&selector->lock);
  uv__free(in.words);
  uv__free(out.words);
}

/* -- In the loop ------------------------------------------------------------------------------- */

static void wake(const struct uv__selector* selector) {
  struct iovec byte = {.iov_base = (void*) "", .iov_len = 1};

  uv__writev(selector->wake[1], &byte, 1); /* a full pipe wakes as well */
}

static int open_members(struct uv__selector* selector) {
  int err = uv_pipe(selector->wake, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);

  if (err != 0)
    return err;
  err = uv_mutex_init(&selector->lock);
  if (err == 0) {
    err = uv_cond_init(&selector->has_left);
    if (err == 0)
      return 0;
    uv_mutex_destroy(&selector->lock);
  }
  uv__close(selector->wake[0]);
  uv__close(selector->wake[1]);
  return err;
}

static void close_members(struct uv__selector* selector) {
  uv_cond_destroy(&selector->has_left);
  uv_mutex_destroy(&selector->lock);
  uv__close(selector->wake[0]);
  uv__close(selector->wake[1]);
}

static int open_selector(struct uv__selector** result, int queue) {
  struct uv__selector* selector = uv__calloc(1, sizeof(*selector));
  int err;

  if (selector == NULL)
    return UV_ENOMEM;
  selector->queue = queue;
  err = open_members(selector);
  if (err == 0) {
    err = uv_thread_create(&selector->thread, thread_main, selector);
    if (err != 0)
      close_members(selector);
  }
  if (err != 0) {
    uv__free(selector);
    return err;
  }
  *result = selector;
  return 0;
}

void uv__select_abandon(struct uv__selector** selector) {
  if (*selector == NULL)
    return;
  uv__close((*selector)->wake[0]);
  uv__close((*selector)->wake[1]);
  uv__free((*selector)->slots);
  uv__free(*selector);
  *selector = NULL;
}

void uv__select_close(struct uv__selector** selector) {
  if (*selector == NULL)
    return;
  uv_mutex_lock(&(*selector)->lock);
  (*selector)->is_over = true;
  (*selector)->changes++;
  uv_mutex_unlock(&(*selector)->lock);
  wake(*selector);
  uv_thread_join(&(*selector)->thread);
  uv_cond_destroy(&(*selector)->has_left);
  uv_mutex_destroy(&(*selector)->lock);
  uv__select_abandon(selector);
}

/* -- Slots ------------------------------------------------------------------------------------- */

/* The thread changes no more of a slot than what is told, so this needs no lock. */
static struct slot* find(const struct uv__selector* selector, int fd) {
  for (size_t i = 0; selector != NULL && i < selector->count; i++)
    if (selector->slots[i].fd == fd)
      return &selector->slots[i];
  return NULL;
}

bool uv__select_has(const struct uv__selector* selector, int fd) {
  return find(selector, fd) != NULL;
}

/* The filter that the thread is going to trigger. */
static int add_filter(int queue, int fd, unsigned int generation) {
  struct kevent change;

  EV_SET(&change, (uintptr_t) fd, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0,
         (filter_udata) (uintptr_t) generation);
  return kevent(queue, &change, 1, NULL, 0, NULL) == 0 ? 0 : UV__ERR(errno);
}

static void remove_filter(int queue, int fd) {
  struct kevent change;

  EV_SET(&change, (uintptr_t) fd, EVFILT_USER, EV_DELETE, 0, 0, 0);
  kevent(queue, &change, 1, NULL, 0, NULL);
}

/* With the lock held. */
static struct slot* add_slot(struct uv__selector* selector, int fd) {
  struct slot* slot;

  if (selector->count == selector->room) {
    size_t room = selector->room == 0 ? FEWEST_SLOTS : selector->room * 2;
    struct slot* slots = uv__realloc(selector->slots, room * sizeof(*slots));
    if (slots == NULL)
      return NULL;
    selector->slots = slots;
    selector->room = room;
  }
  slot = &selector->slots[selector->count++];
  *slot = (struct slot){.fd = fd};
  return slot;
}

static int change_slot(struct uv__selector* selector, int fd, unsigned int wanted) {
  struct slot* slot;

  uv_mutex_lock(&selector->lock);
  slot = find(selector, fd);
  if (slot == NULL)
    slot = add_slot(selector, fd);
  if (slot != NULL) {
    slot->wanted = wanted;
    selector->changes++;
  }
  uv_mutex_unlock(&selector->lock);
  wake(selector);
  return slot != NULL ? 0 : UV_ENOMEM;
}

int uv__select_want(struct uv__selector** selector, int queue, int fd, unsigned int generation,
                    unsigned int wanted) {
  bool is_new = !uv__select_has(*selector, fd);
  int err = 0;

  if (*selector == NULL)
    err = open_selector(selector, queue);
  if (err == 0 && is_new)
    err = add_filter(queue, fd, generation);
  if (err != 0)
    return err;
  err = change_slot(*selector, fd, wanted);
  if (err != 0 && is_new)
    remove_filter(queue, fd);
  return err;
}

unsigned int uv__select_take(struct uv__selector* selector, int fd) {
  struct slot* slot = find(selector, fd);
  unsigned int told = 0;

  if (slot == NULL)
    return 0;
  uv_mutex_lock(&selector->lock);
  told = slot->told;
  slot->is_taken = true;
  uv_mutex_unlock(&selector->lock);
  return told;
}

void uv__select_continue(struct uv__selector* selector) {
  bool has_changed = false;

  if (selector == NULL)
    return;
  uv_mutex_lock(&selector->lock);
  for (size_t i = 0; i < selector->count; i++) {
    if (!selector->slots[i].is_taken)
      continue;
    selector->slots[i].told = 0;
    selector->slots[i].is_taken = false;
    has_changed = true;
  }
  selector->changes += has_changed;
  uv_mutex_unlock(&selector->lock);
  if (has_changed)
    wake(selector);
}

bool uv__select_forget(struct uv__selector* selector, int fd) {
  struct slot* slot = find(selector, fd);

  if (slot == NULL)
    return false;
  uv_mutex_lock(&selector->lock);
  *slot = selector->slots[--selector->count];
  selector->changes++;
  wake(selector);
  while (selector->seen != selector->changes)
    uv_cond_wait(&selector->has_left, &selector->lock);
  uv_mutex_unlock(&selector->lock);
  remove_filter(selector->queue, fd);
  return true;
}
