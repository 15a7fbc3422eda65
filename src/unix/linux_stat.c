/* What is known about files and file systems, on Linux. statx(2) also tells when a file was made;
 * kernels before 4.11 lack it, and sandboxes that are older than it forbid it. */
#include "linux_stat.h"
#include "../atomic.h"
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool has_no_statx;

_Static_assert(sizeof(struct uv__statx) == 256, "as the kernel's");

/* -- With statx -------------------------------------------------------------------------------- */

static uv_timespec_t time_of(const struct uv__statx_time* time) {
  return (uv_timespec_t){.tv_sec = (long) time->seconds, .tv_nsec = (long) time->nanoseconds};
}

void uv__fs_fill_stat(uv_stat_t* info, const struct uv__statx* from) {
  info->st_dev = makedev(from->dev_major, from->dev_minor);
  info->st_mode = from->mode;
  info->st_nlink = from->nlink;
  info->st_uid = from->uid;
  info->st_gid = from->gid;
  info->st_rdev = makedev(from->rdev_major, from->rdev_minor);
  info->st_ino = from->ino;
  info->st_size = from->size;
  info->st_blksize = from->blksize;
  info->st_blocks = from->blocks;
  info->st_flags = 0;
  info->st_gen = 0;
  info->st_atim = time_of(&from->atime);
  info->st_mtim = time_of(&from->mtime);
  info->st_ctim = time_of(&from->ctime);
  info->st_birthtim = time_of(&from->btime);
}

/* The system call itself: the C library's function hides that it is missing. Without a birth time,
 * the kernel leaves 0. */
static int call_statx(int dir_fd, const char* path, int flags, uv_stat_t* info) {
  struct uv__statx found;
  long r = syscall(SYS_statx, dir_fd, path, flags, UV__STATX_MASK, &found);

  if (r > 0)
    return UV_ENOSYS; /* some sandboxes answer so */
  if (r != 0)
    return UV__ERR(errno);
  uv__fs_fill_stat(info, &found);
  return 0;
}

static bool may_be_forbidden(int err) {
  return err == UV_ENOSYS || err == UV_EPERM || err == UV_EINVAL || err == UV_ENOTSUP;
}

/* -- Without statx ----------------------------------------------------------------------------- */

static uv_timespec_t plain_time_of(const struct timespec* time) {
  return (uv_timespec_t){.tv_sec = (long) time->tv_sec, .tv_nsec = time->tv_nsec};
}

static void fill_from_stat(uv_stat_t* info, const struct stat* from) {
  info->st_dev = from->st_dev;
  info->st_mode = from->st_mode;
  info->st_nlink = from->st_nlink;
  info->st_uid = from->st_uid;
  info->st_gid = from->st_gid;
  info->st_rdev = from->st_rdev;
  info->st_ino = from->st_ino;
  info->st_size = (uint64_t) from->st_size;
  info->st_blksize = (uint64_t) from->st_blksize;
  info->st_blocks = (uint64_t) from->st_blocks;
  info->st_flags = 0;
  info->st_gen = 0;
  info->st_atim = plain_time_of(&from->st_atim);
  info->st_mtim = plain_time_of(&from->st_mtim);
  info->st_ctim = plain_time_of(&from->st_ctim);
  info->st_birthtim = info->st_ctim;
}

static int call_stat(int dir_fd, const char* path, int flags, uv_stat_t* info) {
  struct stat found;
  int r = flags == AT_EMPTY_PATH ? fstat(dir_fd, &found) : fstatat(dir_fd, path, &found, flags);

  if (r != 0)
    return UV__ERR(errno);
  fill_from_stat(info, &found);
  return 0;
}

/* -- Files ------------------------------------------------------------------------------------- */

/* If only statx fails it is not asked again; if both do, it was the file. */
static int look(int dir_fd, const char* path, int flags, uv_stat_t* info) {
  bool is_missing = uv__load_relaxed(&has_no_statx);
  int err = is_missing ? UV_ENOSYS : call_statx(dir_fd, path, flags, info);

  if (!may_be_forbidden(err))
    return err;
  err = call_stat(dir_fd, path, flags, info);
  if (err == 0 && !is_missing)
    uv__store_relaxed(&has_no_statx, true);
  return err;
}

int uv__fs_stat(const char* path, uv_stat_t* info) {
  return look(AT_FDCWD, path, 0, info);
}

int uv__fs_lstat(const char* path, uv_stat_t* info) {
  return look(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, info);
}

/* A negative number may be AT_FDCWD, which stands for a directory that nobody opened. */
int uv__fs_fstat(int fd, uv_stat_t* info) {
  return fd >= 0 ? look(fd, "", AT_EMPTY_PATH, info) : UV_EBADF;
}

int uv__fs_fstat_cached(int fd, uv_stat_t* info) {
  return call_statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, info);
}

/* -- File systems ------------------------------------------------------------------------------ */

int uv__fs_statfs(const char* path, uv_statfs_t* info) {
  struct statfs found;

  if (statfs(path, &found) != 0)
    return UV__ERR(errno);
  memset(info, 0, sizeof(*info));
  info->f_type = (unsigned long) found.f_type;
  info->f_bsize = (uint64_t) found.f_bsize;
  info->f_blocks = found.f_blocks;
  info->f_bfree = found.f_bfree;
  info->f_bavail = found.f_bavail;
  info->f_files = found.f_files;
  info->f_ffree = found.f_ffree;
  info->f_frsize = (uint64_t) found.f_frsize;
  return 0;
}
