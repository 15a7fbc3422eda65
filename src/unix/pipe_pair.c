/* A pipe that belongs to no loop: two descriptors. */
#include "fd.h"
#include "fd_flags.h"

#include <errno.h>

int uv_pipe(uv_file fds[2], int read_flags, int write_flags) {
  int ends[2];
  int err = 0;

  if (uv__flagged_pipe(ends) == -1)
    return UV__ERR(errno);
  if (read_flags & UV_NONBLOCK_PIPE)
    err = uv__set_nonblocking(ends[0], true);
  if (err == 0 && (write_flags & UV_NONBLOCK_PIPE))
    err = uv__set_nonblocking(ends[1], true);
  if (err != 0) {
    uv__close(ends[0]);
    uv__close(ends[1]);
    return err;
  }
  fds[0] = ends[0];
  fds[1] = ends[1];
  return 0;
}
