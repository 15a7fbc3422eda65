/* What only Linux can tell of files. */
#ifndef RONDO_UNIX_LINUX_STAT_H_
#define RONDO_UNIX_LINUX_STAT_H_

#include "uv.h"

/* What statx(2) fills, which not every C library knows, nor its headers let the kernel's tell. */
struct uv__statx_time {
  int64_t seconds;
  uint32_t nanoseconds;
  int32_t reserved;
};

struct uv__statx {
  uint32_t mask;
  uint32_t blksize;
  uint64_t attributes;
  uint32_t nlink;
  uint32_t uid;
  uint32_t gid;
  uint16_t mode;
  uint16_t reserved;
  uint64_t ino;
  uint64_t size;
  uint64_t blocks;
  uint64_t attributes_mask;
  struct uv__statx_time atime;
  struct uv__statx_time btime;
  struct uv__statx_time ctime;
  struct uv__statx_time mtime;
  uint32_t rdev_major;
  uint32_t rdev_minor;
  uint32_t dev_major;
  uint32_t dev_minor;
  uint64_t newer[14];
};

/* What to ask it for: STATX_BASIC_STATS and STATX_BTIME. */
enum { UV__STATX_MASK = 0xfff };

void uv__fs_fill_stat(uv_stat_t* info, const struct uv__statx* from);

/* What is known of an open file without asking a server: 0 or an error, UV_ENOSYS and the like
 * where the kernel has no such answer. */
int uv__fs_fstat_cached(int fd, uv_stat_t* info);

#endif /* RONDO_UNIX_LINUX_STAT_H_ */
