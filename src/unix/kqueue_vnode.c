/* Watching a file or directory by a filter of its descriptor.
 *
 * The kernel says that something has happened, not what it was called. A directory's entries are
 * found by comparing what it has with what it had: those that came, went or were replaced are told.
 * Where both are the same, because what came has gone again, or where there are too many to
 * compare, a change is told without a name. Changes of files in a directory are not told. */
#include "fd.h"
#include "fd_name.h"
#include "fs_way.h"
#include "kqueue.h"
#include "listing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* To watch, and not to read: it does not keep a volume from being unmounted. */
#if defined(O_EVTONLY)
#define OPEN_FLAGS (O_EVTONLY | O_NONBLOCK)
#else
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)
#endif

struct vnode_watch {
  struct uv__fs_watch base;
  uv__io_t watcher;
  bool* is_over; /* NULL, or where to note that while callbacks run */
  bool is_dir;
  bool is_listed;            /* otherwise there is nothing to compare with */
  struct uv__listing before; /* of a directory */
  char path[];
};

/* -- Telling ----------------------------------------------------------------------------------- */

/* By the name that it has now, or else by the one by which it was found. */
static void tell_self(const struct vnode_watch* watch, int events) {
  uv_fs_event_t* handle = watch->base.handle;
  const char* slash = strrchr(watch->path, '/');
  char name[NAME_MAX + 1];

  if (!uv__fd_name(watch->watcher.fd, name)) {
    /* No file has a longer name. */
    strncpy(name, slash == NULL ? watch->path : slash + 1, NAME_MAX);
    name[NAME_MAX] = '\0';
  }
  handle->cb(handle, name, events, 0);
}

/* Which names have changed; none if that cannot be found out. */
static void find_changes(struct vnode_watch* watch, struct uv__listing* changed) {
  struct uv__listing after = {.count = 0};
  bool is_listed = uv__listing_read(&after, watch->watcher.fd) == 0;

  if (is_listed && watch->is_listed)
    uv__listing_compare(&watch->before, &after, changed);
  uv__listing_free(&watch->before);
  watch->before = after;
  watch->is_listed = is_listed;
}

static void tell_entries(struct vnode_watch* watch, const bool* is_over) {
  uv_fs_event_t* handle = watch->base.handle;
  struct uv__listing changed = {.count = 0};

  find_changes(watch, &changed);
  if (changed.count == 0)
    handle->cb(handle, NULL, UV_RENAME, 0);
  for (size_t i = 0; i < changed.count && !*is_over; i++)
    handle->cb(handle, changed.entries[i].name, UV_RENAME, 0);
  uv__listing_free(&changed);
}

static void tell(struct vnode_watch* watch, unsigned int happened, const bool* is_over) {
  unsigned int of_self = watch->is_dir ? happened & ~UV__IO_WRITTEN : happened;
  int events = of_self & UV__IO_MOVED ? UV_RENAME : 0;

  if (of_self & (UV__IO_ATTRIB | UV__IO_WRITTEN))
    events |= UV_CHANGE;
  if (happened != of_self)
    tell_entries(watch, is_over);
  if (events != 0 && !*is_over)
    tell_self(watch, events);
}

/* A callback may end the watch, or run the loop in the child of a fork, and so this function. */
static void on_event(uv_loop_t* loop, uv__io_t* watcher, unsigned int happened) {
  struct vnode_watch* watch = uv__container(watcher, struct vnode_watch, watcher);
  bool* outer = watch->is_over;
  bool is_over = false;

  (void) loop;
  watch->is_over = &is_over;
  tell(watch, happened & UV__IO_VNODE, &is_over);
  if (!is_over)
    watch->is_over = outer;
  else if (outer != NULL)
    *outer = true;
}

/* -- The watch --------------------------------------------------------------------------------- */

static void stop(struct uv__fs_watch* base) {
  struct vnode_watch* watch = uv__container(base, struct vnode_watch, base);

  if (watch->is_over != NULL)
    *watch->is_over = true;
  uv__io_close(base->handle->loop, &watch->watcher);
  uv__close(watch->watcher.fd);
  uv__listing_free(&watch->before);
  uv__free(watch);
}

static struct vnode_watch* new_watch(uv_fs_event_t* handle, const char* path) {
  size_t size = strlen(path) + 1;
  struct vnode_watch* watch = uv__calloc(1, sizeof(*watch) + size);

  if (watch == NULL)
    return NULL;
  memcpy(watch->path, path, size);
  watch->base.way = &uv__fs_by_vnode;
  watch->base.handle = handle;
  watch->base.path = watch->path;
  return watch;
}

/* Puts a file into the queue, then reads its entries: what comes in between is told, not lost. */
static int begin(struct vnode_watch* watch, int fd) {
  uv_loop_t* loop = watch->base.handle->loop;
  struct stat status;
  int err;

  uv__io_init(&watch->watcher, on_event, fd);
  if (fstat(fd, &status) != 0)
    return UV__ERR(errno);
  watch->is_dir = S_ISDIR(status.st_mode);
  err = uv__io_reserve(loop, fd);
  if (err == 0)
    err = uv__kqueue_start(loop, &watch->watcher, UV__IO_VNODE);
  if (err == 0 && watch->is_dir) {
    err = uv__listing_read(&watch->before, fd);
    watch->is_listed = err == 0;
  }
  return err == UV_E2BIG ? 0 : err;
}

static int start(uv_fs_event_t* handle, const char* path, unsigned int flags,
                 struct uv__fs_watch** result) {
  struct vnode_watch* watch = new_watch(handle, path);
  int fd;
  int err;

  (void) flags; /* a tree cannot be watched in this way, only its root */
  if (watch == NULL)
    return UV_ENOMEM;
  fd = uv__open(path, OPEN_FLAGS);
  if (fd < 0) {
    uv__free(watch);
    return fd;
  }
  err = begin(watch, fd);
  if (err != 0) {
    stop(&watch->base);
    return err;
  }
  *result = &watch->base;
  return 0;
}

/* The file is open in the child as well. */
static int fork_watch(struct uv__fs_watch* base) {
  struct vnode_watch* watch = uv__container(base, struct vnode_watch, base);

  return uv__kqueue_start(base->handle->loop, &watch->watcher, UV__IO_VNODE);
}

const struct uv__fs_way uv__fs_by_vnode = {
    .start = start,
    .stop = stop,
    .fork = fork_watch,
};
