/* Copying between descriptors within the kernel: copy_file_range(2) from file to file, sendfile(2)
 * from file to socket. */
#include "bsd_sendfile.h"

#include <errno.h>
#include <unistd.h>

/* What another system call for the same bytes would meet as well. */
static bool is_final(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EINTR;
}

/* Nothing is the answer at the end, but also for files that do not tell their size. */
ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len) {
  off_t from = (off_t) offset;
  ssize_t n = copy_file_range(in, &from, out, NULL, len, 0);

  if (n > 0)
    return n;
  if (n == -1 && is_final(errno))
    return UV__ERR(errno);
  return uv__send_or_pump(out, in, offset, len);
}
