/* Reading what is in memory of a file. */
#include "linux_cached.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DO_NOT_WAIT = 8 /* RWF_NOWAIT */ };

/* Not every C library has a function for it. A position is given in two halves, of which 64-bit
 * kernels look at the first alone: it is the whole there. */
ssize_t uv__read_cached(int fd, const uv_buf_t bufs[], unsigned int nbufs, int64_t offset) {
  int64_t position = offset >= 0 ? offset : -1;
  long n = syscall(SYS_preadv2, fd, bufs, (unsigned long) nbufs, (long) position,
                   (long) (position >> 32), DO_NOT_WAIT);

  return n != -1 ? (ssize_t) n : UV__ERR(errno);
}

/* Whether there is nothing to read at an offset. */
static bool is_end(int fd, int64_t offset) {
  char byte;
  uv_buf_t buf = {.base = &byte, .len = 1};
  return uv__read_cached(fd, &buf, 1, offset) == 0;
}

/* What has no position gives what it has. */
bool uv__read_was_whole(int fd, ssize_t n, int64_t offset) {
  off_t position;

  if (offset >= 0)
    return is_end(fd, offset + n);
  position = lseek(fd, 0, SEEK_CUR);
  if (position == -1 || is_end(fd, position))
    return true;
  lseek(fd, -(off_t) n, SEEK_CUR);
  return false;
}
