/* What is known about file systems: statfs(2), which has no number for their type. */
#include "fs_ops.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

int uv__fs_statfs(const char* path, uv_statfs_t* info) {
  struct statfs found;

  if (statfs(path, &found) != 0)
    return UV__ERR(errno);
  memset(info, 0, sizeof(*info));
  info->f_bsize = found.f_bsize;
  info->f_frsize = found.f_bsize;
  info->f_blocks = found.f_blocks;
  info->f_bfree = found.f_bfree;
  info->f_bavail = (uint64_t) found.f_bavail;
  info->f_files = found.f_files;
  info->f_ffree = found.f_ffree;
  return 0;
}
