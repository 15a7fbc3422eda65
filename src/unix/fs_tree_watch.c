/* Nodes get their watches, are noted to be read, and come into doubt.
 *
 * A watch is made by a path, and what is behind a path may have changed since the event that named
 * it. Mostly the positions of later events tell. Where they cannot, because a rename was under way
 * in the kernel at that moment, what was done lately is looked at again when all is quiet. */
#include "fs_tree_watch.h"

#include "fd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FRESH_MS = 100 };

#define LOOKUP ((uint32_t) (IN_ONLYDIR | IN_DONT_FOLLOW))

/* -- Watching ---------------------------------------------------------------------------------- */

static int watch_at(struct uv__fs_forest* forest, struct uv__node* node, const char* path) {
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

void uv__node_set_fresh(struct uv__fs_tree* tree, struct uv__node* node) {
  node->touched_ms = uv_now(tree->forest->inotify->loop);
  if (node->flags & NODE_DOUBTFUL)
    return;
  uv__queue_remove(&node->doubt);
  uv__queue_push(&tree->fresh, &node->doubt);
}

/* Watches the directory of a node that has no watch: 0 or an error. */
static int watch(struct uv__fs_tree* tree, struct uv__node* node) {
  struct uv__fs_forest* forest = tree->forest;
  char* path;
  int err;

  /* The watch of the root went with it, its path did not. */
  if (tree->has_moved && !uv__inotify_is_at(forest->inotify, &tree->root->sub, tree->path, 0))
    return UV_ENOENT;
  path = uv__node_path(tree, node);
  if (path == NULL)
    return UV_ENOMEM;
  err = watch_at(forest, node, path);
  uv__free(path);
  if (err == 0)
    node->watched_at = uv__inotify_end(forest->inotify);
  uv__node_set_fresh(tree, node);
  return err;
}

bool uv__node_is_there(const struct uv__fs_tree* tree, const struct uv__node* node) {
  char* path = uv__node_path(tree, node);
  bool is_there =
      path != NULL && uv__inotify_is_at(tree->forest->inotify, &node->sub, path, LOOKUP);

  uv__free(path);
  return is_there;
}

bool uv__node_is_later(const struct uv__fs_forest* forest, const struct uv__node* node) {
  return node->sub.watch != NULL && node->watched_at > forest->inotify->position;
}

void uv__node_read_later(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flags) {
  struct uv__queue* link;

  uv__node_stop_reading(node);
  uv__queue_remove(&node->list);
  uv__queue_push(&tree->unread, &node->list);
  node->flags |= flags | NODE_UNREAD;
  node->settled_at = NODE_UNSETTLED;
  uv__node_set_fresh(tree, node);
  for (link = node->children.next; link != &node->children; link = link->next)
    uv__container(link, struct uv__node, siblings)->flags &= ~(unsigned) NODE_SEEN;
}

static void watch_and_read(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flags) {
  node->flags |= flags;
  if (watch(tree, node) == 0)
    uv__node_read_later(tree, node, flags);
}

void uv__node_watch_anew(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flags) {
  struct uv__fs_forest* forest = tree->forest;

  uv__node_stop_reading(node);
  uv__node_drop_children(forest, node);
  uv__node_clear_marks(forest, node);
  uv__queue_remove(&node->list);
  uv__inotify_unsubscribe(forest->inotify, &node->sub);
  node->flags &= ~(unsigned) NODE_UNREAD;
  node->watched_at = NODE_UNSETTLED;
  node->settled_at = NODE_UNSETTLED;
  watch_and_read(tree, node, flags);
}

void uv__node_add_dir(struct uv__fs_tree* tree, struct uv__node* parent, const char* name,
                      unsigned int flags) {
  struct uv__node* node = uv__node_new(tree->forest, parent, name);

  if (node != NULL)
    watch_and_read(tree, node, flags);
}

/* -- Doubts ------------------------------------------------------------------------------------ */

/* Renames that the kernel was about to tell when a path was looked up are not behind the position
 * that was noted then; so for some time a rename puts in doubt what was done shortly before. */
static bool is_fresh(const struct uv__fs_forest* forest, const struct uv__node* node) {
  return (node->flags & NODE_UNREAD) ||
         (node->settled_at != NODE_UNSETTLED && node->settled_at > forest->inotify->position) ||
         uv_now(forest->inotify->loop) - node->touched_ms < FRESH_MS;
}

void uv__node_set_doubtful(struct uv__fs_tree* tree, struct uv__node* node) {
  node->flags |= NODE_DOUBTFUL;
  uv__queue_remove(&node->doubt);
  uv__queue_push(&tree->doubtful, &node->doubt);
  uv__inotify_feed(tree->forest->inotify);
}

void uv__node_age(struct uv__fs_tree* tree, size_t most) {
  for (size_t i = 0; i < most && !uv__queue_empty(&tree->fresh); i++) {
    struct uv__queue* link = tree->fresh.next;
    if (is_fresh(tree->forest, uv__container(link, struct uv__node, doubt)))
      return;
    uv__queue_remove(link);
  }
}

void uv__node_doubt(struct uv__fs_tree* tree, struct uv__node* parent) {
  uv__node_age(tree, SIZE_MAX);
  if (uv__queue_empty(&tree->fresh))
    return;
  while (!uv__queue_empty(&tree->fresh))
    uv__node_set_doubtful(tree, uv__container(tree->fresh.next, struct uv__node, doubt));
  uv__node_set_doubtful(tree, parent);
}

static void check(struct uv__fs_tree* tree, struct uv__node* node) {
  if (node == NULL || uv__node_topmost(node)->tree != tree)
    return;
  if (node->sub.watch != NULL && uv__node_in_place(node))
    uv__node_read_later(tree, node, NODE_CHECK);
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
    struct uv__node* node = uv__container(link, struct uv__node, list);
    check(tree, node->parent);
    uv__node_drop(tree->forest, node);
  }
  while ((link = uv__queue_pop(&tree->doubtful)) != NULL) {
    struct uv__node* node = uv__container(link, struct uv__node, doubt);
    node->flags &= ~(unsigned) NODE_DOUBTFUL;
    check(tree, node);
    check(tree, node->parent);
  }
}

void uv__node_check_all(struct uv__fs_forest* forest) {
  struct uv__queue* list = &forest->trees;

  for (struct uv__queue* link = list->next; link != list; link = link->next)
    check_doubtful(uv__container(link, struct uv__fs_tree, link));
}
