/* Reading directories for somebody who watches them: a batch at a time, in whichever thread.
 *
 * What is read are the names of subdirectories, and of other entries those that are to be told. */
#ifndef RONDO_UNIX_FS_WALK_H_
#define RONDO_UNIX_FS_WALK_H_

#include "uv.h"

#include <stdbool.h>
#include <time.h>

/* Which entries are news. */
enum uv__walk_news { UV__WALK_NONE, UV__WALK_CHANGED /* since a time */, UV__WALK_ALL };

enum { UV__WALK_DIRS = 32, UV__WALK_BYTES = 32768 };

/* A directory to read. */
struct uv__walk_dir {
  void* owner; /* who wants it; the walk does not look at it */
  char* path;
  int fd; /* -1: to be opened */
  enum uv__walk_news news;
  struct timespec since;

  bool is_done;    /* there is nothing more to read */
  bool has_failed; /* it could not be opened */
  size_t begin;    /* the entries that were read */
  size_t end;
};

struct uv__walk_entry {
  bool is_dir;
  bool is_news;
  const char* name;
};

struct uv__walk {
  struct uv__walk_dir dirs[UV__WALK_DIRS];
  unsigned int count;
  size_t used;
  char entries[UV__WALK_BYTES];
};

/* Adds a directory to a batch that has room; takes the path, and the descriptor if there is one. */
void uv__walk_add(struct uv__walk* walk, void* owner, char* path, int fd, enum uv__walk_news news,
                  struct timespec since);

/* Reads what fits. A directory that cannot be opened is done and has no entries. */
void uv__walk_read(struct uv__walk* walk);

/* The next entry of a directory; false: no more in this batch. */
bool uv__walk_next(const struct uv__walk* walk, struct uv__walk_dir* dir,
                   struct uv__walk_entry* entry);

/* Makes the batch empty. The descriptor of a directory that its owner reads on is not here any
 * more: the owner took it and left -1. */
void uv__walk_clear(struct uv__walk* walk);

/* Opens a directory whose path may be longer than the kernel allows: a descriptor, or an error.
 * `flags` are those of open(2). The last component is not followed. */
int uv__walk_open(const char* path, int flags);

/* The time that files get which change now. */
struct timespec uv__walk_now(void);

#endif /* RONDO_UNIX_FS_WALK_H_ */
