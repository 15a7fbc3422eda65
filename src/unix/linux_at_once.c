/* File operations at once: preadv2(2) reads what is in the page cache, openat2(2) finds what is in
 * the cache of names; both give up where they would have to wait. Opening needs more care: a FIFO
 * waits for its other end, a device for anything. So a file is looked at before it is opened, and
 * only regular files and directories of local file systems are. */
#include "linux_at_once.h"

#include "../atomic.h"
#include "fd.h"
#include "fs_ops.h"
#include "fs_request.h"
#include "linux_cached.h"
#include "linux_local_fs.h"
#include "linux_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  MOST_BUFFERS = 64,
  MOST_BYTES = 128 * 1024, /* copying more takes a time that others would notice */

  /* What may be asked of an opening that makes and changes nothing. */
  OPEN_FLAGS = O_CLOEXEC | O_DIRECTORY | O_NOATIME | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK
};

/* Kernels before 5.12 and sandboxes refuse what is needed; they are not asked again. */
static bool cannot_open;
static bool cannot_read;

/* -- Reading ----------------------------------------------------------------------------------- */

/* The number of bytes asked for, or more than MOST_BYTES. */
static size_t length_of(const uv_fs_t* req) {
  size_t length = 0;

  for (unsigned int i = 0; i < req->nbufs && length <= MOST_BYTES; i++)
    length += req->bufs[i].len <= MOST_BYTES ? req->bufs[i].len : MOST_BYTES + 1;
  return length;
}

/* A read that gives less than was asked for came to the end of the file, or to what is not in the
 * cache: then a thread reads all of it. */
static enum uv__at_once read_at_once(uv_fs_t* req) {
  int64_t offset = uv__fs_offset(req);
  size_t length = length_of(req);
  ssize_t n;

  if (req->nbufs > MOST_BUFFERS || length > MOST_BYTES || uv__load_relaxed(&cannot_read))
    return UV__AT_ONCE_NOT;
  n = uv__read_cached(req->file, req->bufs, req->nbufs, offset);
  if (n == UV_ENOSYS || n == UV_EPERM)
    uv__store_relaxed(&cannot_read, true);
  if (n < 0)
    return n == UV_EAGAIN ? UV__AT_ONCE_COLD : UV__AT_ONCE_NOT;
  if (n > 0 && (size_t) n < length && !uv__read_was_whole(req->file, n, offset))
    return UV__AT_ONCE_COLD;
  uv__fs_finish(req, n);
  return UV__AT_ONCE_DONE;
}

/* -- Names ------------------------------------------------------------------------------------- */

/* A descriptor, or an error: UV_EAGAIN where finding the name may block. */
static int open_cached(const char* path, int flags) {
  struct open_how how = {.flags = (unsigned int) (flags | O_CLOEXEC), .resolve = RESOLVE_CACHED};
  long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

  if (fd >= 0)
    return (int) fd;
  if (errno == ENOSYS || errno == EPERM || errno == EINVAL)
    uv__store_relaxed(&cannot_open, true);
  return UV__ERR(errno);
}

/* Opens a file without being able to use it, and tells what is known of it: a descriptor, or
 * UV_ENOENT, or UV_EAGAIN for whatever else there is in the way. */
static int find(const char* path, int flags, uv_stat_t* info) {
  int fd = uv__load_relaxed(&cannot_open) ? UV_EAGAIN : open_cached(path, O_PATH | flags);

  if (fd < 0)
    return fd == UV_ENOENT ? UV_ENOENT : UV_EAGAIN;
  if (uv__fs_fstat_cached(fd, info) == 0 && uv__fs_is_local(fd, info->st_dev))
    return fd;
  uv__close(fd);
  return UV_EAGAIN;
}

static enum uv__at_once stat_at_once(uv_fs_t* req, int flags) {
  int fd = find(req->path, flags, &req->statbuf);

  if (fd == UV_EAGAIN)
    return UV__AT_ONCE_NOT;
  if (fd >= 0) {
    uv__close(fd);
    req->ptr = &req->statbuf;
  }
  uv__fs_finish(req, fd >= 0 ? 0 : fd);
  return UV__AT_ONCE_DONE;
}

static enum uv__at_once fstat_at_once(uv_fs_t* req) {
  if (req->file < 0 || uv__fs_fstat_cached(req->file, &req->statbuf) != 0 ||
      !uv__fs_is_local(req->file, req->statbuf.st_dev))
    return UV__AT_ONCE_NOT;
  req->ptr = &req->statbuf;
  uv__fs_finish(req, 0);
  return UV__AT_ONCE_DONE;
}

/* -- Opening and closing ----------------------------------------------------------------------- */

/* Opens what was found. Should there be something else by that name now, it is not waited for. */
static int open_found(const char* path, int flags) {
  int fd = open_cached(path, flags | O_LARGEFILE | O_NONBLOCK);

  if (fd >= 0 && !(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags) == -1) {
    uv__close(fd);
    return UV_EAGAIN;
  }
  return fd;
}

static enum uv__at_once open_at_once(uv_fs_t* req) {
  uv_stat_t info;
  int found;
  int fd;

  if (req->flags & ~OPEN_FLAGS)
    return UV__AT_ONCE_NOT;
  found = find(req->path, req->flags & (O_DIRECTORY | O_NOFOLLOW), &info);
  if (found == UV_EAGAIN)
    return UV__AT_ONCE_NOT;
  fd = found;
  if (found >= 0) {
    fd = S_ISREG(info.st_mode) || S_ISDIR(info.st_mode) ? open_found(req->path, req->flags)
                                                        : UV_EAGAIN;
    uv__close(found);
  }
  if (fd < 0 && fd != UV_ENOENT)
    return UV__AT_ONCE_NOT;
  uv__fs_finish(req, fd);
  return UV__AT_ONCE_DONE;
}

/* The last one who closes a file may have much to do: free the blocks of one that has no name any
 * more, or write what it has changed. */
static enum uv__at_once close_quickly(const uv_fs_t* req) {
  uv_stat_t info;
  int flags = fcntl(req->file, F_GETFL);

  if (flags == -1 || (flags & O_ACCMODE) != O_RDONLY ||
      uv__fs_fstat_cached(req->file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink == 0 ||
      !uv__fs_is_local(req->file, info.st_dev))
    return UV__AT_ONCE_NOT;
  return UV__AT_ONCE_QUICK;
}

/* -- All of them ------------------------------------------------------------------------------- */

enum uv__at_once uv__at_once(uv_fs_t* req) {
  switch (req->fs_type) {
    case UV_FS_CLOSE:
      return close_quickly(req);
    case UV_FS_FSTAT:
      return fstat_at_once(req);
    case UV_FS_LSTAT:
      return stat_at_once(req, O_NOFOLLOW);
    case UV_FS_OPEN:
      return open_at_once(req);
    case UV_FS_READ:
      return read_at_once(req);
    case UV_FS_STAT:
      return stat_at_once(req, 0);
    default:
      return UV__AT_ONCE_NOT;
  }
}

bool uv__at_once_undo(uv_fs_t* req) {
  if (req->fs_type == UV_FS_OPEN && req->result >= 0)
    uv__close((int) req->result);
  if (req->fs_type == UV_FS_READ && req->result > 0 && uv__fs_offset(req) < 0 &&
      lseek(req->file, -(off_t) req->result, SEEK_CUR) == -1)
    return false;
  req->ptr = NULL;
  return true;
}
