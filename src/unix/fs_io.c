/* Files: open, read, write, close. */
#include "fd.h"
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

/* A uv_buf_t is laid out as a struct iovec. */
_Static_assert(sizeof(uv_buf_t) == sizeof(struct iovec) &&
                   offsetof(uv_buf_t, base) == offsetof(struct iovec, iov_base) &&
                   offsetof(uv_buf_t, len) == offsetof(struct iovec, iov_len),
               "uv_buf_t is a struct iovec");

static ssize_t answer(ssize_t r) {
  return r == -1 ? UV__ERR(errno) : r;
}

int uv__fs_open(const char* path, int flags, mode_t mode) {
  return (int) answer(open(path, flags | O_CLOEXEC, mode));
}

int uv__fs_close(int fd) {
  int r = close(fd);
  return r == 0 || errno == EINTR || errno == EINPROGRESS ? 0 : UV__ERR(errno);
}

int uv__fs_truncate(int fd, int64_t len) {
  return (int) answer(ftruncate(fd, (off_t) len));
}

/* -- Reading ----------------------------------------------------------------------------------- */

/* How many of the buffers one system call can take. Linux would cut what is too much, others refuse
 * it. */
static unsigned int count_fitting(const uv_buf_t* bufs, unsigned int nbufs) {
  size_t left = UV__IO_MAX_BYTES;

  if (nbufs > IOV_MAX)
    nbufs = IOV_MAX;
  for (unsigned int i = 0; i < nbufs; i++) {
    if (bufs[i].len > left)
      return i > 0 ? i : 1;
    left -= bufs[i].len;
  }
  return nbufs;
}

static ssize_t read_one(int fd, const uv_buf_t* buf, int64_t offset) {
  size_t len = buf->len < UV__IO_MAX_BYTES ? buf->len : UV__IO_MAX_BYTES;
  return offset < 0 ? read(fd, buf->base, len) : pread(fd, buf->base, len, (off_t) offset);
}

static ssize_t read_several(int fd, const uv_buf_t* bufs, unsigned int count, int64_t offset) {
  const struct iovec* iov = (const struct iovec*) bufs;
  return offset < 0 ? readv(fd, iov, (int) count) : preadv(fd, iov, (int) count, (off_t) offset);
}

ssize_t uv__fs_read(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset) {
  unsigned int count = count_fitting(bufs, nbufs);
  return answer(count == 1 ? read_one(fd, bufs, offset) : read_several(fd, bufs, count, offset));
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* What is left to write: `bufs` from `skip` bytes after the start of the first. */
struct rest {
  const uv_buf_t* bufs;
  unsigned int nbufs;
  size_t skip;
};

static bool advance(struct rest* rest, size_t len) {
  const uv_buf_t* before = rest->bufs;
  size_t left = len;

  while (rest->nbufs > 0 && left >= rest->bufs->len - rest->skip) {
    left -= rest->bufs->len - rest->skip;
    rest->bufs++;
    rest->nbufs--;
    rest->skip = 0;
  }
  rest->skip += left;
  return len > 0 || rest->bufs != before;
}

static ssize_t write_one(int fd, const char* base, size_t len, int64_t offset) {
  if (len > UV__IO_MAX_BYTES)
    len = UV__IO_MAX_BYTES;
  return offset < 0 ? write(fd, base, len) : pwrite(fd, base, len, (off_t) offset);
}

static ssize_t write_several(int fd, const uv_buf_t* bufs, unsigned int count, int64_t offset) {
  const struct iovec* iov = (const struct iovec*) bufs;
  return offset < 0 ? writev(fd, iov, (int) count) : pwritev(fd, iov, (int) count, (off_t) offset);
}

/* One system call. A buffer of which a part is written goes alone, so that the caller's array is
 * neither changed nor copied. */
static ssize_t write_some(int fd, const struct rest* rest, int64_t offset) {
  const uv_buf_t* buf = rest->bufs;
  unsigned int count = count_fitting(buf, rest->nbufs);

  /* A base that is NULL must not be added to. */
  if (rest->skip > 0)
    return write_one(fd, buf->base + rest->skip, buf->len - rest->skip, offset);
  if (count == 1)
    return write_one(fd, buf->base, buf->len, offset);
  return write_several(fd, buf, count, offset);
}

ssize_t uv__fs_write(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset) {
  struct rest rest = {.bufs = bufs, .nbufs = nbufs};
  size_t total = 0;
  ssize_t n;

  do {
    n = write_some(fd, &rest, offset < 0 ? offset : offset + (int64_t) total);
    if (n == -1 && errno == EINTR && total > 0)
      continue;
    if (n == -1)
      return total > 0 ? (ssize_t) total : UV__ERR(errno);
    total += (size_t) n;
    if (!advance(&rest, (size_t) n))
      break;
  } while (rest.nbufs > 0);
  return (ssize_t) total;
}
