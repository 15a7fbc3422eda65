/* Reading the directories of trees, in batches on the thread pool, and what is made of it: new
 * directories are watched and read in turn, those that are gone are dropped, news are told. */
#include "fs_tree_read.h"

#include "../threadpool.h"
#include "fs_tree_watch.h"

#include <string.h>

enum {
  REAPED_PER_TURN = 512,
  START_NS = 4000000 /* how long a tree may be walked in uv_fs_event_start() */
};

/* -- What is found ----------------------------------------------------------------------------- */

static void found_dir(struct uv__fs_tree* tree, struct uv__node* parent, const char* name) {
  unsigned int inherited = parent->flags & (NODE_IS_NEW | NODE_VERIFY);
  struct uv__node* node = uv__node_find_child(tree->forest, parent, name);

  if (parent->flags & NODE_CHECK)
    inherited |= NODE_IS_NEW;
  if (node == NULL) {
    uv__node_add_dir(tree, parent, name, inherited);
    return;
  }
  node->flags |= NODE_SEEN;
  if (!(parent->flags & (NODE_VERIFY | NODE_CHECK)))
    return;
  if (!uv__node_is_there(tree, node))
    uv__node_watch_anew(tree, node, inherited);
  else if (parent->flags & NODE_VERIFY)
    uv__node_read_later(tree, node, NODE_VERIFY);
}

static void drop_unseen(struct uv__fs_forest* forest, struct uv__node* node) {
  struct uv__queue* link = node->children.next;

  while (link != &node->children) {
    struct uv__node* child = uv__container(link, struct uv__node, siblings);
    link = link->next;
    if (!(child->flags & NODE_SEEN) && uv__node_is_indexed(child))
      uv__node_cut(forest, child);
  }
  uv__node_reap_some(forest, NODE_REAPED_AT_ONCE);
}

/* The directory has been read; `end` is where the events end that were queued by then. One that
 * could not be read keeps what was known of it, and after a rename it is tried again. */
static void settle(struct uv__fs_tree* tree, struct uv__node* node, uint64_t end, bool was_read) {
  bool is_second_try = (node->flags & NODE_CHECK) != 0;

  node->flags &= ~(unsigned) (NODE_VERIFY | NODE_CHECK | NODE_UNREAD);
  uv__node_set_fresh(tree, node);
  if (was_read) {
    node->flags &= ~(unsigned) NODE_IS_NEW;
    node->settled_at = end;
    drop_unseen(tree->forest, node);
    if (node->marks != NULL)
      uv__queue_push(&tree->marked, &node->list);
  } else {
    uv__node_clear_marks(tree->forest, node);
    if (!is_second_try)
      uv__node_set_doubtful(tree, node);
  }
}

static void tell_found(struct uv__fs_tree* tree, struct uv__node* node, const char* name,
                       uint64_t end) {
  if (uv__node_find_mark(tree->forest, node, name) != NULL)
    return;
  if (tree->forest->inotify->position < end)
    uv__node_add_mark(tree->forest, node, name, true);
  uv__node_tell(tree, node, name, UV_RENAME);
}

static void take_results_of(struct uv__walk* walk, struct uv__walk_dir* dir, uint64_t end) {
  struct uv__walk_entry entry;

  /* A callback may drop the node. */
  while (dir->owner != NULL && uv__walk_next(walk, dir, &entry)) {
    struct uv__node* node = dir->owner;
    struct uv__fs_tree* tree = uv__node_topmost(node)->tree;
    if (tree == NULL)
      return;
    if (entry.is_dir)
      found_dir(tree, node, entry.name);
    if (entry.is_news)
      tell_found(tree, node, entry.name, end);
  }
}

/* Half read, it comes first next time. */
static void end_reading(struct uv__node* node, struct uv__walk_dir* dir, uint64_t end) {
  struct uv__fs_tree* tree = uv__node_topmost(node)->tree;

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

/* -- Batches ----------------------------------------------------------------------------------- */

static enum uv__walk_news news_of(const struct uv__fs_tree* tree, const struct uv__node* node) {
  if (node->flags & NODE_IS_NEW)
    return UV__WALK_ALL;
  return tree->is_starting || (node->flags & (NODE_VERIFY | NODE_CHECK)) ? UV__WALK_NONE
                                                                         : UV__WALK_CHANGED;
}

/* Takes what is to be read next of a tree: false if there is nothing. */
static bool fill(struct uv__fs_tree* tree, struct uv__walk* walk) {
  struct uv__queue* link;

  while (walk->count < UV__WALK_DIRS && (link = uv__queue_pop(&tree->unread)) != NULL) {
    struct uv__node* node = uv__container(link, struct uv__node, list);
    char* path;
    if (uv__node_topmost(node)->tree != tree)
      continue;
    path = uv__node_path(tree, node);
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
  uv__tree_walk_on(forest);
  if (!forest->is_reading) {
    uv__node_check_all(forest);
    uv__tree_walk_on(forest);
  }
  if (!forest->is_reading)
    tell_losses(forest);
  uv__inotify_release(inotify);
}

static void done(struct uv__work* work, int status) {
  (void) status; /* a batch that was cancelled has no entries, and no owners */
  end_walk(uv__container(work, struct uv__fs_forest, work));
}

void uv__tree_walk_on(struct uv__fs_forest* forest) {
  struct uv__inotify* inotify = forest->inotify;

  /* Results that are being told are still in `walk`. */
  if (forest->is_reading || forest->walk.count > 0 || !fill_from_any(forest))
    return;
  forest->is_reading = true;
  inotify->holds++;
  forest->work.work = NULL;
  if (uv__work_submit(inotify->loop, &forest->work, UV__WORK_FILE, run, done) != 0) {
    forest->work.loop = NULL;
    uv__inotify_feed(inotify);
  }
}

void uv__tree_on_pending(struct uv__inotify* inotify) {
  struct uv__fs_forest* forest = inotify->forest;

  uv__node_reap_some(forest, REAPED_PER_TURN);
  if (!forest->is_reading) {
    uv__node_check_all(forest);
    uv__tree_walk_on(forest);
  } else if (forest->work.loop == NULL) {
    run(&forest->work);
    end_walk(forest);
  }
}

void uv__tree_walk_now(struct uv__fs_tree* tree) {
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

void uv__tree_forget_reading(struct uv__fs_forest* forest) {
  if (!forest->is_reading)
    return;
  forest->is_reading = false;
  if (uv__is_closing(forest->reading_for))
    uv__handle_closed(forest->reading_for);
  for (unsigned int i = 0; i < forest->walk.count; i++)
    if (forest->walk.dirs[i].owner != NULL)
      uv__node_stop_reading(forest->walk.dirs[i].owner);
  uv__walk_clear(&forest->walk);
  uv__inotify_release(forest->inotify);
}
