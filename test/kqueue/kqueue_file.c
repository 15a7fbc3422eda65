/* EVFILT_VNODE in the imitation of kqueue(2), by inotify.
 *
 * What is open is not gone, so the kernel tells of no deletion: that is found by the count of
 * links, when an event of the file itself, or of the directory that a directory was in, says to
 * look. */
#include "kqueue.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES ((uint32_t) (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO))
#define WATCHED \
  (ENTRIES | (uint32_t) (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF | IN_MASK_ADD))

/* -- What happened ----------------------------------------------------------------------------- */

/* Ends a watch that no note has. */
static void release_watch(const struct queue* queue, int watch) {
  if (watch == -1)
    return;
  for (const struct note* note = queue->notes; note != NULL; note = note->next)
    if (note->watch == watch || note->parent_watch == watch)
      return;
  inotify_rm_watch(queue->inotify_fd, watch);
}

/* The directory that a directory is in tells of its end. */
static void watch_parent(const struct queue* queue, struct note* note) {
  int former = note->parent_watch;
  char link[64];
  char path[PATH_MAX];
  ssize_t len;

  snprintf(link, sizeof(link), "/proc/self/fd/%d", (int) note->ident);
  len = readlink(link, path, sizeof(path) - 1);
  if (len <= 1)
    return;
  path[len] = '\0';
  *(strrchr(path, '/') + 1) = '\0';
  note->parent_watch = inotify_add_watch(queue->inotify_fd, path, IN_DELETE | IN_MASK_ADD);
  release_watch(queue, former);
}

/* What a look at the file tells: its links, its size. */
static unsigned int look(struct note* note, unsigned int otherwise) {
  unsigned int what = otherwise;
  struct stat status;

  if (fstat((int) note->ident, &status) != 0)
    return 0;
  if (status.st_nlink != note->links && !S_ISDIR(status.st_mode))
    what = status.st_nlink == 0 ? NOTE_DELETE : NOTE_LINK;
  else if (status.st_nlink == 0 && note->links != 0)
    what = NOTE_DELETE;
  else if (otherwise == NOTE_WRITE && status.st_size > note->size)
    what |= NOTE_EXTEND;
  note->links = status.st_nlink;
  note->size = status.st_size;
  return what;
}

/* Events with a name are about an entry. */
static unsigned int what_happened(struct queue* queue, struct note* note, uint32_t mask,
                                  bool has_name) {
  if (has_name && (mask & ENTRIES))
    return mask & IN_ISDIR ? NOTE_WRITE | NOTE_LINK : NOTE_WRITE;
  if (has_name)
    return 0;
  if (mask & IN_MODIFY)
    return look(note, NOTE_WRITE);
  if (mask & IN_ATTRIB)
    return look(note, NOTE_ATTRIB);
  if (mask & IN_MOVE_SELF) {
    if (note->parent_watch != -1)
      watch_parent(queue, note);
    return NOTE_RENAME;
  }
  if (mask & IN_DELETE_SELF)
    return NOTE_DELETE;
  return mask & IN_UNMOUNT ? NOTE_REVOKE : 0;
}

static void tell(struct queue* queue, const struct inotify_event* event) {
  struct note* next;

  for (struct note* note = queue->notes; note != NULL; note = next) {
    next = note->next;
    if (note->filter != EVFILT_VNODE)
      continue;
    if (event->mask & IN_Q_OVERFLOW)
      kqueue_note_tell(queue, note, NOTE_WRITE | NOTE_ATTRIB);
    if (note->watch == event->wd)
      kqueue_note_tell(queue, note, what_happened(queue, note, event->mask, event->len > 0));
    if (note->parent_watch == event->wd && note->links != 0)
      kqueue_note_tell(queue, note, look(note, 0));
  }
}

void kqueue_file_read(struct queue* queue) {
  union {
    struct inotify_event align;
    char bytes[16384];
  } buffer;
  ssize_t n;

  while (queue->inotify_fd != -1 &&
         (n = read(queue->inotify_fd, buffer.bytes, sizeof(buffer.bytes))) > 0) {
    ssize_t at = 0;

    while (at < n) {
      const struct inotify_event* event = (const void*) (buffer.bytes + at);
      tell(queue, event);
      at += (ssize_t) (sizeof(*event) + event->len);
    }
  }
}

/* -- Changes ----------------------------------------------------------------------------------- */

static int open_inotify(struct queue* queue) {
  int error;

  if (queue->inotify_fd != -1)
    return 0;
  queue->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (queue->inotify_fd == -1)
    return errno == EMFILE ? ENOMEM : errno;
  error = kqueue_watch_source(queue, queue->inotify_fd);
  if (error != 0) {
    kqueue_close_really(queue->inotify_fd);
    queue->inotify_fd = -1;
  }
  return error;
}

static int start(struct queue* queue, struct note* note) {
  struct stat status;
  char path[64];
  int error = fstat((int) note->ident, &status) == 0 ? open_inotify(queue) : EBADF;

  if (error != 0)
    return error;
  kqueue_file_read(queue); /* of another note's of the same file, and older than this one */
  snprintf(path, sizeof(path), "/proc/self/fd/%d", (int) note->ident);
  note->watch = inotify_add_watch(queue->inotify_fd, path, WATCHED);
  if (note->watch == -1)
    return errno == ENOSPC ? ENOMEM : errno;
  note->size = status.st_size;
  note->links = status.st_nlink;
  if (S_ISDIR(status.st_mode))
    watch_parent(queue, note);
  return 0;
}

int kqueue_file_apply(struct queue* queue, const struct kevent* change) {
  struct note* note = kqueue_note_find(queue, EVFILT_VNODE, change->ident);
  int error;

  if (note == NULL && !(change->flags & EV_ADD))
    return ENOENT;
  if (change->flags & EV_DELETE) {
    kqueue_file_remove(queue, note);
    return 0;
  }
  if (note == NULL) {
    note = kqueue_note_add(queue, change);
    if (note == NULL)
      return ENOMEM;
    error = start(queue, note);
    if (error != 0) {
      kqueue_file_remove(queue, note);
      return error;
    }
  }
  note->flags = change->flags;
  note->udata = change->udata;
  note->asked = change->fflags;
  return 0;
}

void kqueue_file_remove(struct queue* queue, struct note* note) {
  int watch = note->watch;
  int parent_watch = note->parent_watch;

  kqueue_note_remove(queue, note);
  release_watch(queue, watch);
  release_watch(queue, parent_watch);
}
