/* Copying a file: its data, permissions, owner and times. */
#include "fd.h"
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stat_times.h"

enum { SHARING = UV_FS_COPYFILE_FICLONE | UV_FS_COPYFILE_FICLONE_FORCE };

/* A copy in the making. */
struct copy {
  int in;
  int out;
  struct stat from;
  struct stat to; /* as it was found or made */
};

/* Opens a descriptor, or gives an error. */
static int open_file(const char* path, int flags, mode_t mode) {
  int fd;

  do
    fd = uv__fs_open(path, flags, mode);
  while (fd == UV_EINTR);
  return fd;
}

static int describe(int fd, struct stat* info) {
  return fstat(fd, info) == 0 ? 0 : UV__ERR(errno);
}

static bool is_same_file(const struct stat* a, const struct stat* b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* -- Data -------------------------------------------------------------------------------------- */

static int copy_or_share(const struct copy* copy, int flags) {
  int err;

  if ((flags & SHARING) == 0)
    return uv__fs_copy_data(copy->out, copy->in, &copy->from);
  err = uv__fs_clone(copy->out, copy->in);
  if (err == 0 || (flags & UV_FS_COPYFILE_FICLONE_FORCE) != 0)
    return err;
  return uv__fs_copy_data(copy->out, copy->in, &copy->from);
}

/* -- All but the data -------------------------------------------------------------------------- */

static int copy_mode(const struct copy* copy) {
  if (fchmod(copy->out, copy->from.st_mode & 07777) == 0)
    return 0;
  return errno == EPERM && uv__fs_has_fixed_modes(copy->out) ? 0 : UV__ERR(errno);
}

/* Times and owner are copied where that is allowed. The owner comes before the mode, since a change
 * of owner takes the set-user-id bit away. */
static int copy_metadata(const struct copy* copy) {
  const struct timespec times[2] = {copy->from.st_atim, copy->from.st_mtim};

  (void) !futimens(copy->out, times);
  (void) !fchown(copy->out, copy->from.st_uid, copy->from.st_gid);
  return copy_mode(copy);
}

/* -- The whole --------------------------------------------------------------------------------- */

/* Some file systems refuse to empty a file, even one that is. */
static int fill(const struct copy* copy, int flags) {
  int err = copy->to.st_size > 0 ? uv__fs_truncate(copy->out, 0) : 0;

  if (err == 0)
    err = copy_metadata(copy);
  if (err == 0)
    err = copy_or_share(copy, flags);

  /* Writing takes these bits away. */
  if (err == 0 && (copy->from.st_mode & (S_ISUID | S_ISGID)) != 0)
    err = copy_mode(copy);
  return err;
}

/* Unless another file has got the name meanwhile. */
static void remove_target(const struct copy* copy, const char* path) {
  struct stat info;

  if (stat(path, &info) == 0 && is_same_file(&info, &copy->to))
    unlink(path);
}

/* Fills the target and closes it. If that fails, no name of it leads to half of a copy. */
static int make_target(const struct copy* copy, const char* path, int flags) {
  int err = fill(copy, flags);
  int close_err;

  if (err != 0)
    (void) !ftruncate(copy->out, 0);
  close_err = uv__fs_close(copy->out);
  if (err == 0)
    err = close_err;
  if (err != 0)
    remove_target(copy, path);
  return err;
}

/* With both open. Only a regular file is a target: devices are nothing to be emptied or removed. */
static int copy_to_target(struct copy* copy, const char* path, int flags) {
  int err = describe(copy->out, &copy->to);

  if (err == 0 && !is_same_file(&copy->from, &copy->to)) {
    if (S_ISREG(copy->to.st_mode))
      return make_target(copy, path, flags);
    err = UV_EINVAL;
  }
  uv__close(copy->out);
  return err;
}

/* Some systems share the data of a file with a new one only. Whether that was all there is to do:
 * `*err` is how it ended. */
static bool is_cloned(const struct copy* copy, const char* path, int flags, int* err) {
  bool is_exclusive = (flags & UV_FS_COPYFILE_EXCL) != 0;

  if ((flags & SHARING) == 0)
    return false;
  *err = uv__fs_clone_to(copy->in, path);
  if (*err == UV_EEXIST && !is_exclusive)
    *err = UV_ENOTSUP;
  return *err == 0 || *err == UV_EEXIST ||
         (*err != UV_ENOSYS && (flags & UV_FS_COPYFILE_FICLONE_FORCE) != 0);
}

static int copy_from_source(struct copy* copy, const char* path, int flags) {
  int exclusive = (flags & UV_FS_COPYFILE_EXCL) != 0 ? O_EXCL : 0;
  int err = describe(copy->in, &copy->from);

  if (err != 0)
    return err;
  if (S_ISDIR(copy->from.st_mode))
    return UV_EISDIR;
  if (is_cloned(copy, path, flags, &err))
    return err;
  copy->out = open_file(path, O_WRONLY | O_CREAT | exclusive, copy->from.st_mode & 07777);
  return copy->out < 0 ? copy->out : copy_to_target(copy, path, flags);
}

int uv__fs_copyfile(const char* path, const char* new_path, int flags) {
  struct copy copy = {.in = open_file(path, O_RDONLY, 0)};
  int err;

  if (copy.in < 0)
    return copy.in;
  err = copy_from_source(&copy, new_path, flags);
  uv__close(copy.in);
  return err;
}
