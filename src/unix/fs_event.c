/* Watching files and directories as the kernel tells of changes (Linux: inotify). */
#include "fd.h"
#include "fs_tree.h"

#include <string.h>

/* What a started handle has. */
struct uv__fs_watch {
  struct uv__inotify_sub sub; /* of a handle without a tree */
  struct uv__inotify* inotify;
  uv_fs_event_t* handle;
  struct uv__fs_tree* tree;
  char path[];
};

static uv_fs_event_t* handle_of(struct uv__queue* link) {
  return uv__container(link, uv_fs_event_t, watchers);
}

/* -- Telling ----------------------------------------------------------------------------------- */

/* Tells of what is watched itself: by the last component of its path. The callback may end the
 * watch and with it the path. */
static void tell_self(uv_fs_event_t* handle, int events) {
  const char* slash = strrchr(handle->path, '/');
  const char* last = slash == NULL ? handle->path : slash + 1;
  char name[NAME_MAX + 1];

  /* No file has a longer name. */
  strncpy(name, last, NAME_MAX);
  name[NAME_MAX] = '\0';
  handle->cb(handle, name, events, 0);
}

static void on_event(struct uv__inotify_sub* sub, const struct inotify_event* event) {
  uv_fs_event_t* handle = uv__container(sub, struct uv__fs_watch, sub)->handle;
  int events = uv__fs_events_of(event->mask);

  if (event->len > 0)
    handle->cb(handle, event->name, events, 0);
  else
    tell_self(handle, events);
}

static void on_tree_event(uv_handle_t* base, const char* name, int events) {
  uv_fs_event_t* handle = (uv_fs_event_t*) base;

  if (name != NULL && name[0] == '\0')
    tell_self(handle, events);
  else
    handle->cb(handle, name, events, 0);
}

/* The kernel does not say whose events it has dropped. */
static void on_overflow(struct uv__inotify* inotify) {
  struct uv__queue todo;
  struct uv__queue* link;

  for (link = inotify->handles.next; link != &inotify->handles; link = link->next)
    if (handle_of(link)->watch->tree != NULL)
      uv__fs_tree_resync(handle_of(link)->watch->tree);

  uv__queue_move(&inotify->handles, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    uv__queue_push(&inotify->handles, link);
    handle_of(link)->cb(handle_of(link), NULL, UV_CHANGE, 0);
  }
}

/* -- Handles ----------------------------------------------------------------------------------- */

int uv_fs_event_stop(uv_fs_event_t* handle) {
  struct uv__fs_watch* watch = handle->watch;
  struct uv__inotify* inotify;

  if (!uv__is_active(uv__handle(handle)))
    return 0;
  inotify = watch->inotify;
  uv__queue_remove(&handle->watchers);
  if (watch->tree != NULL)
    uv__fs_tree_stop(watch->tree);
  else
    uv__inotify_unsubscribe(inotify, &watch->sub);
  uv__inotify_release(inotify);
  uv__free(watch);
  handle->watch = NULL;
  handle->path = NULL;
  uv__handle_stop(uv__handle(handle));
  return 0;
}

static enum uv__close_result fs_event_close(uv_handle_t* handle) {
  uv_fs_event_stop((uv_fs_event_t*) handle);
  return uv__fs_tree_is_read_for(handle->loop->inotify_watchers, handle) ? UV__CLOSE_PENDING
                                                                         : UV__CLOSE_DONE;
}

static int fs_event_fork(uv_handle_t* base) {
  struct uv__fs_watch* watch = ((uv_fs_event_t*) base)->watch;
  struct uv__inotify* inotify = base->loop->inotify_watchers;
  /* A tree may still be read for a handle that is stopped, or closing. */
  int err = inotify != NULL ? uv__inotify_fork(inotify) : 0;

  if (err != 0 || watch == NULL)
    return err;
  if (watch->tree != NULL)
    return uv__fs_tree_fork(watch->tree);
  uv__inotify_unsubscribe(watch->inotify, &watch->sub);
  return uv__inotify_subscribe(watch->inotify, &watch->sub, watch->path, 0);
}

static const struct uv__handle_ops fs_event_ops = {
    .close = fs_event_close,
    .fork = fs_event_fork,
};

int uv_fs_event_init(uv_loop_t* loop, uv_fs_event_t* handle) {
  uv__handle_init(loop, uv__handle(handle), UV_FS_EVENT, &fs_event_ops);
  handle->path = NULL;
  handle->cb = NULL;
  handle->watch = NULL;
  uv__queue_init(&handle->watchers);
  return 0;
}

static int subscribe(struct uv__fs_watch* watch, unsigned int flags) {
  if (flags & UV_FS_EVENT_RECURSIVE)
    return uv__fs_tree_start(watch->inotify, uv__handle(watch->handle), watch->path, on_tree_event,
                             &watch->tree);
  return uv__inotify_subscribe(watch->inotify, &watch->sub, watch->path, 0);
}

static struct uv__fs_watch* new_watch(uv_fs_event_t* handle, const char* path) {
  size_t size = strlen(path) + 1;
  struct uv__fs_watch* watch = uv__calloc(1, sizeof(*watch) + size);

  if (watch == NULL)
    return NULL;
  watch->handle = handle;
  watch->sub.on_event = on_event;
  memcpy(watch->path, path, size);
  return watch;
}

int uv_fs_event_start(uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                      unsigned int flags) {
  struct uv__fs_watch* watch;
  int err;

  if (cb == NULL || path == NULL || uv__is_active(uv__handle(handle)) ||
      uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;

  watch = new_watch(handle, path);
  if (watch == NULL)
    return UV_ENOMEM;
  err = uv__inotify_hold(handle->loop, &watch->inotify);
  if (err == 0) {
    err = subscribe(watch, flags);
    if (err != 0)
      uv__inotify_release(watch->inotify);
  }
  if (err != 0) {
    uv__free(watch);
    return err;
  }

  watch->inotify->on_overflow = on_overflow;
  uv__queue_push(&watch->inotify->handles, &handle->watchers);
  handle->cb = cb;
  handle->watch = watch;
  handle->path = watch->path;
  uv__handle_start(uv__handle(handle));
  return 0;
}
