/* How paths are watched on macOS: directories by FSEvents, which tells the names of entries and of
 * what is below; all else, and everything in the child of a fork, by a filter of the open file. */
#include "darwin_fs_way.h"
#include "darwin_framework.h"

#include <sys/stat.h>

const struct uv__fs_way* uv__fs_way_for(const char* path, unsigned int flags) {
  struct stat status;

  (void) flags;
  if (uv__framework_forked() || stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
    return &uv__fs_by_vnode;
  return &uv__fs_by_fsevents;
}
