/* Options of sockets. */
#include "socket.h"

#include "../core.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum { DEFAULT_IDLE_S = 60, DEFAULT_INTERVAL_S = 1, DEFAULT_COUNT = 10 };

int uv__socket_set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : UV__ERR(errno);
}

int uv__tcp_set_nodelay(int fd, int enable) {
  return uv__socket_set(fd, IPPROTO_TCP, TCP_NODELAY, enable != 0);
}

int uv__tcp_set_keepalive(int fd, int enable, unsigned int idle, unsigned int interval,
                          unsigned int count) {
  int err = uv__socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, enable != 0);

  if (err != 0 || !enable)
    return err;
  if (idle < 1 || interval < 1 || count < 1)
    return UV_EINVAL;
  return uv__tcp_set_probes(fd, idle, interval, count);
}

int uv__tcp_apply_options(int fd, unsigned int handle_flags) {
  int err = 0;

  if (handle_flags & UV_HANDLE_TCP_NODELAY)
    err = uv__tcp_set_nodelay(fd, 1);
  if (err == 0 && (handle_flags & UV_HANDLE_TCP_KEEPALIVE))
    err = uv__tcp_set_keepalive(fd, 1, DEFAULT_IDLE_S, DEFAULT_INTERVAL_S, DEFAULT_COUNT);
  return err;
}
