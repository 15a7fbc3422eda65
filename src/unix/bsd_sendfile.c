/* Copying between descriptors by a sendfile(2) that sends files to sockets. */
#include "bsd_sendfile.h"

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
ssize_t uv__send_or_pump(int out, int in, int64_t offset, size_t len) {
  off_t sent = 0;
  int r;

  if (len == 0)
    return 0;
  r = sendfile(in, out, (off_t) offset, len, NULL, &sent, 0);
  if (r == 0 || ((errno == EAGAIN || errno == EINTR) && sent > 0))
    return (ssize_t) sent;
  return is_unsuited(errno) ? uv__fs_pump(out, in, offset, len) : UV__ERR(errno);
}
