/* The ways in which a path can be watched where there is a kqueue, behind kqueue_fs_event.c.
 *
 * The system says which way is for what: kqueue_fs_way.c, by a filter of the open file whatever it
 * is, or a file of the system's own in its place. */
#ifndef RONDO_UNIX_FS_WAY_H_
#define RONDO_UNIX_FS_WAY_H_

#include "core.h"

/* Begins what a started handle has; the rest is the way's. */
struct uv__fs_watch {
  const struct uv__fs_way* way;
  uv_fs_event_t* handle; /* its `cb` is called from the loop, and may stop or close it */
  char* path;            /* as it was given */
};

struct uv__fs_way {
  /* Makes a watch, with all its members set: 0 or an error. */
  int (*start)(uv_fs_event_t* handle, const char* path, unsigned int flags,
               struct uv__fs_watch** watch);
  /* Ends it and frees its memory; no calls afterwards. */
  void (*stop)(struct uv__fs_watch* watch);
  /* In the child of a fork: watches anew, 0 or an error. */
  int (*fork)(struct uv__fs_watch* watch);
};

/* By a filter of the open file (kqueue_vnode.c). */
extern const struct uv__fs_way uv__fs_by_vnode;

/* The way for a path, which may not be there. `flags` are those of uv_fs_event_start(). */
const struct uv__fs_way* uv__fs_way_for(const char* path, unsigned int flags);

#endif /* RONDO_UNIX_FS_WAY_H_ */
