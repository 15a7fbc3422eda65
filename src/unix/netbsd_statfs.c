/* What is known about file systems: statvfs(2), which has no number for their type. */
#include "fs_ops.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

int uv__fs_statfs(const char* path, uv_statfs_t* info) {
  struct statvfs found;

  if (statvfs(path, &found) != 0)
    return UV__ERR(errno);
  memset(info, 0, sizeof(*info));
  info->f_bsize = found.f_bsize;
  info->f_frsize = found.f_frsize;
  info->f_blocks = found.f_blocks;
  info->f_bfree = found.f_bfree;
  info->f_bavail = found.f_bavail;
  info->f_files = found.f_files;
  info->f_ffree = found.f_ffree;
  return 0;
}
