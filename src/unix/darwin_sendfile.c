/* Copying between descriptors on macOS, whose sendfile(2) sends files to sockets. */
#include "fs_ops.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* What it says of descriptors that do not suit it. */
static bool is_unsuited(int error) {
  return error == EINVAL || error == EIO || error == ENOTSOCK || error == EXDEV ||
         error == ENOTSUP || error == EOPNOTSUPP || error == ESPIPE;
}

/* A part may have been sent although it failed. A length of 0 would stand for the whole file. */
ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len) {
  off_t sent = len < INT32_MAX ? (off_t) len : INT32_MAX;
  int r;

  if (len == 0)
    return 0;
  r = sendfile(in, out, (off_t) offset, &sent, NULL, 0);
  if (r == 0 || ((errno == EAGAIN || errno == EINTR) && sent > 0))
    return (ssize_t) sent;
  return is_unsuited(errno) ? uv__fs_pump(out, in, offset, len) : UV__ERR(errno);
}
