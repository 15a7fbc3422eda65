/* Watching a directory with all below it.
 *
 * inotify watches single directories, so a tree is a node per directory, with its name and its
 * watch. A new directory is first watched and then read: what was made before the watch is found by
 * reading, what is made later has an event, and what has both is told once.
 *
 * What we do to the file system happens later than what an event tells, and names may have changed
 * in between. Positions in the stream of events tell: a node that was watched or read after a
 * rename was queued, and before we heard of it, may stand for the wrong directory and is made
 * again. A directory that cannot be watched now stays as a node without a watch until its name
 * goes; after renames and changes of its attributes it is tried again.
 *
 * Nodes that are dropped are taken apart a few at a time: the kernel sends an event for each watch
 * that ends, and thousands at once would overflow its queue. */
#include "fs_tree.h"

#include "../threadpool.h"
#include "fd.h"
#include "fs_walk.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bits of node.flags. */
enum {
  SEEN = 1,       /* found, or made, since its parent began to be read */
  IS_NEW = 2,     /* appeared while its tree was watched: what is in it is news */
  VERIFY = 4,     /* to be read again, with all below it */
  LEAVING = 8,    /* renamed; where to comes with a later event, if at all */
  DISPLACED = 16, /* another directory was renamed to its name */
  UNREAD = 32,    /* is being read, or is going to be */
  CHECK = 64,     /* to be read again, to compare */
};

enum {
  REAPED_AT_ONCE = 64,
  REAPED_PER_TURN = 512,
  FRESH_MS = 100,
  START_NS = 4000000, /* how long a tree may be walked in uv_fs_event_start() */
};

#define UNSETTLED UINT64_MAX
#define LOOKUP ((uint32_t) (IN_ONLYDIR | IN_DONT_FOLLOW))

/* A name in a directory that was told about while the directory was read, so that it is not told
 * twice. */
struct mark {
  struct uv__hash_link by_name;
  struct node* node;
  struct mark* next; /* of the node */
  bool was_read;     /* told because it was read, not by an event */
  char name[];
};

/* A directory. */
struct node {
  struct uv__inotify_sub sub;
  struct uv__hash_link
      by_name;              /* among those of its parent, but while it is leaving or displaced */
  struct uv__fs_tree* tree; /* of the topmost node; NULL in others, and once it was dropped */
  struct node* parent;
  struct uv__queue siblings;
  struct uv__queue children;
  struct uv__queue list;  /* one of the tree's, or the forest's `dropped` */
  struct uv__queue doubt; /* in the tree\'s `fresh` or `doubtful` */
  struct uv__walk_dir* being_read;
  int fd; /* half read, else -1 */
  unsigned int flags;
  uint32_t cookie;  /* of the rename with which it leaves */
  uint64_t left_at; /* position of that */
  struct mark* marks;
  uint64_t watched_at; /* where the events end that were queued when it had got its watch */
  uint64_t watched_ms; /* loop time of that */
  uint64_t settled_at; /* where the events end that were queued when it had been read */
  char* name;
};

struct uv__fs_tree {
  struct uv__queue link; /* in the forest */
  struct uv__fs_forest* forest;
  struct node* root;
  uv_handle_t* handle;
  uv__fs_tree_cb cb;
  struct timespec since;     /* changes from then on are news */
  struct uv__queue unread;   /* nodes to be read */
  struct uv__queue marked;   /* nodes that have marks and have been read, first settled first */
  struct uv__queue leaving;  /* nodes that are leaving or displaced */
  struct uv__queue fresh;    /* nodes that were watched lately, first watched first */
  struct uv__queue doubtful; /* nodes whose entries may not be those that there are */
  bool is_starting;
  bool has_moved; /* the root is not at `path` any more */
  bool has_lost;  /* events were dropped since the tree was last read as a whole */
  char path[];    /* absolute where possible */
};

/* All trees of a loop. */
struct uv__fs_forest {
  struct uv__inotify* inotify;
  struct uv__queue trees;
  struct uv__queue dropped; /* nodes to be taken apart */
  struct uv__hash nodes;    /* by parent and name */
  struct uv__hash marks;    /* by node and name */
  char* text;               /* for names that are told */
  size_t text_size;

  struct uv__work work;
  bool is_reading; /* `walk` is with the thread pool, or waits for the next turn */
  uv_handle_t* reading_for;
  struct uv__walk walk;
};

int uv__fs_events_of(uint32_t mask) {
  int events = 0;

  if (mask & (IN_ATTRIB | IN_MODIFY))
    events |= UV_CHANGE;
  if (mask & ~(uint32_t) (IN_ATTRIB | IN_MODIFY))
    events |= UV_RENAME;
  return events;
}

/* -- Names ------------------------------------------------------------------------------------- */

static struct node* topmost(struct node* node) {
  while (node->parent != NULL)
    node = node->parent;
  return node;
}

static struct node* find_child(const struct uv__fs_forest* forest, const struct node* parent,
                               const char* name) {
  struct uv__hash_link* link = uv__hash_find(&forest->nodes, uv__hash_name(parent, name));

  for (; link != NULL; link = uv__hash_next(link)) {
    struct node* node = uv__container(link, struct node, by_name);
    if (node->parent == parent && strcmp(node->name, name) == 0)
      return node;
  }
  return NULL;
}

