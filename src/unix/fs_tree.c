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
 * goes; after renames and changes of its attributes it is tried again. */
#include "fs_tree.h"

#include "../threadpool.h"
#include "fs_tree_read.h"
#include "fs_tree_watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { AGED_AT_ONCE = 64 };

int uv__fs_events_of(uint32_t mask) {
  int events = 0;

  if (mask & (IN_ATTRIB | IN_MODIFY))
    events |= UV_CHANGE;
  if (mask & ~(uint32_t) (IN_ATTRIB | IN_MODIFY))
    events |= UV_RENAME;
  return events;
}

/* -- Renames ----------------------------------------------------------------------------------- */

/* Its name may be another's now; its watch will tell what comes next. */
static void set_leaving(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flag,
                        uint32_t cookie) {
  if (node->sub.watch == NULL) {
    uv__node_drop(tree->forest, node);
    return;
  }
  node->left_at = tree->forest->inotify->position;
  uv__node_stop_reading(node);
  if (uv__node_is_indexed(node))
    uv__hash_remove(&tree->forest->nodes, &node->by_name);
  node->flags &= ~(unsigned) (NODE_LEAVING | NODE_DISPLACED);
  node->flags |= flag;
  node->cookie = cookie;
  uv__node_clear_marks(tree->forest, node);
  uv__queue_remove(&node->list);
  uv__queue_push(&tree->leaving, &node->list);
}

static bool is_below(const struct uv__node* node, const struct uv__node* top) {
  while (node != NULL && node != top)
    node = node->parent;
  return node != NULL;
}

/* The node that a rename with this cookie took away, if it can have come to `parent`. One that is
 * above it is not where we believe, and stays in doubt. */
static struct uv__node* find_leaving(const struct uv__fs_tree* tree, const struct uv__node* parent,
                                     uint32_t cookie) {
  const struct uv__queue* list = &tree->leaving;

  for (struct uv__queue* link = list->next; link != list; link = link->next) {
    struct uv__node* node = uv__container(link, struct uv__node, list);
    if ((node->flags & NODE_LEAVING) && node->cookie == cookie)
      return is_below(parent, node) ? NULL : node;
  }
  return NULL;
}

static struct uv__node* find_displaced(const struct uv__fs_tree* tree,
                                       const struct uv__node* parent, const char* name) {
  const struct uv__queue* list = &tree->leaving;

  for (struct uv__queue* link = list->next; link != list; link = link->next) {
    struct uv__node* node = uv__container(link, struct uv__node, list);
    if ((node->flags & NODE_DISPLACED) && node->parent == parent && strcmp(node->name, name) == 0)
      return node;
  }
  return NULL;
}

/* The next node of a subtree in an order in which parents come first; NULL: that was the last. */
static struct uv__node* next_in_subtree(const struct uv__node* top, struct uv__node* node,
                                        bool into) {
  if (into && !uv__queue_empty(&node->children))
    return uv__container(node->children.next, struct uv__node, siblings);
  while (node != top) {
    if (node->siblings.next != &node->parent->children)
      return uv__container(node->siblings.next, struct uv__node, siblings);
    node = node->parent;
  }
  return NULL;
}

/* After a rename: does again what was done by a path that may have been wrong by then. */
static void check_moved(struct uv__fs_tree* tree, struct uv__node* top) {
  uint64_t left_at = top->left_at;
  struct uv__node* node = top;

  while (node != NULL) {
    bool is_right = node->watched_at <= left_at || !uv__node_in_place(node);
    if (!is_right)
      uv__node_watch_anew(tree, node, node->settled_at == NODE_UNSETTLED ? 0 : NODE_IS_NEW);
    else if (uv__node_in_place(node) && node->settled_at > left_at)
      uv__node_read_later(tree, node, node->settled_at == NODE_UNSETTLED ? 0 : NODE_IS_NEW);
    node = next_in_subtree(top, node, is_right);
  }
}

