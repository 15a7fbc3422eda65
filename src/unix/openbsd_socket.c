/* Options of sockets as OpenBSD has them: tcp(4), setsockopt(2). */
#include "socket.h"

#include "uv.h"

#include <sys/socket.h>

/* They are the same for all sockets (sysctl(2), TCPCTL_KEEPIDLE and the like). */
int uv__tcp_set_probes(int fd, unsigned int idle, unsigned int interval, unsigned int count) {
  (void) fd;
  (void) idle;
  (void) interval;
  (void) count;
  return 0;
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
