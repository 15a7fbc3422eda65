/* What is known about file systems, where statfs(2) tells their type by number: macOS, FreeBSD,
 * DragonFly. */
#include "fs_ops.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

int uv__fs_statfs(const char* path, uv_statfs_t* info) {
  struct statfs found;

  if (statfs(path, &found) != 0)
    return UV__ERR(errno);
  memset(info, 0, sizeof(*info));
  info->f_type = (uint64_t) found.f_type;
  info->f_bsize = (uint64_t) found.f_bsize;
  info->f_frsize = (uint64_t) found.f_bsize;
  info->f_blocks = (uint64_t) found.f_blocks;
  info->f_bfree = (uint64_t) found.f_bfree;
  info->f_bavail = (uint64_t) found.f_bavail;
  info->f_files = (uint64_t) found.f_files;
  info->f_ffree = (uint64_t) found.f_ffree;
  return 0;
}
