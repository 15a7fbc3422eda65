/* The inotify instance of a loop: its descriptor, the table of watches, and telling what happened.
 */
#include "inotify.h"

#include "fd.h"
#include "io.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The same for all, since subscribers of one inode share a watch. */
#define WATCHED \
  ((uint32_t) (IN_ATTRIB | IN_CREATE | IN_MODIFY | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | \
               IN_MOVED_FROM | IN_MOVED_TO))

enum {
  BUFFER_SIZE = 16384,
  LARGEST_EVENT = sizeof(struct inotify_event) + NAME_MAX + 1,
  READS = 16 /* full buffers in a row before others get their turn */
};

/* The kernel's watch of an inode. */
struct uv__inotify_watch {
  struct uv__hash_link by_wd;
  int wd; /* -1: the kernel has ended it */
  unsigned int holds;
  struct uv__queue subs;
};

/* -- Watches ----------------------------------------------------------------------------------- */

static struct uv__inotify_watch* find(const struct uv__inotify* inotify, int wd) {
  struct uv__hash_link* link = uv__hash_find(&inotify->watches, (size_t) wd);

  return link == NULL ? NULL : uv__container(link, struct uv__inotify_watch, by_wd);
}

/* From here on its number is not ours. */
static void forget_number(struct uv__inotify* inotify, struct uv__inotify_watch* watch) {
  if (watch->wd == -1)
    return;
  uv__hash_remove(&inotify->watches, &watch->by_wd);
  watch->wd = -1;
}

static void release_watch(struct uv__inotify* inotify, struct uv__inotify_watch* watch) {
  if (--watch->holds > 0)
    return;
  if (watch->wd != -1 && inotify->loop->inotify_fd != -1)
    inotify_rm_watch(inotify->loop->inotify_fd, watch->wd);
  forget_number(inotify, watch);
  uv__free(watch);
}

int uv__inotify_subscribe(struct uv__inotify* inotify, struct uv__inotify_sub* sub,
                          const char* path, uint32_t flags) {
  struct uv__inotify_watch* fresh = uv__malloc(sizeof(*fresh));
  struct uv__inotify_watch* watch;
  int wd;

  if (fresh == NULL)
    return UV_ENOMEM;
  wd = inotify_add_watch(inotify->loop->inotify_fd, path, WATCHED | flags);
  if (wd == -1) {
    uv__free(fresh);
    return UV__ERR(errno);
  }
  watch = find(inotify, wd);
  if (watch != NULL) {
    uv__free(fresh);
  } else {
    watch = fresh;
    watch->wd = wd;
    watch->holds = 0;
    uv__queue_init(&watch->subs);
    uv__hash_add(&inotify->watches, &watch->by_wd, (size_t) wd);
  }
  watch->holds++;
  sub->watch = watch;
  uv__queue_push(&watch->subs, &sub->link);
  return 0;
}

void uv__inotify_unsubscribe(struct uv__inotify* inotify, struct uv__inotify_sub* sub) {
  if (sub->watch == NULL)
    return;
  uv__queue_remove(&sub->link);
  release_watch(inotify, sub->watch);
  sub->watch = NULL;
}

bool uv__inotify_is_at(struct uv__inotify* inotify, const struct uv__inotify_sub* sub,
                       const char* path, uint32_t flags) {
  int wd = inotify_add_watch(inotify->loop->inotify_fd, path, WATCHED | flags);

  if (wd == -1)
    return false;
  if (sub->watch != NULL && wd == sub->watch->wd)
    return true;
  if (find(inotify, wd) == NULL)
    inotify_rm_watch(inotify->loop->inotify_fd, wd);
  return false;
}

/* -- Events ------------------------------------------------------------------------------------ */

/* Tells those who are subscribed now. They may go while others are told. */
static void tell(struct uv__inotify* inotify, struct uv__inotify_watch* watch,
                 const struct inotify_event* event) {
  struct uv__queue todo;
  struct uv__queue* link;

  watch->holds++;
  if (event->mask & IN_IGNORED)
    forget_number(inotify, watch);
  uv__queue_move(&watch->subs, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    struct uv__inotify_sub* sub = uv__container(link, struct uv__inotify_sub, link);
    uv__queue_push(&watch->subs, link);
    sub->on_event(sub, event);
  }
  release_watch(inotify, watch);
}

static void dispatch(struct uv__inotify* inotify, const struct inotify_event* event) {
  struct uv__inotify_watch* watch;

  if (event->mask & IN_Q_OVERFLOW) {
    if (inotify->on_overflow != NULL)
      inotify->on_overflow(inotify);
    return;
  }
  watch = find(inotify, event->wd);
  if (watch != NULL)
    tell(inotify, watch, event);
}