static void index_name(struct uv__fs_forest* forest, struct node* node) {
  uv__hash_add(&forest->nodes, &node->by_name, uv__hash_name(node->parent, node->name));
}

static bool is_indexed(const struct node* node) {
  return node->parent != NULL && !(node->flags & (LEAVING | DISPLACED));
}

/* The length of a node's path from its root, with a slash behind each name. */
static size_t path_len(const struct node* node) {
  size_t len = 0;

  for (; node->parent != NULL; node = node->parent)
    len += strlen(node->name) + 1;
  return len;
}

/* Writes that path so that it ends before `end`. */
static void write_path(const struct node* node, char* end) {
  for (; node->parent != NULL; node = node->parent) {
    size_t len = strlen(node->name);
    *--end = '/';
    end -= len;
    memcpy(end, node->name, len);
  }
}

/* The path that system calls take, to be freed; NULL: no memory. That of the root ends with a
 * slash, behind which a symbolic link is followed. */
static char* path_of(const struct uv__fs_tree* tree, const struct node* node) {
  size_t base_len = strlen(tree->path);
  size_t len = path_len(node);
  char* path = uv__malloc(base_len + 1 + len + 1);

  if (path == NULL)
    return NULL;
  memcpy(path, tree->path, base_len);
  path[base_len] = '/';
  write_path(node, path + base_len + 1 + len);
  path[base_len + 1 + len] = '\0';
  if (len > 0)
    path[base_len + len] = '\0';
  return path;
}

/* -- Telling ----------------------------------------------------------------------------------- */

static char* reserve_text(struct uv__fs_forest* forest, size_t size) {
  if (size > forest->text_size) {
    char* text = uv__realloc(forest->text, size * 2);
    if (text == NULL)
      return NULL;
    forest->text = text;
    forest->text_size = size * 2;
  }
  return forest->text;
}

/* Tells of an entry, or with "" of the directory itself. Without memory for the name there is none:
 * anything may have changed. Whatever the callback did, the forest is still there; the tree and its
 * nodes may not be. */
static void tell(struct uv__fs_tree* tree, const struct node* node, const char* name, int events) {
  size_t dir_len = path_len(node);
  size_t name_len = strlen(name);
  char* text = reserve_text(tree->forest, dir_len + name_len + 1);

  if (text == NULL) {
    tree->cb(tree->handle, NULL, UV_CHANGE);
    return;
  }
  write_path(node, text + dir_len);
  memcpy(text + dir_len, name, name_len + 1);
  if (name_len == 0 && dir_len > 0)
    text[dir_len - 1] = '\0';
  tree->cb(tree->handle, text, events);
}

/* -- Marks ------------------------------------------------------------------------------------- */

static struct mark* find_mark(const struct uv__fs_forest* forest, const struct node* node,
                              const char* name) {
  struct uv__hash_link* link;

  if (node->marks == NULL)
    return NULL;
  link = uv__hash_find(&forest->marks, uv__hash_name(node, name));
  for (; link != NULL; link = uv__hash_next(link)) {
    struct mark* mark = uv__container(link, struct mark, by_name);
    if (mark->node == node && strcmp(mark->name, name) == 0)
      return mark;
  }
  return NULL;
}

/* Without memory a name may be told twice. */
static void add_mark(struct uv__fs_forest* forest, struct node* node, const char* name,
                     bool was_read) {
  size_t size = strlen(name) + 1;
  struct mark* mark = uv__malloc(sizeof(*mark) + size);

  if (mark == NULL)
    return;
  memcpy(mark->name, name, size);
  mark->node = node;
  mark->was_read = was_read;
  mark->next = node->marks;
  node->marks = mark;
  uv__hash_add(&forest->marks, &mark->by_name, uv__hash_name(node, name));
}

static void clear_marks(struct uv__fs_forest* forest, struct node* node) {
  struct mark* mark;

  while ((mark = node->marks) != NULL) {
    node->marks = mark->next;
    uv__hash_remove(&forest->marks, &mark->by_name);
    uv__free(mark);
  }
}

/* Once all events that were queued when a directory had been read have been told, no event about
 * what was read can come any more. */
static void clear_old_marks(struct uv__fs_tree* tree) {
  struct uv__fs_forest* forest = tree->forest;

  while (!uv__queue_empty(&tree->marked)) {
    struct node* node = uv__container(tree->marked.next, struct node, list);
    if (node->settled_at > forest->inotify->position)
      return;
    uv__queue_remove(&node->list);
    clear_marks(forest, node);
  }
}

/* Whether an event says what has been told already, because it was read. While the directory is
 * being read, remembers what events tell. */
static bool is_told(struct uv__fs_forest* forest, struct node* node,
                    const struct inotify_event* event) {
  bool has_come = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  bool was_read = false;
  struct mark* mark;

  if (!has_come && !(event->mask & (IN_DELETE | IN_MOVED_FROM)))
    return false;
  mark = find_mark(forest, node, event->name);
  if (mark != NULL) {
    was_read = mark->was_read;
    mark->was_read = false;
  } else if (node->flags & UNREAD) {
    add_mark(forest, node, event->name, false);
  }
  return was_read && has_come;
}

