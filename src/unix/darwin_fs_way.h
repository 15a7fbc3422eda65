/* Watching directories, with all below them if asked for, by FSEvents. */
#ifndef RONDO_UNIX_DARWIN_FS_WAY_H_
#define RONDO_UNIX_DARWIN_FS_WAY_H_

#include "fs_way.h"

/* In the child of a fork a watch goes on by a filter of the open directory. */
extern const struct uv__fs_way uv__fs_by_fsevents;

#endif /* RONDO_UNIX_DARWIN_FS_WAY_H_ */
