/* Copying the data of a file, where the system copies pieces between descriptors. Holes are left
 * out. */
#include "fd.h"
#include "fs_ops.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where nobody tells of holes: a way to seek that lseek(2) refuses. */
#ifndef SEEK_DATA
#define SEEK_DATA (-1)
#define SEEK_HOLE (-1)
#endif

struct copy {
  int in;
  int out;
  const struct stat* from;
};

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
  int64_t size = copy->from->st_size;
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

int uv__fs_copy_data(int out, int in, const struct stat* from) {
  const struct copy copy = {.in = in, .out = out, .from = from};

  if (from->st_size == 0)
    return S_ISREG(from->st_mode) ? copy_to_the_end(&copy) : 0;
  if (from->st_blocks < from->st_size / 512)
    return copy_sparse(&copy);
  return copy_range(&copy, 0, from->st_size);
}

/* Data are shared with a file that is open (uv__fs_clone()). */
int uv__fs_clone_to(int in, const char* path) {
  (void) in;
  (void) path;
  return UV_ENOSYS;
}
