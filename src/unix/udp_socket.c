/* UDP: the socket of a handle, how it comes to it, and the addresses of its two ends. */
#include "udp_socket.h"

#include "../inet.h"
#include "../udp.h"
#include "fd.h"
#include "socket.h"
#include "udp_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static bool has_socket(const uv_udp_t* udp) {
  return udp->io_watcher.fd != -1;
}

int uv__udp_make_socket(uv_udp_t* udp, int family) {
  int fd;
  int err;

  if (has_socket(udp))
    return 0;
  fd = uv__socket(family, SOCK_DGRAM, 0);
  if (fd < 0)
    return fd;
  err = uv__socket_adopt(fd);
  if (err == 0)
    err = uv__io_reserve(udp->loop, fd);
  if (err != 0) {
    uv__close(fd);
    return err;
  }
  udp->io_watcher.fd = fd;
  return 0;
}

/* UV_UDP_REUSEADDR and UV_UDP_REUSEPORT. */
static int set_sharing(int fd, unsigned int flags) {
  int err = 0;

  if (flags & UV_UDP_REUSEADDR)
    err = uv__socket_share_address(fd);
  if (err == 0 && (flags & UV_UDP_REUSEPORT))
    err = uv__socket_balance_port(fd);
  return err;
}

/* -- A socket from outside --------------------------------------------------------------------- */

static bool is_connected(int fd) {
  struct sockaddr_storage peer;
  socklen_t len = sizeof(peer);

  return getpeername(fd, (struct sockaddr*) &peer, &len) == 0;
}

int uv_udp_open_ex(uv_udp_t* udp, uv_os_sock_t socket, unsigned int flags) {
  int err;

  if ((flags & ~(unsigned int) (UV_UDP_REUSEADDR | UV_UDP_REUSEPORT)) != 0 ||
      uv__is_closing(uv__handle(udp)))
    return UV_EINVAL;
  if (has_socket(udp))
    return UV_EBUSY;
  if (uv__io_watched(udp->loop, socket))
    return UV_EEXIST;

  err = uv__set_nonblocking(socket, true);
  if (err == 0)
    err = uv__socket_adopt(socket);
  if (err == 0)
    err = set_sharing(socket, flags);
  if (err == 0)
    err = uv__io_reserve(udp->loop, socket);
  if (err != 0)
    return err;
  udp->io_watcher.fd = socket;
  if (is_connected(socket))
    udp->flags |= UV_HANDLE_UDP_CONNECTED;
  return 0;
}

int uv_udp_open(uv_udp_t* udp, uv_os_sock_t socket) {
  return uv_udp_open_ex(udp, socket, UV_UDP_REUSEADDR);
}

/* -- Binding ----------------------------------------------------------------------------------- */

enum { BIND_FLAGS = UV_UDP_IPV6ONLY | UV_UDP_REUSEADDR | UV_UDP_REUSEPORT | UV_UDP_LINUX_RECVERR };

/* Whether a socket takes both families is left to the system unless asked for one. */
static int bind_socket(int fd, const struct sockaddr* address, socklen_t len, unsigned int flags) {
  int err = 0;

  if (flags & UV_UDP_LINUX_RECVERR)
    err = uv__udp_queue_errors(fd, address->sa_family);
  if (err == 0)
    err = set_sharing(fd, flags);
  if (err == 0 && (flags & UV_UDP_IPV6ONLY))
    err = uv__socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (err == 0 && bind(fd, address, len) == -1)
    err = UV__ERR(errno);
  /* The socket is of the other family. */
  return err == UV_EAFNOSUPPORT || err == UV_ENOPROTOOPT ? UV_EINVAL : err;
}

int uv_udp_bind(uv_udp_t* udp, const struct sockaddr* address, unsigned int flags) {
  int family = address->sa_family;
  socklen_t len = sizeof(struct sockaddr_in);
  int err;

  if (family == AF_INET6)
    len = sizeof(struct sockaddr_in6);
  else if (family != AF_INET || (flags & UV_UDP_IPV6ONLY))
    return UV_EINVAL;
  if ((flags & ~(unsigned int) BIND_FLAGS) != 0 || udp->type != UV_UDP ||
      uv__is_closing(uv__handle(udp)))
    return UV_EINVAL;

  err = uv__udp_make_socket(udp, family);
  if (err == 0)
    err = bind_socket(udp->io_watcher.fd, address, len, flags);
  if (err != 0)
    return err;
  udp->flags |= UV_HANDLE_BOUND;
  if (family == AF_INET6)
    udp->flags |= UV_HANDLE_IPV6;
  return 0;
}

int uv__udp_bind_any(uv_udp_t* udp, int family, unsigned int flags) {
  struct sockaddr_storage any;

  if (has_socket(udp))
    return 0;
  memset(&any, 0, sizeof(any));
  any.ss_family = (sa_family_t) family;
  return uv_udp_bind(udp, (const struct sockaddr*) &any, flags);
}

/* -- Connecting -------------------------------------------------------------------------------- */

static int connect_socket(int fd, const struct sockaddr* address, socklen_t len) {
  int r;

  do
    r = connect(fd, address, len);
  while (r == -1 && errno == EINTR);
  return r == 0 ? 0 : UV__ERR(errno);
}

int uv__udp_connect(uv_udp_t* udp, const struct sockaddr* address) {
  socklen_t len = (socklen_t) uv__udp_address_len(address);
  int err = uv__udp_bind_any(udp, address->sa_family, 0);

  if (err == 0)
    err = connect_socket(udp->io_watcher.fd, address, len);
  if (err == 0)
    udp->flags |= UV_HANDLE_UDP_CONNECTED;
  return err;
}

int uv__udp_disconnect(uv_udp_t* udp) {
  struct sockaddr nobody;
  int err;

  memset(&nobody, 0, sizeof(nobody));
  nobody.sa_family = AF_UNSPEC;
  err = connect_socket(udp->io_watcher.fd, &nobody, sizeof(nobody));
  /* So the BSDs and macOS answer when they have done it. */
  if (err == UV_EAFNOSUPPORT || err == UV_EINVAL)
    err = 0;
  if (err == 0)
    udp->flags &= ~(unsigned int) UV_HANDLE_UDP_CONNECTED;
  return err;
}

/* -- Addresses --------------------------------------------------------------------------------- */

int uv__udp_address_len(const struct sockaddr* address) {
  int size = uv__ip_address_size(address);

  if (address->sa_family == AF_UNIX)
    return sizeof(struct sockaddr_un);
  return size == 0 ? UV_EINVAL : size;
}

int uv__udp_family(const uv_udp_t* udp) {
  struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
  socklen_t len = sizeof(name);

  if (has_socket(udp))
    getsockname(udp->io_watcher.fd, (struct sockaddr*) &name, &len);
  return name.ss_family;
}

typedef int (*name_getter)(int fd, struct sockaddr* name, socklen_t* len);

static int tell_name(const uv_udp_t* udp, name_getter getter, struct sockaddr* name, int* namelen) {
  socklen_t len = (socklen_t) *namelen;

  if (!has_socket(udp) || uv__is_closing(uv__handle(udp)))
    return UV_EBADF;
  if (getter(udp->io_watcher.fd, name, &len) == -1)
    return UV__ERR(errno);
  *namelen = (int) len;
  return 0;
}

int uv_udp_getsockname(const uv_udp_t* udp, struct sockaddr* name, int* namelen) {
  return tell_name(udp, getsockname, name, namelen);
}

int uv_udp_getpeername(const uv_udp_t* udp, struct sockaddr* name, int* namelen) {
  return tell_name(udp, getpeername, name, namelen);
}
