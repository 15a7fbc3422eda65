/* TCP: streams over IPv4 and IPv6.
 *
 * A handle gets its socket from the first call that needs one; where that call fails, the handle is
 * as it was. An address that is taken is no error of uv_tcp_bind(): it waits in `delayed_error` for
 * uv_listen() or uv_tcp_connect(). */
#include "../inet.h"
#include "../stream.h"

#include "fd.h"
#include "socket.h"
#include "stream.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

enum { KEEPALIVE_INTERVAL_S = 1, KEEPALIVE_COUNT = 10 };

/* -- The socket -------------------------------------------------------------------------------- */

static bool has_socket(const uv_tcp_t* tcp) {
  return tcp->io_watcher.fd != UV__NO_FD;
}

/* Makes the socket if there is none yet: 0 or an error. `*made` tells drop_socket()'s caller. */
static int need_socket(uv_tcp_t* tcp, int domain, bool* made) {
  int fd;
  int err;

  *made = false;
  if (has_socket(tcp))
    return 0;
  fd = uv__socket(domain, SOCK_STREAM, 0);
  if (fd < 0)
    return fd;
  err = uv__stream_open(uv__stream(tcp), fd, 0);
  if (err != 0) {
    uv__close(fd);
    return err;
  }
  *made = true;
  return 0;
}

/* Takes back what need_socket() made. */
static void drop_socket(uv_tcp_t* tcp) {
  uv__io_close(tcp->loop, &tcp->io_watcher);
  uv__close(tcp->io_watcher.fd);
  tcp->io_watcher.fd = UV__NO_FD;
}

/* -- Init -------------------------------------------------------------------------------------- */

static const struct uv__handle_ops tcp_ops = {
    .close = uv__stream_close,
    .finish = uv__stream_finish,
};

int uv_tcp_init_ex(uv_loop_t* loop, uv_tcp_t* tcp, unsigned int flags) {
  bool made;
  int err;

  if (flags != AF_INET && flags != AF_INET6 && flags != AF_UNSPEC)
    return UV_EINVAL;
  uv__stream_init(loop, uv__stream(tcp), UV_TCP, &tcp_ops, uv__stream_io);
  if (flags == AF_UNSPEC)
    return 0;
  err = need_socket(tcp, (int) flags, &made);
  if (err != 0)
    uv__handle_unlink(uv__handle(tcp));
  return err;
}

int uv_tcp_init(uv_loop_t* loop, uv_tcp_t* tcp) {
  return uv_tcp_init_ex(loop, tcp, AF_UNSPEC);
}

int uv_tcp_open(uv_tcp_t* tcp, uv_os_sock_t socket) {
  int err;

  if (uv__is_closing(uv__handle(tcp)))
    return UV_EINVAL;
  if (uv__io_watched(tcp->loop, socket))
    return UV_EEXIST;
  err = uv__set_nonblocking(socket, true);
  if (err != 0)
    return err;
  return uv__stream_open(uv__stream(tcp), socket, UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
}

/* -- Binding and listening --------------------------------------------------------------------- */

static int prepare_bind(int fd, int family, unsigned int flags) {
  int err = uv__socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);

  if (err == 0 && (flags & UV_TCP_REUSEPORT))
    err = uv__socket_balance_port(fd);
  if (err == 0 && family == AF_INET6)
    err = uv__socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, (flags & UV_TCP_IPV6ONLY) != 0);
  return err;
}

static int bind_socket(uv_tcp_t* tcp, const struct sockaddr* address, unsigned int flags) {
  int fd = tcp->io_watcher.fd;
  int err = prepare_bind(fd, address->sa_family, flags);

  if (err == 0 && bind(fd, address, (socklen_t) uv__ip_address_size(address)) == -1)
    err = UV__ERR(errno);
  /* The socket is of the other family. */
  if (err == UV_EAFNOSUPPORT || err == UV_ENOPROTOOPT)
    return UV_EINVAL;
  if (err != 0 && err != UV_EADDRINUSE)
    return err;

  tcp->delayed_error = err;
  tcp->flags |= UV_HANDLE_BOUND;
  if (address->sa_family == AF_INET6)
    tcp->flags |= UV_HANDLE_IPV6;
  return 0;
}

int uv_tcp_bind(uv_tcp_t* tcp, const struct sockaddr* address, unsigned int flags) {
  bool made;
  int err;

  if (tcp->type != UV_TCP || uv__is_closing(uv__handle(tcp)) || uv__ip_address_size(address) == 0)
    return UV_EINVAL;
  if ((flags & UV_TCP_IPV6ONLY) && address->sa_family != AF_INET6)
    return UV_EINVAL;

  err = need_socket(tcp, address->sa_family, &made);
  if (err != 0)
    return err;
  err = bind_socket(tcp, address, flags);
  if (err != 0 && made)
    drop_socket(tcp);
  return err;
}

int uv__tcp_listen(uv_tcp_t* tcp, int backlog, uv_connection_cb cb) {
  bool made;
  int err;

  if (tcp->delayed_error != 0)
    return tcp->delayed_error;
  if (tcp->connect_req != NULL)
    return UV_EINVAL;

  /* The kernel binds what is not bound. */
  err = need_socket(tcp, AF_INET, &made);
  if (err != 0)
    return err;
  if (listen(tcp->io_watcher.fd, backlog) == -1)
    err = UV__ERR(errno);
  else
    err = uv__stream_listen(uv__stream(tcp), cb);
  if (err == 0)
    tcp->flags |= UV_HANDLE_BOUND;
  else if (made)
    drop_socket(tcp);
  return err;
}

