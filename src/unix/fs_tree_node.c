/* The nodes of trees that are watched: making them, their names, what was told of them, and taking
 * them apart.
 *
 * Nodes that are dropped are taken apart a few at a time: the kernel sends an event for each watch
 * that ends, and thousands at once would overflow its queue. */
#include "fs_tree_node.h"

#include "fd.h"

#include <string.h>

/* -- Making nodes ------------------------------------------------------------------------------ */

struct uv__node* uv__node_new(struct uv__fs_forest* forest, struct uv__node* parent,
                              const char* name) {
  struct uv__node* node = uv__calloc(1, sizeof(*node));

  if (node == NULL)
    return NULL;
  node->name = uv__strdup(name);
  if (node->name == NULL) {
    uv__free(node);
    return NULL;
  }
  node->sub.on_event = forest->on_event;
  node->parent = parent;
  uv__queue_init(&node->siblings);
  uv__queue_init(&node->children);
  uv__queue_init(&node->list);
  uv__queue_init(&node->doubt);
  node->fd = -1;
  node->flags = NODE_SEEN;
  node->watched_at = NODE_UNSETTLED;
  node->settled_at = NODE_UNSETTLED;
  if (parent != NULL) {
    uv__queue_push(&parent->children, &node->siblings);
    uv__node_index(forest, node);
  }
  return node;
}

/* -- Names ------------------------------------------------------------------------------------- */

struct uv__node* uv__node_topmost(struct uv__node* node) {
  while (node->parent != NULL)
    node = node->parent;
  return node;
}

struct uv__node* uv__node_find_child(const struct uv__fs_forest* forest,
                                     const struct uv__node* parent, const char* name) {
  struct uv__hash_link* link = uv__hash_find(&forest->nodes, uv__hash_name(parent, name));

  for (; link != NULL; link = uv__hash_next(link)) {
    struct uv__node* node = uv__container(link, struct uv__node, by_name);
    if (node->parent == parent && strcmp(node->name, name) == 0)
      return node;
  }
  return NULL;
}

void uv__node_index(struct uv__fs_forest* forest, struct uv__node* node) {
  uv__hash_add(&forest->nodes, &node->by_name, uv__hash_name(node->parent, node->name));
}

/* The length of a node's path from its root, with a slash behind each name. */
static size_t path_len(const struct uv__node* node) {
  size_t len = 0;

  for (; node->parent != NULL; node = node->parent)
    len += strlen(node->name) + 1;
  return len;
}

/* Writes that path so that it ends before `end`. */
static void write_path(const struct uv__node* node, char* end) {
  for (; node->parent != NULL; node = node->parent) {
    size_t len = strlen(node->name);
    *--end = '/';
    end -= len;
    memcpy(end, node->name, len);
  }
}

