/* Watching directories by FSEvents.
 *
 * A loop has one stream for all its directories, as the system has only so many, and one thread in
 * which that calls back. Starting or stopping a watch replaces the stream by one that begins where
 * the machine's events stood before. What the thread is told it puts into the lists of those whom
 * it concerns, and posts a mail to the loop for each. */
#include "../mailbox.h"
#include "darwin_fs_way.h"
#include "darwin_fsevents.h"
#include "darwin_runloop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
  NAMES_CHANGED = UV__FSEVENT_CREATED | UV__FSEVENT_REMOVED | UV__FSEVENT_RENAMED,
  FILE_CHANGED = UV__FSEVENT_MODIFIED | UV__FSEVENT_INODE_META_MOD | UV__FSEVENT_FINDER_INFO_MOD |
                 UV__FSEVENT_XATTR_MOD | UV__FSEVENT_CHANGE_OWNER,
  EVENTS_LOST =
      UV__FSEVENT_MUST_SCAN_SUBDIRS | UV__FSEVENT_USER_DROPPED | UV__FSEVENT_KERNEL_DROPPED,
  NO_NEWS = UV__FSEVENT_IDS_WRAPPED | UV__FSEVENT_HISTORY_DONE | UV__FSEVENT_ROOT_CHANGED |
            UV__FSEVENT_MOUNT | UV__FSEVENT_UNMOUNT,
};

/* What a loop has, behind uv_loop_t.cf_state. The list and the stream are the thread's. */
struct directories {
  struct uv__runloop runloop;
  unsigned int count;
  struct uv__queue watches;
  void* stream;
};

struct event {
  struct event* next;
  int events;
  char name[];
};

struct directory_watch {
  struct uv__fs_watch base;
  struct uv__queue link;
  struct directories* directories;
  unsigned int flags;
  bool* is_over; /* NULL, or where to note that while callbacks run */

  uv_mutex_t lock; /* for the members up to `mail` */
  struct event* first;
  struct event** end;
  bool has_lost; /* events that nobody knows */
  bool is_posted;
  struct uv__mail mail;

  char* root; /* the real path, without a slash at its end */
  char path[];
};

static struct directory_watch* watch_of(struct uv__fs_watch* base) {
  return uv__container(base, struct directory_watch, base);
}

/* -- In the thread: events --------------------------------------------------------------------- */

/* What the event is about, relative to the root; NULL if it is none of the watch's. */
static const char* name_in(const struct directory_watch* watch, const char* path, uint32_t* flags) {
  size_t root_len = strlen(watch->root);
  const char* rest = path + root_len;

  if (strncmp(path, watch->root, root_len) != 0 || (*rest != '\0' && *rest != '/'))
    return NULL;
  if (rest[0] == '\0' || rest[1] == '\0') {
    const char* slash = strrchr(watch->root, '/');
    *flags &= ~(uint32_t) NAMES_CHANGED; /* those of its entries are told by themselves */
    return slash != NULL ? slash + 1 : "/";
  }
  rest++;
  if (!(watch->flags & UV_FS_EVENT_RECURSIVE) && strchr(rest, '/') != NULL)
    return NULL;
  return rest;
}

static int events_of(uint32_t flags) {
  if (flags & NAMES_CHANGED)
    return UV_RENAME;
  return (flags & FILE_CHANGED) || !(flags & UV__FSEVENT_IS_DIR) ? UV_CHANGE : UV_RENAME;
}

/* With the lock held. Without memory the event is lost, and that is told. */
static void keep(struct directory_watch* watch, const char* name, int events) {
  size_t size = strlen(name) + 1;
  struct event* event = uv__malloc(sizeof(*event) + size);

  if (event == NULL) {
    watch->has_lost = true;
    return;
  }
  event->next = NULL;
  event->events = events;
  memcpy(event->name, name, size);
  *watch->end = event;
  watch->end = &event->next;
}

static void take_event(struct directory_watch* watch, const char* path, uint32_t flags) {
  const char* name;

  if (flags & EVENTS_LOST) {
    watch->has_lost = true;
    return;
  }
  if (flags & NO_NEWS)
    return;
  name = name_in(watch, path, &flags);
  if (name != NULL)
    keep(watch, name, events_of(flags));
}

