/* Pairs of connected sockets. */
#include "fd.h"
#include "fd_flags.h"

#include <errno.h>
#include <sys/socket.h>

static int apply_flags(int fd, int flags) {
  return flags & UV_NONBLOCK_PIPE ? uv__set_nonblocking(fd, true) : 0;
}

int uv_socketpair(int type, int protocol, uv_os_sock_t socket_vector[2], int flags0, int flags1) {
  int pair[2];
  int err;

  if (uv__flagged_socketpair(AF_UNIX, type, protocol, pair) == -1)
    return UV__ERR(errno);
  err = apply_flags(pair[0], flags0);
  if (err == 0)
    err = apply_flags(pair[1], flags1);
  if (err != 0) {
    uv__close(pair[0]);
    uv__close(pair[1]);
    return err;
  }
  socket_vector[0] = pair[0];
  socket_vector[1] = pair[1];
  return 0;
}