/* -- Dropping nodes ---------------------------------------------------------------------------- */

static void stop_reading(struct node* node) {
  if (node->being_read != NULL)
    node->being_read->owner = NULL;
  node->being_read = NULL;
  if (node->fd != -1)
    uv__close(node->fd);
  node->fd = -1;
}

/* Takes a node apart and leaves its children for later. */
static void reap(struct uv__fs_forest* forest, struct node* node) {
  while (!uv__queue_empty(&node->children)) {
    struct node* child = uv__container(node->children.next, struct node, siblings);
    if (is_indexed(child))
      uv__hash_remove(&forest->nodes, &child->by_name);
    child->parent = NULL;
    uv__queue_remove(&child->siblings);
    uv__queue_remove(&child->list);
    uv__queue_push(&forest->dropped, &child->list);
  }
  stop_reading(node);
  clear_marks(forest, node);
  uv__queue_remove(&node->doubt);
  uv__inotify_unsubscribe(forest->inotify, &node->sub);
  uv__free(node->name);
  uv__free(node);
}

static void reap_some(struct uv__fs_forest* forest, int most) {
  struct uv__queue* link;

  for (int i = 0; i < most && (link = uv__queue_pop(&forest->dropped)) != NULL; i++)
    reap(forest, uv__container(link, struct node, list));
  if (!uv__queue_empty(&forest->dropped))
    uv__inotify_feed(forest->inotify);
}

/* Cuts a node off, with all below it. It does not touch its tree any more. */
static void cut(struct uv__fs_forest* forest, struct node* node) {
  if (is_indexed(node))
    uv__hash_remove(&forest->nodes, &node->by_name);
  node->parent = NULL;
  node->tree = NULL;
  uv__queue_remove(&node->siblings);
  uv__queue_remove(&node->list);
  uv__queue_push(&forest->dropped, &node->list);
}

static void drop(struct uv__fs_forest* forest, struct node* node) {
  cut(forest, node);
  reap_some(forest, REAPED_AT_ONCE);
}

static void drop_children(struct uv__fs_forest* forest, struct node* node) {
  while (!uv__queue_empty(&node->children))
    cut(forest, uv__container(node->children.next, struct node, siblings));
  reap_some(forest, REAPED_AT_ONCE);
}

/* -- Making nodes ------------------------------------------------------------------------------ */

static void on_event(struct uv__inotify_sub* sub, const struct inotify_event* event);

static struct node* new_node(struct uv__fs_forest* forest, struct node* parent, const char* name) {
  struct node* node = uv__calloc(1, sizeof(*node));

  if (node == NULL)
    return NULL;
  node->name = uv__strdup(name);
  if (node->name == NULL) {
    uv__free(node);
    return NULL;
  }
  node->sub.on_event = on_event;
  node->parent = parent;
  uv__queue_init(&node->siblings);
  uv__queue_init(&node->children);
  uv__queue_init(&node->list);
  uv__queue_init(&node->doubt);
  node->fd = -1;
  node->flags = SEEN;
  node->watched_at = UNSETTLED;
  node->settled_at = UNSETTLED;
  if (parent != NULL) {
    uv__queue_push(&parent->children, &node->siblings);
    index_name(forest, node);
  }
  return node;
}

static int watch_at(struct uv__fs_forest* forest, struct node* node, const char* path) {
  char link[32];
  int fd;
  int err;

  if (strlen(path) < PATH_MAX)
    return uv__inotify_subscribe(forest->inotify, &node->sub, path, LOOKUP);
  fd = uv__walk_open(path, O_PATH);
  if (fd < 0)
    return fd;
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  err = uv__inotify_subscribe(forest->inotify, &node->sub, link, IN_ONLYDIR);
  uv__close(fd);
  return err;
}

/* Watches the directory of a node that has no watch: 0 or an error. */
static int watch(struct uv__fs_tree* tree, struct node* node) {
  struct uv__fs_forest* forest = tree->forest;
  char* path;
  int err;

  /* The watch of the root went with it, its path did not. */
  if (tree->has_moved && !uv__inotify_is_at(forest->inotify, &tree->root->sub, tree->path, 0))
    return UV_ENOENT;
  path = path_of(tree, node);
  if (path == NULL)
    return UV_ENOMEM;
  err = watch_at(forest, node, path);
  uv__free(path);
  if (err == 0) {
    node->watched_at = uv__inotify_end(forest->inotify);
    node->watched_ms = uv_now(forest->inotify->loop);
    uv__queue_remove(&node->doubt);
    uv__queue_push(&tree->fresh, &node->doubt);
  }
  return err;
}

/* Whether a watch was made when the event that is being told was already queued: the node is of the
 * directory that had the name then, or later. */
static bool is_later(const struct uv__fs_forest* forest, const struct node* node) {
  return node->sub.watch != NULL && node->watched_at > forest->inotify->position;
}

