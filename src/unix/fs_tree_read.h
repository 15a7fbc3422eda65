/* Reading the directories of trees, and what is made of it. */
#ifndef RONDO_UNIX_FS_TREE_READ_H_
#define RONDO_UNIX_FS_TREE_READ_H_

#include "fs_tree_node.h"

/* Reads on, if there is something to read and nobody does. Without a thread pool the loop does it
 * itself, a batch in each turn. */
void uv__tree_walk_on(struct uv__fs_forest* forest);

/* Reads of a new tree what does not take long, so that small trees are watched as a whole. */
void uv__tree_walk_now(struct uv__fs_tree* tree);

/* What was put off to the next turn: struct uv__inotify's on_pending. */
void uv__tree_on_pending(struct uv__inotify* inotify);

/* In the child of a fork: the threads are the parent's, and so is what they read. */
void uv__tree_forget_reading(struct uv__fs_forest* forest);

#endif /* RONDO_UNIX_FS_TREE_READ_H_ */
