/* Watching a directory with all below it. */
#ifndef RONDO_UNIX_FS_TREE_H_
#define RONDO_UNIX_FS_TREE_H_

#include "inotify.h"

struct uv__fs_tree;

/* Told from the loop: `name` is relative to the root, "" is the root itself; NULL: anything may
 * have changed. May stop any tree. */
typedef void (*uv__fs_tree_cb)(uv_handle_t* handle, const char* name, int events);

/* Watches what is at `path`: 0 or an error, which is the one of a plain watch. A large tree is
 * walked afterwards, on the thread pool. */
int uv__fs_tree_start(struct uv__inotify* inotify, uv_handle_t* handle, const char* path,
                      uv__fs_tree_cb cb, struct uv__fs_tree** tree);

/* Ends it at once; there are no calls any more. */
void uv__fs_tree_stop(struct uv__fs_tree* tree);

/* Events were lost: looks for directories that came and went, then tells that anything may have
 * changed in them meanwhile. */
void uv__fs_tree_resync(struct uv__fs_tree* tree);

/* In the child of a fork, after uv__inotify_fork(): watches anew. 0 or an error. */
int uv__fs_tree_fork(struct uv__fs_tree* tree);

/* Whether a thread reads directories for the handle. If so and the handle is closing,
 * uv__handle_closed() follows. */
bool uv__fs_tree_is_read_for(const struct uv__inotify* inotify, const uv_handle_t* handle);

/* The UV_* bits of an event. */
int uv__fs_events_of(uint32_t mask);

#endif /* RONDO_UNIX_FS_TREE_H_ */
