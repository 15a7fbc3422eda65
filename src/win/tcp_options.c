/* TCP: options of a connection. */
#include "socket.h"
#include "tcp.h"

#include <mstcpip.h>

/* What some versions of the system's headers lack: options of Windows 10-1709. */
#if !defined(TCP_KEEPIDLE)
#define TCP_KEEPIDLE 3
#endif
#if !defined(TCP_KEEPCNT)
#define TCP_KEEPCNT 16
#endif
#if !defined(TCP_KEEPINTVL)
#define TCP_KEEPINTVL 17
#endif

enum {
  DEFAULT_IDLE_S = 60,
  DEFAULT_INTERVAL_S = 1,
  DEFAULT_COUNT = 10,
  MS_PER_S = 1000,
  LONGEST_S = INT_MAX / MS_PER_S
};

/* -- Setting ----------------------------------------------------------------------------------- */

static int set_nodelay(SOCKET socket, int enable) {
  return uv__socket_set(socket, IPPROTO_TCP, TCP_NODELAY, enable != 0);
}

static int set_probes(SOCKET socket, unsigned int idle, unsigned int interval, unsigned int count) {
  int err = uv__socket_set(socket, IPPROTO_TCP, TCP_KEEPIDLE, (int) idle);

  if (err == 0)
    err = uv__socket_set(socket, IPPROTO_TCP, TCP_KEEPINTVL, (int) interval);
  if (err == 0)
    err = uv__socket_set(socket, IPPROTO_TCP, TCP_KEEPCNT, (int) count);
  return err;
}

static ULONG in_ms(unsigned int seconds) {
  return (ULONG) (seconds < LONGEST_S ? seconds : LONGEST_S) * MS_PER_S;
}

/* What older systems have: the count is theirs. */
static int set_probe_times(SOCKET socket, unsigned int idle, unsigned int interval) {
  struct tcp_keepalive values = {
      .onoff = 1, .keepalivetime = in_ms(idle), .keepaliveinterval = in_ms(interval)};
  DWORD bytes;

  return WSAIoctl(socket, SIO_KEEPALIVE_VALS, &values, sizeof(values), NULL, 0, &bytes, NULL,
                  NULL) == 0
             ? 0
             : uv__socket_error();
}

static int set_keepalive(SOCKET socket, int enable, unsigned int idle, unsigned int interval,
                         unsigned int count) {
  int err = uv__socket_set(socket, SOL_SOCKET, SO_KEEPALIVE, enable != 0);

  if (err != 0 || !enable)
    return err;
  if (idle < 1 || interval < 1 || count < 1)
    return UV_EINVAL;
  if (set_probes(socket, idle, interval, count) == 0)
    return 0;
  return set_probe_times(socket, idle, interval);
}

int uv__tcp_apply_options(SOCKET socket, unsigned int handle_flags) {
  int err = 0;

  if (handle_flags & UV_HANDLE_TCP_NODELAY)
    err = set_nodelay(socket, 1);
  if (err == 0 && (handle_flags & UV_HANDLE_TCP_KEEPALIVE))
    err = set_keepalive(socket, 1, DEFAULT_IDLE_S, DEFAULT_INTERVAL_S, DEFAULT_COUNT);
  return err;
}

/* -- Of a handle ------------------------------------------------------------------------------- */

/* Remembers an option for the socket that the handle will get. */
static void remember(uv_tcp_t* tcp, unsigned int flag, bool on) {
  if (on)
    tcp->flags |= flag;
  else
    tcp->flags &= ~flag;
}

int uv_tcp_nodelay(uv_tcp_t* tcp, int enable) {
  int err = 0;

  if (uv__tcp_has_socket(tcp))
    err = set_nodelay(tcp->socket, enable);
  if (err == 0)
    remember(tcp, UV_HANDLE_TCP_NODELAY, enable != 0);
  return err;
}

int uv_tcp_keepalive_ex(uv_tcp_t* tcp, int on, unsigned int idle, unsigned int interval,
                        unsigned int count) {
  int err = 0;

  if (uv__tcp_has_socket(tcp))
    err = set_keepalive(tcp->socket, on, idle, interval, count);
  if (err == 0)
    remember(tcp, UV_HANDLE_TCP_KEEPALIVE, on != 0);
  return err;
}

int uv_tcp_keepalive(uv_tcp_t* tcp, int on, unsigned int delay) {
  return uv_tcp_keepalive_ex(tcp, on, delay, DEFAULT_INTERVAL_S, DEFAULT_COUNT);
}