/* Ends a rename within the tree. */
static void arrive(struct uv__fs_tree* tree, struct uv__node* node, struct uv__node* parent,
                   const char* name) {
  char* copy = uv__strdup(name);

  if (copy == NULL) {
    uv__node_drop(tree->forest, node);
    return;
  }
  uv__free(node->name);
  node->name = copy;
  node->parent = parent;
  uv__queue_remove(&node->list);
  uv__queue_remove(&node->siblings);
  uv__queue_push(&parent->children, &node->siblings);
  node->flags &= ~(unsigned) (NODE_LEAVING | NODE_DISPLACED);
  node->flags |= NODE_SEEN;
  uv__node_index(tree->forest, node);
  check_moved(tree, node);
}

/* -- Events: what they change in the tree ------------------------------------------------------ */

static void on_dir_created(struct uv__fs_tree* tree, struct uv__node* parent, const char* name,
                           struct uv__node* former) {
  if (former != NULL)
    uv__node_drop(tree->forest, former);
  uv__node_add_dir(tree, parent, name, NODE_IS_NEW);
}

static void on_dir_moved_to(struct uv__fs_tree* tree, struct uv__node* parent,
                            const struct inotify_event* event, struct uv__node* former) {
  struct uv__node* node = find_leaving(tree, parent, event->cookie);

  if (node == NULL) {
    on_dir_created(tree, parent, event->name, former);
    return;
  }
  if (former != NULL)
    set_leaving(tree, former, NODE_DISPLACED, 0);
  arrive(tree, node, parent, event->name);
}

/* An older event than the node there. What moved to its name, if it did, may have been found by
 * reading, or it was there for a while and will be found where it went. */
static void on_dir_moved_below(struct uv__fs_tree* tree, struct uv__node* parent,
                               const struct inotify_event* event, struct uv__node* later) {
  struct uv__node* node = find_leaving(tree, parent, event->cookie);

  if (node == NULL)
    return;
  if (node->sub.watch == later->sub.watch) {
    arrive(tree, node, parent, event->name); /* it may come from below the other */
    uv__node_drop(tree->forest, later);
  } else {
    uv__node_drop(tree->forest, node);
  }
}

/* The node that an event is about, which may not be the one that has the name now. */
static struct uv__node* find_former(const struct uv__fs_tree* tree, const struct uv__node* parent,
                                    const struct inotify_event* event) {
  struct uv__node* displaced = NULL;

  /* Where two directories change names, the second one leaves while it is displaced. */
  if (event->mask & IN_MOVED_FROM)
    displaced = find_displaced(tree, parent, event->name);
  return displaced != NULL ? displaced : uv__node_find_child(tree->forest, parent, event->name);
}

static void on_entry(struct uv__fs_tree* tree, struct uv__node* parent,
                     const struct inotify_event* event) {
  const uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
  struct uv__node* former = find_former(tree, parent, event);

  if ((event->mask & IN_ISDIR) && (event->mask & IN_MOVE))
    uv__node_doubt(tree, parent);
  if (former != NULL && uv__node_is_later(tree->forest, former)) {
    if (event->mask & IN_MOVED_TO)
      on_dir_moved_below(tree, parent, event, former);
  } else if (!(event->mask & IN_ISDIR) || (event->mask & IN_DELETE)) {
    if (former != NULL && (event->mask & changes))
      uv__node_drop(tree->forest, former);
  } else if (event->mask & IN_CREATE) {
    on_dir_created(tree, parent, event->name, former);
  } else if (event->mask & IN_MOVED_TO) {
    on_dir_moved_to(tree, parent, event, former);
  } else if (former != NULL && (event->mask & IN_MOVED_FROM)) {
    set_leaving(tree, former, NODE_LEAVING, event->cookie);
  } else if (former != NULL && former->sub.watch == NULL) {
    uv__node_watch_anew(tree, former, NODE_IS_NEW); /* it may be allowed now */
  }
}

