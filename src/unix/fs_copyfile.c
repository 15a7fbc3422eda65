/* Copying a file: its data, permissions, owner and times. */
#include "fd.h"
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Copies `len` bytes from `start` on, or what there is, to the same place. */
static int copy_range(const struct copy* copy, int64_t start, int64_t len) {
  int64_t total = 0;

  if (lseek(copy->out, (off_t) start, SEEK_SET) == -1)
    return UV__ERR(errno);
  while (total < len) {
    int64_t left = len - total;
    size_t piece = left < UV__IO_MAX_BYTES ? (size_t) left : UV__IO_MAX_BYTES;
    ssize_t n = uv__fs_sendfile(copy->out, copy->in, start + total, piece);

    if (n < 0)
      return (int) n;
    if (n == 0)
      break;
    total += n;
  }
  return 0;
}

/* Files of /proc and the like claim to be empty. */
static int copy_to_the_end(const struct copy* copy) {
  int64_t offset = 0;
  ssize_t n;

  while ((n = uv__fs_pump(copy->out, copy->in, offset, UV__IO_MAX_BYTES)) > 0)
    offset += n;
  return (int) n;
}

/* Copies what is between the holes, which makes the same holes in the target. */
static int copy_sparse(const struct copy* copy) {
  int64_t size = copy->from.st_size;
  int64_t at = 0;

  while (at < size) {
    off_t data = lseek(copy->in, (off_t) at, SEEK_DATA);
    off_t hole;
    int err;

    if (data == -1 && errno == ENXIO)
      break;
    if (data == -1)
      return copy_range(copy, at, size - at);
    hole = lseek(copy->in, data, SEEK_HOLE);
    if (hole == -1 || hole > size)
      hole = (off_t) size;
    err = copy_range(copy, data, hole - data);
    if (err != 0)
      return err;
    at = hole;
  }

  /* What ends with a hole, unless it was cut meanwhile. */
  at = lseek(copy->in, 0, SEEK_END);
  return at == -1 ? UV__ERR(errno) : uv__fs_truncate(copy->out, at < size ? at : size);
}

static int copy_data(const struct copy* copy) {
  const struct stat* from = &copy->from;

  if (from->st_size == 0)
    return S_ISREG(from->st_mode) ? copy_to_the_end(copy) : 0;
  if (from->st_blocks < from->st_size / 512)
    return copy_sparse(copy);
  return copy_range(copy, 0, from->st_size);
}

static int copy_or_share(const struct copy* copy, int flags) {
  int err;

  if ((flags & (UV_FS_COPYFILE_FICLONE | UV_FS_COPYFILE_FICLONE_FORCE)) == 0)
    return copy_data(copy);
  err = uv__fs_clone(copy->out, copy->in);
  if (err == 0 || (flags & UV_FS_COPYFILE_FICLONE_FORCE) != 0)
    return err;
  return copy_data(copy);
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

static int copy_from_source(struct copy* copy, const char* path, int flags) {
  int exclusive = (flags & UV_FS_COPYFILE_EXCL) != 0 ? O_EXCL : 0;
  int err = describe(copy->in, &copy->from);

  if (err != 0)
    return err;
  if (S_ISDIR(copy->from.st_mode))
    return UV_EISDIR;
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