static void on_events(void* stream, void* data, size_t count, void* paths, const uint32_t flags[],
                      const uint64_t ids[]) {
  struct directories* directories = data;
  char* const* path = paths;
  struct uv__queue* link = directories->watches.next;

  (void) stream;
  (void) ids;
  for (; link != &directories->watches; link = link->next) {
    struct directory_watch* watch = uv__container(link, struct directory_watch, link);
    bool is_news;

    uv_mutex_lock(&watch->lock);
    for (size_t i = 0; i < count; i++)
      take_event(watch, path[i], flags[i]);
    is_news = !watch->is_posted && (watch->first != NULL || watch->has_lost);
    watch->is_posted |= is_news;
    uv_mutex_unlock(&watch->lock);
    if (is_news)
      uv__mailbox_post(watch->base.handle->loop, &watch->mail);
  }
}

/* -- In the thread: the stream ----------------------------------------------------------------- */

struct change {
  struct directories* directories;
  struct directory_watch* watch;
  int err;
};

static int open_stream(struct directories* directories, uint64_t since, void** stream) {
  struct uv__runloop* runloop = &directories->runloop;
  struct uv__queue* link;
  size_t count = 0;
  const char** roots;
  int err;

  for (link = directories->watches.next; link != &directories->watches; link = link->next)
    count++;
  roots = uv__calloc(count, sizeof(*roots));
  if (roots == NULL)
    return UV_ENOMEM;
  count = 0;
  for (link = directories->watches.next; link != &directories->watches; link = link->next) {
    const char* root = uv__container(link, struct directory_watch, link)->root;
    roots[count++] = root[0] != '\0' ? root : "/";
  }
  err = uv__fsevents_open(stream, roots, count, since, runloop->loop, runloop->mode, on_events,
                          directories);
  uv__free(roots);
  return err;
}

static void close_stream(struct directories* directories) {
  if (directories->stream != NULL)
    uv__fsevents_close(directories->stream);
  directories->stream = NULL;
}

/* Another stream, for the watches that there are now; what happens meanwhile is told by either. */
static int replace_stream(struct directories* directories, uint64_t since) {
  void* stream;
  int err = open_stream(directories, since, &stream);

  if (err != 0)
    return err;
  close_stream(directories);
  directories->stream = stream;
  return 0;
}

/* Where a new stream begins. */
static uint64_t turn_over(struct directories* directories) {
  uint64_t since;

  if (directories->stream == NULL)
    return UV__FSEVENTS_SINCE_NOW;
  since = uv__fsevents_last();
  uv__fsevents_flush(directories->stream);
  return since;
}

static void add(void* data) {
  struct change* change = data;
  uint64_t since = turn_over(change->directories);

  uv__queue_push(&change->directories->watches, &change->watch->link);
  change->err = replace_stream(change->directories, since);
  if (change->err != 0)
    uv__queue_remove(&change->watch->link);
}

/* A stream that cannot be replaced goes on, and tells more than anybody wants to know. */
static void take_away(void* data) {
  struct change* change = data;
  uint64_t since;

  uv__queue_remove(&change->watch->link);
  if (uv__queue_empty(&change->directories->watches)) {
    close_stream(change->directories);
    return;
  }
  since = turn_over(change->directories);
  replace_stream(change->directories, since);
}

/* -- In the loop: events ----------------------------------------------------------------------- */

static void free_events(struct event* event) {
  while (event != NULL) {
    struct event* next = event->next;
    uv__free(event);
    event = next;
  }
}

static void tell(struct directory_watch* watch, const struct event* event, bool has_lost,
                 const bool* is_over) {
  uv_fs_event_t* handle = watch->base.handle;

  for (; event != NULL && !*is_over; event = event->next)
    handle->cb(handle, event->name, event->events, 0);
  if (has_lost && !*is_over)
    handle->cb(handle, NULL, UV_CHANGE, 0);
}

/* A callback may end the watch, or run the loop in the child of a fork, and so this function. */
static void on_mail(struct uv__mail* mail) {
  struct directory_watch* watch = uv__container(mail, struct directory_watch, mail);
  bool* outer = watch->is_over;
  bool is_over = false;
  struct event* events;
  bool has_lost;

  uv_mutex_lock(&watch->lock);
  events = watch->first;
  watch->first = NULL;
  watch->end = &watch->first;
  has_lost = watch->has_lost;
  watch->has_lost = false;
  watch->is_posted = false;
  uv_mutex_unlock(&watch->lock);

  watch->is_over = &is_over;
  tell(watch, events, has_lost, &is_over);
  free_events(events);
  if (!is_over)
    watch->is_over = outer;
  else if (outer != NULL)
    *outer = true;
}