/* An event of a directory that its parent's watch does not tell. */
static void on_self(struct uv__fs_tree* tree, struct uv__node* node, uint32_t mask) {
  const uint32_t end = IN_DELETE_SELF | IN_IGNORED;

  if (node == tree->root)
    tree->has_moved = tree->has_moved || (mask & IN_MOVE_SELF);
  else if ((node->flags & NODE_DISPLACED) && (mask & (end | IN_ATTRIB)))
    uv__node_drop(tree->forest, node); /* not a change of names: the other has replaced it */
  else if ((node->flags & NODE_LEAVING) && (mask & (end | IN_MOVE_SELF)))
    uv__node_drop(tree->forest, node); /* the new name is outside */
  else if (mask & IN_IGNORED)          /* removed; or unmounted, and another is there now */
    uv__node_watch_anew(tree, node, NODE_IS_NEW);
}

static void on_event(struct uv__inotify_sub* sub, const struct inotify_event* event) {
  struct uv__node* node = uv__container(sub, struct uv__node, sub);
  struct uv__fs_tree* tree = uv__node_topmost(node)->tree;
  struct uv__fs_forest* forest;
  int events = uv__fs_events_of(event->mask);

  if (tree == NULL)
    return;
  forest = tree->forest;
  uv__node_clear_old_marks(tree);
  uv__node_age(tree, AGED_AT_ONCE);
  if (event->len > 0) {
    on_entry(tree, node, event);
    if (!uv__node_is_told(forest, node, event))
      uv__node_tell(tree, node, event->name, events);
  } else if (node == tree->root || (event->mask & IN_UNMOUNT)) {
    on_self(tree, node, event->mask);
    uv__node_tell(tree, node, "", events);
  } else {
    on_self(tree, node, event->mask);
  }
  uv__tree_walk_on(forest);
}

/* -- The life of a forest ---------------------------------------------------------------------- */

/* The instance is closed, and with it all watches. */
static void on_free(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest = inotify->forest;

  uv__node_reap_all(forest);
  uv__hash_free(&forest->nodes);
  uv__hash_free(&forest->marks);
  uv__free(forest->text);
  uv__free(forest);
}

static void on_fork(struct uv__inotify* inotify) {
  uv__tree_forget_reading(inotify->forest);
}

static int make_forest(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest;

  if (inotify->forest != NULL)
    return 0;
  forest = uv__calloc(1, sizeof(*forest));
  if (forest == NULL)
    return UV_ENOMEM;
  forest->inotify = inotify;
  forest->on_event = on_event;
  uv__queue_init(&forest->trees);
  uv__queue_init(&forest->dropped);
  uv__hash_init(&forest->nodes);
  uv__hash_init(&forest->marks);
  inotify->forest = forest;
  inotify->on_pending = uv__tree_on_pending;
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
  tree->root = uv__node_new(forest, NULL, "");
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
  uv__node_drop(forest, tree->root);
  uv__free(tree);
}

static int start(struct uv__fs_tree* tree) {
  struct uv__fs_forest* forest = tree->forest;
  int err = uv__inotify_subscribe(forest->inotify, &tree->root->sub, tree->path, 0);

  if (err != 0)
    return err;
  uv__node_read_later(tree, tree->root, 0);
  uv__tree_walk_now(tree);
  tree->since = uv__walk_now();
  uv__tree_walk_on(forest);
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
    uv__node_drop(tree->forest, uv__container(link, struct uv__node, list));
  tree->has_lost = true;
  uv__node_read_later(tree, tree->root, NODE_VERIFY);
  uv__tree_walk_on(tree->forest);
}

int uv__fs_tree_fork(struct uv__fs_tree* tree) {
  struct uv__node* root = tree->root;

  uv__node_stop_reading(root);
  uv__node_drop_children(tree->forest, root);
  uv__node_clear_marks(tree->forest, root);
  uv__inotify_unsubscribe(tree->forest->inotify, &root->sub);
  tree->has_moved = false;
  return start(tree);
}

bool uv__fs_tree_is_read_for(const struct uv__inotify* inotify, const uv_handle_t* handle) {
  const struct uv__fs_forest* forest = inotify == NULL ? NULL : inotify->forest;

  return forest != NULL && forest->is_reading && forest->reading_for == handle;
}