/* Has a node read; `flags` say why. */
static void read_later(struct uv__fs_tree* tree, struct node* node, unsigned int flags) {
  struct uv__queue* link;

  stop_reading(node);
  uv__queue_remove(&node->list);
  uv__queue_push(&tree->unread, &node->list);
  node->flags |= flags | UNREAD;
  node->settled_at = UNSETTLED;
  for (link = node->children.next; link != &node->children; link = link->next)
    uv__container(link, struct node, siblings)->flags &= ~(unsigned) SEEN;
}

/* Begins with a node from scratch. */
static void watch_anew(struct uv__fs_tree* tree, struct node* node, unsigned int flags) {
  struct uv__fs_forest* forest = tree->forest;

  stop_reading(node);
  drop_children(forest, node);
  clear_marks(forest, node);
  uv__queue_remove(&node->list);
  uv__inotify_unsubscribe(forest->inotify, &node->sub);
  node->watched_at = UNSETTLED;
  node->settled_at = UNSETTLED;
  if (watch(tree, node) == 0)
    read_later(tree, node, flags);
}

/* A directory that an event tells of or that was read. One that cannot be watched is kept for
 * another try. */
static void add_dir(struct uv__fs_tree* tree, struct node* parent, const char* name,
                    unsigned int flags) {
  struct node* node = new_node(tree->forest, parent, name);

  if (node != NULL && watch(tree, node) == 0)
    read_later(tree, node, flags);
}

/* -- Doubts ------------------------------------------------------------------------------------ */

/* Renames that the kernel was about to tell when a path was looked up are not behind the position
 * that was noted then; so for some time a rename puts in doubt what was done shortly before. */
static bool is_fresh(const struct uv__fs_forest* forest, const struct node* node) {
  return node->settled_at > forest->inotify->position ||
         uv_now(forest->inotify->loop) - node->watched_ms < FRESH_MS;
}

/* When a directory in `parent` is renamed: if there are fresh nodes, they and the parent are
 * checked once there are no more events. */
static void doubt(struct uv__fs_tree* tree, struct node* parent) {
  struct uv__queue* link;

  while (!uv__queue_empty(&tree->fresh)) {
    link = tree->fresh.next;
    if (is_fresh(tree->forest, uv__container(link, struct node, doubt)))
      break;
    uv__queue_remove(link);
  }
  if (uv__queue_empty(&tree->fresh))
    return;
  while ((link = uv__queue_pop(&tree->fresh)) != NULL)
    uv__queue_push(&tree->doubtful, link);
  uv__queue_remove(&parent->doubt);
  uv__queue_push(&tree->doubtful, &parent->doubt);
  uv__inotify_feed(tree->forest->inotify);
}

static void check(struct uv__fs_tree* tree, struct node* node) {
  if (node != NULL && node->sub.watch != NULL && !(node->flags & (LEAVING | DISPLACED)))
    read_later(tree, node, CHECK);
}

/* Where there is doubt and no event that may end it, compares with what there is. */
static void check_doubtful(struct uv__fs_tree* tree) {
  struct uv__inotify* inotify = tree->forest->inotify;
  struct uv__queue* link;

  if (uv__queue_empty(&tree->doubtful))
    return;
  if (uv__inotify_end(inotify) > inotify->bytes_read) {
    uv__inotify_feed(inotify);
    return;
  }
  while ((link = uv__queue_pop(&tree->leaving)) != NULL) {
    struct node* node = uv__container(link, struct node, list);
    check(tree, node->parent);
    drop(tree->forest, node);
  }
  while ((link = uv__queue_pop(&tree->doubtful)) != NULL) {
    struct node* node = uv__container(link, struct node, doubt);
    if (topmost(node)->tree != tree)
      continue;
    check(tree, node);
    check(tree, node->parent);
  }
}

static void check_all(struct uv__fs_forest* forest) {
  struct uv__queue* list = &forest->trees;

  for (struct uv__queue* link = list->next; link != list; link = link->next)
    check_doubtful(uv__container(link, struct uv__fs_tree, link));
}

/* -- Renames ----------------------------------------------------------------------------------- */

/* Its name may be another's now; its watch will tell what comes next. */
static void set_leaving(struct uv__fs_tree* tree, struct node* node, unsigned int flag,
                        uint32_t cookie) {
  if (node->sub.watch == NULL) {
    drop(tree->forest, node);
    return;
  }
  node->left_at = tree->forest->inotify->position;
  stop_reading(node);
  if (is_indexed(node))
    uv__hash_remove(&tree->forest->nodes, &node->by_name);
  node->flags &= ~(unsigned) (LEAVING | DISPLACED);
  node->flags |= flag;
  node->cookie = cookie;
  clear_marks(tree->forest, node);
  uv__queue_remove(&node->list);
  uv__queue_push(&tree->leaving, &node->list);
}

static struct node* find_leaving(const struct uv__fs_tree* tree, uint32_t cookie) {
  const struct uv__queue* list = &tree->leaving;

  for (struct uv__queue* link = list->next; link != list; link = link->next) {
    struct node* node = uv__container(link, struct node, list);
    if ((node->flags & LEAVING) && node->cookie == cookie)
      return node;
  }
  return NULL;
}