/* Reads once and tells: whether there may be more. */
static bool read_some(struct uv__inotify* inotify) {
  union {
    struct inotify_event align;
    char bytes[BUFFER_SIZE];
  } buffer;
  unsigned int epoch = inotify->epochs;
  ssize_t n = uv__read(inotify->loop->inotify_fd, buffer.bytes, sizeof(buffer.bytes));
  ssize_t at = 0;

  if (n <= 0)
    return false;
  inotify->position = inotify->bytes_read;
  inotify->bytes_read += (uint64_t) n;
  /* The child of a fork in a callback has nothing to do with the rest. */
  while (at < n && epoch == inotify->epochs) {
    const struct inotify_event* event = (const void*) (buffer.bytes + at);
    size_t size = sizeof(*event) + event->len;
    dispatch(inotify, event);
    at += (ssize_t) size;
    inotify->position += size;
  }
  return n > BUFFER_SIZE - LARGEST_EVENT && epoch == inotify->epochs;
}

uint64_t uv__inotify_end(const struct uv__inotify* inotify) {
  int queued = 0;

  ioctl(inotify->loop->inotify_fd, FIONREAD, &queued);
  return inotify->bytes_read + (uint64_t) queued;
}

static void on_io(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  struct uv__inotify* inotify = loop->inotify_watchers;

  (void) watcher;
  inotify->holds++;
  if ((events & POLLOUT) && inotify->on_pending != NULL)
    inotify->on_pending(inotify);
  if (events & POLLIN)
    for (int i = 0; i < READS && read_some(inotify); i++)
      continue;
  uv__inotify_release(inotify);
}

void uv__inotify_feed(struct uv__inotify* inotify) {
  uv__io_feed(inotify->loop, &inotify->loop->inotify_read_watcher);
}

/* -- The instance ------------------------------------------------------------------------------ */

static int open_descriptor(struct uv__inotify* inotify) {
  uv_loop_t* loop = inotify->loop;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  int err;

  if (fd == -1)
    return UV__ERR(errno);
  err = uv__io_reserve(loop, fd);
  if (err != 0) {
    uv__close(fd);
    return err;
  }
  loop->inotify_fd = fd;
  uv__io_init(&loop->inotify_read_watcher, on_io, fd);
  uv__io_start(loop, &loop->inotify_read_watcher, POLLIN);
  inotify->pid = uv_os_getpid();
  inotify->epochs++;
  return 0;
}

static void close_descriptor(uv_loop_t* loop) {
  if (loop->inotify_fd == -1)
    return;
  uv__io_close(loop, &loop->inotify_read_watcher);
  uv__close(loop->inotify_fd);
  loop->inotify_fd = -1;
}

static int make(uv_loop_t* loop) {
  struct uv__inotify* inotify = uv__calloc(1, sizeof(*inotify));
  int err;

  if (inotify == NULL)
    return UV_ENOMEM;
  inotify->loop = loop;
  uv__hash_init(&inotify->watches);
  uv__queue_init(&inotify->handles);
  err = open_descriptor(inotify);
  if (err != 0) {
    uv__free(inotify);
    return err;
  }
  loop->inotify_watchers = inotify;
  return 0;
}

int uv__inotify_hold(uv_loop_t* loop, struct uv__inotify** inotify) {
  int err = 0;

  if (loop->inotify_watchers == NULL)
    err = make(loop);
  else if (loop->inotify_fd == -1)
    err = open_descriptor(loop->inotify_watchers);
  if (err != 0)
    return err;
  *inotify = loop->inotify_watchers;
  (*inotify)->holds++;
  return 0;
}

void uv__inotify_release(struct uv__inotify* inotify) {
  uv_loop_t* loop = inotify->loop;

  if (--inotify->holds > 0)
    return;
  /* Closing ends all watches at once, where ending each would send an event about it. */
  close_descriptor(loop);
  if (inotify->on_free != NULL)
    inotify->on_free(inotify);
  uv__hash_free(&inotify->watches);
  uv__free(inotify);
  loop->inotify_watchers = NULL;
}

static void forget_all_numbers(struct uv__inotify* inotify) {
  for (size_t i = 0; i < inotify->watches.slot_count; i++)
    while (inotify->watches.slots[i] != NULL)
      forget_number(inotify,
                    uv__container(inotify->watches.slots[i], struct uv__inotify_watch, by_wd));
}

int uv__inotify_fork(struct uv__inotify* inotify) {
  int err = 0;

  if (inotify->pid == uv_os_getpid())
    return 0;
  inotify->holds++;
  /* What is in the queue is the parent's, who goes on reading it. */
  if (inotify->loop->inotify_fd != -1) {
    close_descriptor(inotify->loop);
    forget_all_numbers(inotify);
    if (inotify->on_fork != NULL)
      inotify->on_fork(inotify);
  }
  if (inotify->holds > 1)
    err = open_descriptor(inotify);
  uv__inotify_release(inotify);
  return err;
}