/* -- In the loop: directories ------------------------------------------------------------------ */

static int make_directories(uv_loop_t* loop) {
  struct directories* directories = uv__calloc(1, sizeof(*directories));
  int err;

  if (directories == NULL)
    return UV_ENOMEM;
  uv__queue_init(&directories->watches);
  err = uv__runloop_start(&directories->runloop);
  if (err != 0) {
    uv__free(directories);
    return err;
  }
  loop->cf_state = directories;
  return 0;
}

static int hold(uv_loop_t* loop, struct directories** directories) {
  int err = uv__fsevents_load();

  if (err == 0 && loop->cf_state == NULL)
    err = make_directories(loop);
  if (err != 0)
    return err;
  *directories = loop->cf_state;
  (*directories)->count++;
  return 0;
}

static void release(uv_loop_t* loop) {
  struct directories* directories = loop->cf_state;

  if (--directories->count > 0)
    return;
  uv__runloop_stop(&directories->runloop);
  uv__free(directories);
  loop->cf_state = NULL;
}

/* -- In the loop: watches ---------------------------------------------------------------------- */

static void free_watch(struct directory_watch* watch) {
  free_events(watch->first);
  free(watch->root);
  uv__free(watch);
}

static int new_watch(uv_fs_event_t* handle, const char* path, unsigned int flags,
                     struct directory_watch** result) {
  size_t size = strlen(path) + 1;
  struct directory_watch* watch = uv__calloc(1, sizeof(*watch) + size);
  int err;

  if (watch == NULL)
    return UV_ENOMEM;
  memcpy(watch->path, path, size);
  watch->base.way = &uv__fs_by_fsevents;
  watch->base.handle = handle;
  watch->base.path = watch->path;
  watch->flags = flags;
  watch->end = &watch->first;
  watch->mail.run = on_mail;
  uv__queue_init(&watch->link);
  watch->root = realpath(path, NULL);
  err = watch->root != NULL ? uv_mutex_init(&watch->lock) : UV__ERR(errno);
  if (err != 0) {
    free_watch(watch);
    return err;
  }
  if (strcmp(watch->root, "/") == 0)
    watch->root[0] = '\0';
  *result = watch;
  return 0;
}

static int start(uv_fs_event_t* handle, const char* path, unsigned int flags,
                 struct uv__fs_watch** result) {
  struct directory_watch* watch;
  struct change change;
  int err = new_watch(handle, path, flags, &watch);

  if (err != 0)
    return err;
  err = hold(handle->loop, &watch->directories);
  if (err == 0) {
    change = (struct change){.directories = watch->directories, .watch = watch};
    uv__runloop_call(&watch->directories->runloop, add, &change);
    err = change.err;
    if (err != 0)
      release(handle->loop);
  }
  if (err != 0) {
    uv_mutex_destroy(&watch->lock);
    free_watch(watch);
    return err;
  }
  *result = &watch->base;
  return 0;
}

/* In the child of a fork the thread is not there, and the lock may be held by it. */
static void stop(struct uv__fs_watch* base) {
  struct directory_watch* watch = watch_of(base);
  uv_loop_t* loop = base->handle->loop;

  if (watch->is_over != NULL)
    *watch->is_over = true;
  if (!uv__framework_forked()) {
    struct change change = {.directories = watch->directories, .watch = watch};
    uv__runloop_call(&watch->directories->runloop, take_away, &change);
    if (watch->is_posted)
      uv__mailbox_remove(loop, &watch->mail);
    uv_mutex_destroy(&watch->lock);
    release(loop);
  }
  free_watch(watch);
}

/* What is the parent's is left alone. */
static int fork_watch(struct uv__fs_watch* base) {
  struct directory_watch* watch = watch_of(base);
  uv_fs_event_t* handle = base->handle;
  struct uv__fs_watch* instead;
  int err = uv__fs_by_vnode.start(handle, watch->path, watch->flags, &instead);

  handle->loop->cf_state = NULL;
  if (err != 0)
    return err;
  handle->watch = instead;
  handle->path = instead->path;
  stop(base);
  return 0;
}

const struct uv__fs_way uv__fs_by_fsevents = {
    .start = start,
    .stop = stop,
    .fork = fork_watch,
};