static struct node* find_displaced(const struct uv__fs_tree* tree, const struct node* parent,
                                   const char* name) {
  const struct uv__queue* list = &tree->leaving;

  for (struct uv__queue* link = list->next; link != list; link = link->next) {
    struct node* node = uv__container(link, struct node, list);
    if ((node->flags & DISPLACED) && node->parent == parent && strcmp(node->name, name) == 0)
      return node;
  }
  return NULL;
}

/* The next node of a subtree in an order in which parents come first; NULL: that was the last. */
static struct node* next_in_subtree(const struct node* top, struct node* node, bool into) {
  if (into && !uv__queue_empty(&node->children))
    return uv__container(node->children.next, struct node, siblings);
  while (node != top) {
    if (node->siblings.next != &node->parent->children)
      return uv__container(node->siblings.next, struct node, siblings);
    node = node->parent;
  }
  return NULL;
}

/* After a rename: does again what was done by a path that may have been wrong by then. */
static void check_moved(struct uv__fs_tree* tree, struct node* top) {
  uint64_t left_at = top->left_at;
  struct node* node = top;

  while (node != NULL) {
    bool is_right = node->watched_at <= left_at;
    if (!is_right)
      watch_anew(tree, node, node->settled_at == UNSETTLED ? 0 : IS_NEW);
    else if (node->settled_at == UNSETTLED)
      read_later(tree, node, 0);
    else if (node->settled_at > left_at)
      read_later(tree, node, IS_NEW);
    node = next_in_subtree(top, node, is_right);
  }
}

static bool is_below(const struct node* node, const struct node* top) {
  while (node != NULL && node != top)
    node = node->parent;
  return node != NULL;
}

/* Ends a rename within the tree. */
static void arrive(struct uv__fs_tree* tree, struct node* node, struct node* parent,
                   const char* name) {
  char* copy;

  /* One of them is not where we believe. It stays in doubt. */
  if (is_below(parent, node))
    return;
  copy = uv__strdup(name);
  if (copy == NULL) {
    drop(tree->forest, node);
    return;
  }
  uv__free(node->name);
  node->name = copy;
  node->parent = parent;
  uv__queue_remove(&node->list);
  uv__queue_remove(&node->siblings);
  uv__queue_push(&parent->children, &node->siblings);
  node->flags &= ~(unsigned) (LEAVING | DISPLACED);
  node->flags |= SEEN;
  index_name(tree->forest, node);
  check_moved(tree, node);
}

/* -- Events: what they change in the tree ------------------------------------------------------ */

static void on_dir_created(struct uv__fs_tree* tree, struct node* parent, const char* name,
                           struct node* former) {
  if (former != NULL)
    drop(tree->forest, former);
  add_dir(tree, parent, name, IS_NEW);
}

static void on_dir_moved_to(struct uv__fs_tree* tree, struct node* parent,
                            const struct inotify_event* event, struct node* former) {
  struct node* node = find_leaving(tree, event->cookie);

  if (node == NULL) {
    on_dir_created(tree, parent, event->name, former);
    return;
  }
  if (former != NULL)
    set_leaving(tree, former, DISPLACED, 0);
  arrive(tree, node, parent, event->name);
}

/* An older event than the node there. What moved to its name, if it did, may have been found by
 * reading, or it was there for a while and will be found where it went. */
static void on_dir_moved_below(struct uv__fs_tree* tree, struct node* parent,
                               const struct inotify_event* event, struct node* later) {
  struct node* node = find_leaving(tree, event->cookie);

  if (node == NULL)
    return;
  if (node->sub.watch == later->sub.watch) {
    drop(tree->forest, later);
    arrive(tree, node, parent, event->name);
  } else {
    drop(tree->forest, node);
  }
}

/* The node that an event is about, which may not be the one that has the name now. */
static struct node* find_former(const struct uv__fs_tree* tree, const struct node* parent,
                                const struct inotify_event* event) {
  struct node* displaced = NULL;

  /* Where two directories change names, the second one leaves while it is displaced. */
  if (event->mask & IN_MOVED_FROM)
    displaced = find_displaced(tree, parent, event->name);
  return displaced != NULL ? displaced : find_child(tree->forest, parent, event->name);
}

static void on_entry(struct uv__fs_tree* tree, struct node* parent,
                     const struct inotify_event* event) {
  const uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
  struct node* former = find_former(tree, parent, event);

  if ((event->mask & IN_ISDIR) && (event->mask & IN_MOVE))
    doubt(tree, parent);
  if (former != NULL && is_later(tree->forest, former)) {
    if (event->mask & IN_MOVED_TO)
      on_dir_moved_below(tree, parent, event, former);
  } else if (!(event->mask & IN_ISDIR) || (event->mask & IN_DELETE)) {
    if (former != NULL && (event->mask & changes))
      drop(tree->forest, former);
  } else if (event->mask & IN_CREATE) {
    on_dir_created(tree, parent, event->name, former);
  } else if (event->mask & IN_MOVED_TO) {
    on_dir_moved_to(tree, parent, event, former);
  } else if (former != NULL && (event->mask & IN_MOVED_FROM)) {
    set_leaving(tree, former, LEAVING, event->cookie);
  } else if (former != NULL && former->sub.watch == NULL) {
    watch_anew(tree, former, IS_NEW); /* it may be allowed now */
  }
}

