/* Options of sockets as FreeBSD has them: tcp(4), setsockopt(2). */
#include "socket.h"

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

int uv__socket_balance_port(int fd) {
  return uv__socket_set(fd, SOL_SOCKET, SO_REUSEPORT_LB, 1);
}

/* Each call says itself that it wants no SIGPIPE. */
int uv__socket_adopt(int fd) {
  (void) fd;
  return 0;
}
