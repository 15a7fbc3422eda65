/* Options of sockets as macOS has them. */
#include "socket.h"

#include "uv.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Here TCP_KEEPALIVE is what others call TCP_KEEPIDLE. */
int uv__tcp_set_probes(int fd, unsigned int idle, unsigned int interval, unsigned int count) {
  int err = uv__socket_set(fd, IPPROTO_TCP, TCP_KEEPALIVE, (int) idle);

  if (err == 0)
    err = uv__socket_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, (int) interval);
  if (err == 0)
    err = uv__socket_set(fd, IPPROTO_TCP, TCP_KEEPCNT, (int) count);
  return err;
}

/* SO_REUSEADDR shares a port between different addresses only. */
int uv__socket_share_address(int fd) {
  return uv__socket_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

/* All would arrive at one of the sockets. */
int uv__socket_balance_port(int fd) {
  (void) fd;
  return UV_ENOTSUP;
}

/* Urgent data stay where they are among the others, as what is read tells otherwise only that it is
 * out of order. A socket that was shut down refuses both options, and can do no harm. */
int uv__socket_adopt(int fd) {
  int err = uv__socket_set(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);

  if (err == 0)
    err = uv__socket_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
  return err == UV_ENOTSOCK || err == UV_EINVAL ? 0 : err;
}
