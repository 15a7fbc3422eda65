/* What is known about files and file systems, on macOS, FreeBSD and NetBSD: when a file was made,
 * its flags and its generation, too. */
#include "fs_ops.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static uv_timespec_t time_of(const struct timespec* time) {
  return (uv_timespec_t){.tv_sec = (long) time->tv_sec, .tv_nsec = time->tv_nsec};
}

static void fill(uv_stat_t* info, const struct stat* from) {
  info->st_dev = (uint64_t) from->st_dev;
  info->st_mode = from->st_mode;
  info->st_nlink = from->st_nlink;
  info->st_uid = from->st_uid;
  info->st_gid = from->st_gid;
  info->st_rdev = (uint64_t) from->st_rdev;
  info->st_ino = from->st_ino;
  info->st_size = (uint64_t) from->st_size;
  info->st_blksize = (uint64_t) from->st_blksize;
  info->st_blocks = (uint64_t) from->st_blocks;
  info->st_flags = from->st_flags;
  info->st_gen = from->st_gen;
  info->st_atim = time_of(&from->st_atimespec);
  info->st_mtim = time_of(&from->st_mtimespec);
  info->st_ctim = time_of(&from->st_ctimespec);
  info->st_birthtim = time_of(&from->st_birthtimespec);
}

/* What a call found, 0 or the error that it noted. */
static int tell(int result, const struct stat* found, uv_stat_t* info) {
  if (result != 0)
    return UV__ERR(errno);
  fill(info, found);
  return 0;
}

int uv__fs_stat(const char* path, uv_stat_t* info) {
  struct stat found;

  return tell(stat(path, &found), &found, info);
}

int uv__fs_lstat(const char* path, uv_stat_t* info) {
  struct stat found;

  return tell(lstat(path, &found), &found, info);
}

int uv__fs_fstat(int fd, uv_stat_t* info) {
  struct stat found;

  return tell(fstat(fd, &found), &found, info);
}