/* -- Connecting -------------------------------------------------------------------------------- */

/* The scope of the first interface with a link-local address, 0 if there is none. */
static uint32_t link_local_scope(void) {
  struct ifaddrs* all;
  uint32_t scope = 0;

  if (getifaddrs(&all) == -1)
    return 0;
  for (struct ifaddrs* each = all; each != NULL && scope == 0; each = each->ifa_next) {
    struct sockaddr_in6 address;
    if (each->ifa_addr == NULL || each->ifa_addr->sa_family != AF_INET6)
      continue;
    memcpy(&address, each->ifa_addr, sizeof(address));
    if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr))
      scope = address.sin6_scope_id;
  }
  freeifaddrs(all);
  return scope;
}

/* 0 if the connection is made or under way. */
static int connect_socket(int fd, const struct sockaddr* address) {
  struct sockaddr_storage to;
  struct sockaddr_in6* to6 = (struct sockaddr_in6*) &to;
  socklen_t len = (socklen_t) uv__ip_address_size(address);

  memcpy(&to, address, len);
  if (to.ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&to6->sin6_addr) && to6->sin6_scope_id == 0)
    to6->sin6_scope_id = link_local_scope();

  /* An interrupted connect goes on. */
  if (connect(fd, (const struct sockaddr*) &to, len) == 0 || errno == EINPROGRESS || errno == EINTR)
    return 0;
  return UV__ERR(errno);
}

int uv_tcp_connect(uv_connect_t* req, uv_tcp_t* tcp, const struct sockaddr* address,
                   uv_connect_cb cb) {
  int status = tcp->delayed_error;
  bool made = false;

  if (tcp->type != UV_TCP || uv__is_closing(uv__handle(tcp)) || uv__ip_address_size(address) == 0)
    return UV_EINVAL;
  if (tcp->connect_req != NULL)
    return UV_EALREADY;

  if (status == 0) {
    int err = need_socket(tcp, address->sa_family, &made);
    if (err != 0)
      return err;
    status = connect_socket(tcp->io_watcher.fd, address);
    if (status != 0 && status != UV_ECONNREFUSED) {
      if (made)
        drop_socket(tcp);
      return status;
    }
  }
  tcp->flags |= UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  if (status == 0)
    uv__stream_connect_wait(uv__stream(tcp), req, cb);
  else
    uv__stream_connect_report(uv__stream(tcp), req, cb, status);
  return 0;
}

/* -- Addresses --------------------------------------------------------------------------------- */

typedef int (*name_func)(int fd, struct sockaddr* name, socklen_t* len);

static int get_name(const uv_tcp_t* tcp, name_func func, struct sockaddr* name, int* namelen) {
  socklen_t len = (socklen_t) *namelen;

  if (tcp->delayed_error != 0)
    return tcp->delayed_error;
  if (!has_socket(tcp))
    return UV_EBADF;
  if (func(tcp->io_watcher.fd, name, &len) == -1)
    return UV__ERR(errno);
  *namelen = (int) len;
  return 0;
}

int uv_tcp_getsockname(const uv_tcp_t* tcp, struct sockaddr* name, int* namelen) {
  return get_name(tcp, getsockname, name, namelen);
}

int uv_tcp_getpeername(const uv_tcp_t* tcp, struct sockaddr* name, int* namelen) {
  return get_name(tcp, getpeername, name, namelen);
}

/* -- Options ----------------------------------------------------------------------------------- */

/* Remembers an option for the socket that the handle will get. */
static void remember(uv_tcp_t* tcp, unsigned int flag, bool on) {
  if (on)
    tcp->flags |= flag;
  else
    tcp->flags &= ~flag;
}

int uv_tcp_nodelay(uv_tcp_t* tcp, int enable) {
  int err = 0;

  if (has_socket(tcp))
    err = uv__tcp_set_nodelay(tcp->io_watcher.fd, enable);
  if (err == 0)
    remember(tcp, UV_HANDLE_TCP_NODELAY, enable != 0);
  return err;
}

int uv_tcp_keepalive_ex(uv_tcp_t* tcp, int on, unsigned int idle, unsigned int interval,
                        unsigned int count) {
  int err = 0;

  if (has_socket(tcp))
    err = uv__tcp_set_keepalive(tcp->io_watcher.fd, on, idle, interval, count);
  if (err == 0)
    remember(tcp, UV_HANDLE_TCP_KEEPALIVE, on != 0);
  return err;
}

int uv_tcp_keepalive(uv_tcp_t* tcp, int on, unsigned int delay) {
  return uv_tcp_keepalive_ex(tcp, on, delay, KEEPALIVE_INTERVAL_S, KEEPALIVE_COUNT);
}

int uv_tcp_simultaneous_accepts(uv_tcp_t* tcp, int enable) {
  (void) tcp;
  (void) enable;
  return 0;
}

/* -- Closing ----------------------------------------------------------------------------------- */

int uv_tcp_close_reset(uv_tcp_t* tcp, uv_close_cb close_cb) {
  struct linger no_linger = {.l_onoff = 1, .l_linger = 0};

  if (tcp->flags & UV_HANDLE_SHUTTING)
    return UV_EINVAL;
  /* EINVAL: the socket is shut in both directions already (macOS). */
  if (setsockopt(tcp->io_watcher.fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger)) == -1 &&
      errno != EINVAL)
    return UV__ERR(errno);
  uv_close(uv__handle(tcp), close_cb);
  return 0;
}
