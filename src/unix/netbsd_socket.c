/* Options of sockets as NetBSD has them: tcp(4), setsockopt(2). */
#include "socket.h"

#include "uv.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int uv__tcp_set_probes(int fd, unsigned int idle, unsigned int interval, unsigned int count) {
  int err = uv__socket_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int) idle);

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

/* Each call says itself that it wants no SIGPIPE. */
int uv__socket_adopt(int fd) {
  (void) fd;
  return 0;
}