/* An event of a directory that its parent's watch does not tell. */
static void on_self(struct uv__fs_tree* tree, struct node* node, uint32_t mask) {
  const uint32_t end = IN_DELETE_SELF | IN_IGNORED;

  if (node == tree->root)
    tree->has_moved = tree->has_moved || (mask & IN_MOVE_SELF);
  else if ((node->flags & DISPLACED) && (mask & (end | IN_ATTRIB)))
    drop(tree->forest, node); /* not a change of names: the other has replaced it */
  else if ((node->flags & LEAVING) && (mask & (end | IN_MOVE_SELF)))
    drop(tree->forest, node); /* the new name is outside */
  else if (mask & IN_IGNORED)
    watch_anew(tree, node, IS_NEW); /* removed; or unmounted, and another is there now */
}

static void walk_on(struct uv__fs_forest* forest);

static void on_event(struct uv__inotify_sub* sub, const struct inotify_event* event) {
  struct node* node = uv__container(sub, struct node, sub);
  struct uv__fs_tree* tree = topmost(node)->tree;
  struct uv__fs_forest* forest;
  int events = uv__fs_events_of(event->mask);

  if (tree == NULL)
    return;
  forest = tree->forest;
  clear_old_marks(tree);
  if (event->len > 0) {
    on_entry(tree, node, event);
    if (!is_told(forest, node, event))
      tell(tree, node, event->name, events);
  } else if (node == tree->root || (event->mask & IN_UNMOUNT)) {
    on_self(tree, node, event->mask);
    tell(tree, node, "", events);
  } else {
    on_self(tree, node, event->mask);
  }
  walk_on(forest);
}

/* -- Reading: what it finds -------------------------------------------------------------------- */

static void found_dir(struct uv__fs_tree* tree, struct node* parent, const char* name) {
  unsigned int inherited = parent->flags & (IS_NEW | VERIFY);
  struct node* node = find_child(tree->forest, parent, name);
  char* path;
  bool is_same;

  if (node == NULL) {
    add_dir(tree, parent, name, (parent->flags & CHECK) ? IS_NEW : inherited);
    return;
  }
  node->flags |= SEEN;
  if (!(parent->flags & (VERIFY | CHECK)) || !is_indexed(node))
    return;
  path = path_of(tree, node);
  is_same = path != NULL && uv__inotify_is_at(tree->forest->inotify, &node->sub, path, LOOKUP);
  uv__free(path);
  if (!is_same)
    watch_anew(tree, node, (parent->flags & VERIFY) ? VERIFY : IS_NEW);
  else if (parent->flags & VERIFY)
    read_later(tree, node, VERIFY);
}

static void drop_unseen(struct uv__fs_forest* forest, struct node* node) {
  struct uv__queue* link = node->children.next;

  while (link != &node->children) {
    struct node* child = uv__container(link, struct node, siblings);
    link = link->next;
    if (!(child->flags & SEEN) && is_indexed(child))
      cut(forest, child);
  }
  reap_some(forest, REAPED_AT_ONCE);
}

/* The directory has been read; `end` is where the events end that were queued by then. One that
 * could not be read keeps what was known of it, and after a rename it is tried again. */
static void settle(struct uv__fs_tree* tree, struct node* node, uint64_t end, bool was_read) {
  node->flags &= ~(unsigned) (IS_NEW | VERIFY | CHECK | UNREAD);
  if (!was_read) {
    clear_marks(tree->forest, node);
    return;
  }
  node->settled_at = end;
  drop_unseen(tree->forest, node);
  if (node->marks != NULL)
    uv__queue_push(&tree->marked, &node->list);
}

static void tell_found(struct uv__fs_tree* tree, struct node* node, const char* name,
                       uint64_t end) {
  if (find_mark(tree->forest, node, name) != NULL)
    return;
  if (tree->forest->inotify->position < end)
    add_mark(tree->forest, node, name, true);
  tell(tree, node, name, UV_RENAME);
}

static void take_results_of(struct uv__walk* walk, struct uv__walk_dir* dir, uint64_t end) {
  struct uv__walk_entry entry;

  /* A callback may drop the node. */
  while (dir->owner != NULL && uv__walk_next(walk, dir, &entry)) {
    struct node* node = dir->owner;
    struct uv__fs_tree* tree = topmost(node)->tree;
    if (tree == NULL)
      return;
    if (entry.is_dir)
      found_dir(tree, node, entry.name);
    if (entry.is_news)
      tell_found(tree, node, entry.name, end);
  }
}

/* Half read, it comes first next time. */
static void end_reading(struct node* node, struct uv__walk_dir* dir, uint64_t end) {
  struct uv__fs_tree* tree = topmost(node)->tree;

  node->being_read = NULL;
  if (tree == NULL)
    return;
  if (dir->is_done) {
    settle(tree, node, end, !dir->has_failed);
  } else {
    node->fd = dir->fd;
    dir->fd = -1;
    uv__queue_push_front(&tree->unread, &node->list);
  }
}