char* uv__node_path(const struct uv__fs_tree* tree, const struct uv__node* node) {
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

void uv__node_tell(struct uv__fs_tree* tree, const struct uv__node* node, const char* name,
                   int events) {
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

struct uv__mark* uv__node_find_mark(const struct uv__fs_forest* forest, const struct uv__node* node,
                                    const char* name) {
  struct uv__hash_link* link;

  if (node->marks == NULL)
    return NULL;
  link = uv__hash_find(&forest->marks, uv__hash_name(node, name));
  for (; link != NULL; link = uv__hash_next(link)) {
    struct uv__mark* mark = uv__container(link, struct uv__mark, by_name);
    if (mark->node == node && strcmp(mark->name, name) == 0)
      return mark;
  }
  return NULL;
}

/* Without memory a name may be told twice. */
void uv__node_add_mark(struct uv__fs_forest* forest, struct uv__node* node, const char* name,
                       bool was_read) {
  size_t size = strlen(name) + 1;
  struct uv__mark* mark = uv__malloc(sizeof(*mark) + size);

  if (mark == NULL)
    return;
  memcpy(mark->name, name, size);
  mark->node = node;
  mark->was_read = was_read;
  mark->next = node->marks;
  node->marks = mark;
  uv__hash_add(&forest->marks, &mark->by_name, uv__hash_name(node, name));
}

void uv__node_clear_marks(struct uv__fs_forest* forest, struct uv__node* node) {
  struct uv__mark* mark;

  while ((mark = node->marks) != NULL) {
    node->marks = mark->next;
    uv__hash_remove(&forest->marks, &mark->by_name);
    uv__free(mark);
  }
}

void uv__node_clear_old_marks(struct uv__fs_tree* tree) {
  struct uv__fs_forest* forest = tree->forest;

  while (!uv__queue_empty(&tree->marked)) {
    struct uv__node* node = uv__container(tree->marked.next, struct uv__node, list);
    if (node->settled_at > forest->inotify->position)
      return;
    uv__queue_remove(&node->list);
    uv__node_clear_marks(forest, node);
  }
}

bool uv__node_is_told(struct uv__fs_forest* forest, struct uv__node* node,
                      const struct inotify_event* event) {
  bool has_come = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  bool was_read = false;
  struct uv__mark* mark;

  if (!has_come && !(event->mask & (IN_DELETE | IN_MOVED_FROM)))
    return false;
  mark = uv__node_find_mark(forest, node, event->name);
  if (mark != NULL) {
    was_read = mark->was_read;
    mark->was_read = false;
  } else if (node->flags & NODE_UNREAD) {
    uv__node_add_mark(forest, node, event->name, false);
  }
  return was_read && has_come;
}

/* -- Dropping nodes ---------------------------------------------------------------------------- */

void uv__node_stop_reading(struct uv__node* node) {
  if (node->being_read != NULL)
    node->being_read->owner = NULL;
  node->being_read = NULL;
  if (node->fd != -1)
    uv__close(node->fd);
  node->fd = -1;
}

/* Takes a node apart and leaves its children for later. */
static void reap(struct uv__fs_forest* forest, struct uv__node* node) {
  while (!uv__queue_empty(&node->children)) {
    struct uv__node* child = uv__container(node->children.next, struct uv__node, siblings);
    if (uv__node_is_indexed(child))
      uv__hash_remove(&forest->nodes, &child->by_name);
    child->parent = NULL;
    uv__queue_remove(&child->siblings);
    uv__queue_remove(&child->list);
    uv__queue_push(&forest->dropped, &child->list);
  }
  uv__node_stop_reading(node);
  uv__node_clear_marks(forest, node);
  uv__queue_remove(&node->doubt);
  uv__inotify_unsubscribe(forest->inotify, &node->sub);
  uv__free(node->name);
  uv__free(node);
}

void uv__node_reap_some(struct uv__fs_forest* forest, int most) {
  struct uv__queue* link;

  for (int i = 0; i < most && (link = uv__queue_pop(&forest->dropped)) != NULL; i++)
    reap(forest, uv__container(link, struct uv__node, list));
  if (!uv__queue_empty(&forest->dropped))
    uv__inotify_feed(forest->inotify);
}

void uv__node_cut(struct uv__fs_forest* forest, struct uv__node* node) {
  if (uv__node_is_indexed(node))
    uv__hash_remove(&forest->nodes, &node->by_name);
  node->parent = NULL;
  node->tree = NULL;
  uv__queue_remove(&node->siblings);
  uv__queue_remove(&node->list);
  uv__queue_push(&forest->dropped, &node->list);
}

void uv__node_drop(struct uv__fs_forest* forest, struct uv__node* node) {
  uv__node_cut(forest, node);
  uv__node_reap_some(forest, NODE_REAPED_AT_ONCE);
}

void uv__node_drop_children(struct uv__fs_forest* forest, struct uv__node* node) {
  while (!uv__queue_empty(&node->children))
    uv__node_cut(forest, uv__container(node->children.next, struct uv__node, siblings));
  uv__node_reap_some(forest, NODE_REAPED_AT_ONCE);
}

void uv__node_reap_all(struct uv__fs_forest* forest) {
  struct uv__queue* link;

  while ((link = uv__queue_pop(&forest->dropped)) != NULL)
    reap(forest, uv__container(link, struct uv__node, list));
}
