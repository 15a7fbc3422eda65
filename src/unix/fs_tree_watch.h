/* Nodes get their watches, are noted to be read, and come into doubt. */
#ifndef RONDO_UNIX_FS_TREE_WATCH_H_
#define RONDO_UNIX_FS_TREE_WATCH_H_

#include "fs_tree_node.h"

/* Adds a directory that an event tells of or that was read, and notes it to be read; `flags` say
 * why. One that cannot be watched is kept for another try. */
void uv__node_add_dir(struct uv__fs_tree* tree, struct uv__node* parent, const char* name,
                      unsigned int flags);

/* Begins with a node from scratch. */
void uv__node_watch_anew(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flags);

/* Notes a node to be read; `flags` say why. */
void uv__node_read_later(struct uv__fs_tree* tree, struct uv__node* node, unsigned int flags);

/* Whether what the node watches is at its path. */
bool uv__node_is_there(const struct uv__fs_tree* tree, const struct uv__node* node);

/* Whether a watch was made when the event that is being told was already queued: the node is of the
 * directory that had the name then, or later. */
bool uv__node_is_later(const struct uv__fs_forest* forest, const struct uv__node* node);

/* Paths have just been looked up for the node, or will be. */
void uv__node_set_fresh(struct uv__fs_tree* tree, struct uv__node* node);

/* Takes nodes that are fresh no more off the list, up to so many. */
void uv__node_age(struct uv__fs_tree* tree, size_t most);

/* Has a node checked once there are no more events. */
void uv__node_set_doubtful(struct uv__fs_tree* tree, struct uv__node* node);

/* When a directory in `parent` is renamed: if there are fresh nodes, they and the parent are
 * checked once there are no more events. */
void uv__node_doubt(struct uv__fs_tree* tree, struct uv__node* parent);

/* Where there is doubt in a tree, and no event that may end it, has the directories read again. */
void uv__node_check_all(struct uv__fs_forest* forest);

#endif /* RONDO_UNIX_FS_TREE_WATCH_H_ */