static void take_results(struct uv__fs_forest* forest, struct uv__walk* walk) {
  uint64_t end = uv__inotify_end(forest->inotify);

  for (unsigned int i = 0; i < walk->count; i++)
    take_results_of(walk, &walk->dirs[i], end);
  for (unsigned int i = walk->count; i-- > 0;)
    if (walk->dirs[i].owner != NULL)
      end_reading(walk->dirs[i].owner, &walk->dirs[i], end);
  uv__walk_clear(walk);
}

/* -- Reading: in batches ----------------------------------------------------------------------- */

static enum uv__walk_news news_of(const struct uv__fs_tree* tree, const struct node* node) {
  if (node->flags & IS_NEW)
    return UV__WALK_ALL;
  return tree->is_starting || (node->flags & (VERIFY | CHECK)) ? UV__WALK_NONE : UV__WALK_CHANGED;
}

/* Takes what is to be read next of a tree: false if there is nothing. */
static bool fill(struct uv__fs_tree* tree, struct uv__walk* walk) {
  struct uv__queue* link;

  while (walk->count < UV__WALK_DIRS && (link = uv__queue_pop(&tree->unread)) != NULL) {
    struct node* node = uv__container(link, struct node, list);
    char* path;
    if (topmost(node)->tree != tree)
      continue;
    path = path_of(tree, node);
    if (path == NULL) {
      settle(tree, node, 0, false);
      continue;
    }
    node->being_read = &walk->dirs[walk->count];
    uv__walk_add(walk, node, path, node->fd, news_of(tree, node), tree->since);
    node->fd = -1;
  }
  return walk->count > 0;
}

/* Gives each tree its turn. */
static bool fill_from_any(struct uv__fs_forest* forest) {
  struct uv__queue* list = &forest->trees;

  for (struct uv__queue* link = list->next; link != list; link = link->next) {
    struct uv__fs_tree* tree = uv__container(link, struct uv__fs_tree, link);
    if (fill(tree, &forest->walk)) {
      forest->reading_for = tree->handle;
      uv__queue_remove(&tree->link);
      uv__queue_push(list, &tree->link);
      return true;
    }
  }
  return false;
}

static void run(struct uv__work* work) {
  uv__walk_read(&uv__container(work, struct uv__fs_forest, work)->walk);
}

/* What was lost is lost for good once the trees have been read again. */
static void tell_losses(struct uv__fs_forest* forest) {
  struct uv__queue todo;
  struct uv__queue* link;

  uv__queue_move(&forest->trees, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    struct uv__fs_tree* tree = uv__container(link, struct uv__fs_tree, link);
    uv__queue_push(&forest->trees, link);
    if (tree->has_lost) {
      tree->has_lost = false;
      tree->cb(tree->handle, NULL, UV_CHANGE);
    }
  }
}

static void end_walk(struct uv__fs_forest* forest) {
  struct uv__inotify* inotify = forest->inotify;
  uv_handle_t* handle = forest->reading_for;

  forest->is_reading = false;
  if (uv__is_closing(handle))
    uv__handle_closed(handle);
  take_results(forest, &forest->walk);
  walk_on(forest);
  if (!forest->is_reading) {
    check_all(forest);
    walk_on(forest);
  }
  if (!forest->is_reading)
    tell_losses(forest);
  uv__inotify_release(inotify);
}

static void done(struct uv__work* work, int status) {
  (void) status; /* a batch that was cancelled has no entries, and no owners */
  end_walk(uv__container(work, struct uv__fs_forest, work));
}

/* Reads on, if there is something to read and nobody does. Without a thread pool the loop does it
 * itself, a batch in each turn. */
static void walk_on(struct uv__fs_forest* forest) {
  struct uv__inotify* inotify = forest->inotify;

  if (forest->is_reading || !fill_from_any(forest))
    return;
  forest->is_reading = true;
  inotify->holds++;
  forest->work.work = NULL;
  if (uv__work_submit(inotify->loop, &forest->work, UV__WORK_FILE, run, done) != 0) {
    forest->work.loop = NULL;
    uv__inotify_feed(inotify);
  }
}

static void on_pending(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest = inotify->forest;

  reap_some(forest, REAPED_PER_TURN);
  if (!forest->is_reading) {
    check_all(forest);
    walk_on(forest);
  } else if (forest->work.loop == NULL) {
    run(&forest->work);
    end_walk(forest);
  }
}

bool uv__fs_tree_is_read_for(const struct uv__inotify* inotify, const uv_handle_t* handle) {
  const struct uv__fs_forest* forest = inotify == NULL ? NULL : inotify->forest;

  return forest != NULL && forest->is_reading && forest->reading_for == handle;
}

/* -- The life of a forest ---------------------------------------------------------------------- */

/* The instance is closed, and with it all watches. */
static void on_free(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest = inotify->forest;
  struct uv__queue* link;

  while ((link = uv__queue_pop(&forest->dropped)) != NULL)
    reap(forest, uv__container(link, struct node, list));
  uv__hash_free(&forest->nodes);
  uv__hash_free(&forest->marks);
  uv__free(forest->text);
  uv__free(forest);
}

/* The threads are the parent's, and so is what they read. */
static void on_fork(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest = inotify->forest;

  if (!forest->is_reading)
    return;
  forest->is_reading = false;
  if (uv__is_closing(forest->reading_for))
    uv__handle_closed(forest->reading_for);
  for (unsigned int i = 0; i < forest->walk.count; i++)
    if (forest->walk.dirs[i].owner != NULL)
      stop_reading(forest->walk.dirs[i].owner);
  uv__walk_clear(&forest->walk);
  uv__inotify_release(inotify);
}

static int make_forest(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest;

  if (inotify->forest != NULL)
    return 0;
  forest = uv__calloc(1, sizeof(*forest));
  if (forest == NULL)
    return UV_ENOMEM;
  forest->inotify = inotify;
  uv__queue_init(&forest->trees);
  uv__queue_init(&forest->dropped);
  uv__hash_init(&forest->nodes);
  uv__hash_init(&forest->marks);
  inotify->forest = forest;
  inotify->on_pending = on_pending;
  inotify->on_fork = on_fork;
  inotify->on_free = on_free;
  return 0;
}

/* -- The life of a tree ------------------------------------------------------------------------ */

/* The directory of the process may change, and symbolic links may. */
static struct uv__fs_tree* new_tree(struct uv__fs_forest* forest, uv_handle_t* handle,
                                    const char* path, uv__fs_tree_cb cb) {
  char absolute[PATH_MAX];
  struct uv__fs_tree* tree;
  size_t size;

  if (realpath(path, absolute) != NULL)
    path = absolute;
  size = strlen(path) + 1;
  tree = uv__calloc(1, sizeof(*tree) + size);
  if (tree == NULL)
    return NULL;
  tree->root = new_node(forest, NULL, "");
  if (tree->root == NULL) {
    uv__free(tree);
    return NULL;
  }
  memcpy(tree->path, path, size);
  tree->root->tree = tree;
  tree->forest = forest;
  tree->handle = handle;
  tree->cb = cb;
  uv__queue_init(&tree->unread);
  uv__queue_init(&tree->marked);
  uv__queue_init(&tree->leaving);
  uv__queue_init(&tree->fresh);
  uv__queue_init(&tree->doubtful);
  uv__queue_push(&forest->trees, &tree->link);
  return tree;
}

static void unlink_all(struct uv__queue* list) {
  while (uv__queue_pop(list) != NULL)
    continue;
}

void uv__fs_tree_stop(struct uv__fs_tree* tree) {
  struct uv__fs_forest* forest = tree->forest;

  if (forest->is_reading && forest->reading_for == tree->handle)
    uv__work_cancel(&forest->work);
  unlink_all(&tree->unread);
  unlink_all(&tree->marked);
  unlink_all(&tree->leaving);
  unlink_all(&tree->fresh);
  unlink_all(&tree->doubtful);
  uv__queue_remove(&tree->link);
  drop(forest, tree->root);
  uv__free(tree);
}

/* Small trees are watched as a whole when the start returns. */
static void walk_now(struct uv__fs_tree* tree) {
  struct uv__walk* walk = uv__malloc(sizeof(*walk));
  uint64_t start = uv_hrtime();

  if (walk == NULL)
    return;
  walk->count = 0;
  walk->used = 0;
  tree->is_starting = true;
  while (uv_hrtime() - start < START_NS && fill(tree, walk)) {
    uv__walk_read(walk);
    take_results(tree->forest, walk);
  }
  tree->is_starting = false;
  uv__free(walk);
}

static int start(struct uv__fs_tree* tree) {
  struct uv__fs_forest* forest = tree->forest;
  int err = uv__inotify_subscribe(forest->inotify, &tree->root->sub, tree->path, 0);

  if (err != 0)
    return err;
  read_later(tree, tree->root, 0);
  walk_now(tree);
  tree->since = uv__walk_now();
  walk_on(forest);
  return 0;
}

int uv__fs_tree_start(struct uv__inotify* inotify, uv_handle_t* handle, const char* path,
                      uv__fs_tree_cb cb, struct uv__fs_tree** tree) {
  int err = make_forest(inotify);

  if (err != 0)
    return err;
  *tree = new_tree(inotify->forest, handle, path, cb);
  if (*tree == NULL)
    return UV_ENOMEM;
  err = start(*tree);
  if (err != 0)
    uv__fs_tree_stop(*tree);
  return err;
}

void uv__fs_tree_resync(struct uv__fs_tree* tree) {
  struct uv__queue* link;

  /* Where they went may be among what was lost. */
  while ((link = uv__queue_pop(&tree->leaving)) != NULL)
    drop(tree->forest, uv__container(link, struct node, list));
  tree->has_lost = true;
  read_later(tree, tree->root, VERIFY);
  walk_on(tree->forest);
}

int uv__fs_tree_fork(struct uv__fs_tree* tree) {
  struct node* root = tree->root;

  stop_reading(root);
  drop_children(tree->forest, root);
  clear_marks(tree->forest, root);
  uv__inotify_unsubscribe(tree->forest->inotify, &root->sub);
  tree->has_moved = false;
  return start(tree);
}
