/* UDP: the socket of a handle, how it comes to it, and the addresses of its two ends. */
#include "udp_socket.h"

#include "../inet.h"
#include "../udp.h"
#include "afd.h"
#include "iocp.h"
#include "socket.h"

#include <string.h>

static bool has_socket(const uv_udp_t* udp) {
  return udp->socket != INVALID_SOCKET;
}

/* Makes a socket the handle's. After an error it is still the caller's. */
static int adopt(uv_udp_t* udp, SOCKET socket) {
  int err = uv__socket_set_nonblocking(socket, true);

  if (err == 0)
    err = uv__iocp_attach(udp->loop, (HANDLE) socket);
  if (err == 0)
    err = uv__afd_open(udp->loop, socket, uv__udp_poll_info(udp));
  if (err == 0)
    udp->socket = socket;
  return err;
}

int uv__udp_make_socket(uv_udp_t* udp, int family) {
  SOCKET socket;
  int err;

  if (has_socket(udp))
    return 0;
  err = uv__socket_open(family, SOCK_DGRAM, &socket);
  if (err != 0)
    return err;
  err = adopt(udp, socket);
  if (err != 0) {
    closesocket(socket);
    return err;
  }
  if (family == AF_INET6)
    udp->flags |= UV_HANDLE_IPV6;
  return 0;
}

/* An unbound socket has no name, but its provider tells. */
int uv__udp_family(const uv_udp_t* udp) {
  WSAPROTOCOL_INFOW info;

  if (!has_socket(udp) || uv__socket_info(udp->socket, &info) != 0)
    return AF_UNSPEC;
  return info.iAddressFamily;
}

int uv__udp_set_option(const uv_udp_t* udp, int level, int option, const void* value, size_t len) {
  if (!has_socket(udp))
    return UV_EBADF;
  return setsockopt(udp->socket, level, option, value, (int) len) == 0 ? 0 : uv__socket_error();
}

/* -- A socket from outside --------------------------------------------------------------------- */

typedef int(WSAAPI* name_getter)(SOCKET socket, struct sockaddr* name, int* len);

static bool has_name(SOCKET socket, name_getter getter) {
  struct sockaddr_storage name;
  int len = sizeof(name);

  return getter(socket, (struct sockaddr*) &name, &len) == 0;
}

int uv_udp_open_ex(uv_udp_t* udp, uv_os_sock_t socket, unsigned int flags) {
  int err = 0;

  if ((flags & ~(unsigned int) (UV_UDP_REUSEADDR | UV_UDP_REUSEPORT)) != 0 ||
      uv__is_closing(uv__handle(udp)))
    return UV_EINVAL;
  if (has_socket(udp))
    return UV_EBUSY;
  if (flags & UV_UDP_REUSEPORT)
    return UV_ENOTSUP;

  if (flags & UV_UDP_REUSEADDR)
    err = uv__socket_set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (err == 0)
    err = adopt(udp, socket);
  if (err != 0)
    return err;
  if (uv__udp_family(udp) == AF_INET6)
    udp->flags |= UV_HANDLE_IPV6;
  if (has_name(socket, getsockname))
    udp->flags |= UV_HANDLE_BOUND;
  if (has_name(socket, getpeername))
    udp->flags |= UV_HANDLE_UDP_CONNECTED;
  return 0;
}

int uv_udp_open(uv_udp_t* udp, uv_os_sock_t socket) {
  return uv_udp_open_ex(udp, socket, 0);
}

/* -- Binding ----------------------------------------------------------------------------------- */

enum { KNOWN_FLAGS = UV_UDP_IPV6ONLY | UV_UDP_REUSEADDR | UV_UDP_REUSEPORT | UV_UDP_LINUX_RECVERR };

/* IPv6 sockets of this system leave IPv4 out unless told otherwise; one that cannot do both is not
 * an error. */
static void set_dual_stack(SOCKET socket, bool only_v6) {
  uv__socket_set(socket, IPPROTO_IPV6, IPV6_V6ONLY, only_v6);
}

static int bind_socket(SOCKET socket, const struct sockaddr* address, unsigned int flags) {
  int err = 0;

  if (flags & UV_UDP_REUSEADDR)
    err = uv__socket_set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (err != 0)
    return err;
  if (address->sa_family == AF_INET6)
    set_dual_stack(socket, (flags & UV_UDP_IPV6ONLY) != 0);
  return bind(socket, address, uv__udp_address_len(address)) == 0 ? 0 : uv__socket_error();
}

int uv_udp_bind(uv_udp_t* udp, const struct sockaddr* address, unsigned int flags) {
  int family = address->sa_family;
  int err;

  if (family != AF_INET6 && (family != AF_INET || (flags & UV_UDP_IPV6ONLY)))
    return UV_EINVAL;
  if ((flags & ~(unsigned int) KNOWN_FLAGS) != 0 || udp->type != UV_UDP ||
      uv__is_closing(uv__handle(udp)))
    return UV_EINVAL;
  /* Sharing is possible here, but nothing would balance. */
  if (flags & UV_UDP_REUSEPORT)
    return UV_ENOTSUP;

  err = uv__udp_make_socket(udp, family);
  if (err == 0)
    err = bind_socket(udp->socket, address, flags);
  if (err == 0)
    udp->flags |= UV_HANDLE_BOUND;
  return err;
}

/* A socket that was never bound cannot receive. */
int uv__udp_bind_any(uv_udp_t* udp, int family, unsigned int flags) {
  struct sockaddr_storage any;

  if (udp->flags & UV_HANDLE_BOUND)
    return 0;
  memset(&any, 0, sizeof(any));
  any.ss_family = (short) (has_socket(udp) ? uv__udp_family(udp) : family);
  return uv_udp_bind(udp, (const struct sockaddr*) &any, flags);
}

/* -- Connecting -------------------------------------------------------------------------------- */

int uv__udp_connect(uv_udp_t* udp, const struct sockaddr* address) {
  int err = uv__udp_bind_any(udp, address->sa_family, 0);

  if (err != 0)
    return err;
  if (connect(udp->socket, address, uv__udp_address_len(address)) != 0)
    return uv__socket_error();
  udp->flags |= UV_HANDLE_UDP_CONNECTED;
  return 0;
}

int uv__udp_disconnect(uv_udp_t* udp) {
  struct sockaddr nobody;

  memset(&nobody, 0, sizeof(nobody));
  if (connect(udp->socket, &nobody, sizeof(nobody)) != 0)
    return uv__socket_error();
  udp->flags &= ~(unsigned int) UV_HANDLE_UDP_CONNECTED;
  return 0;
}

/* -- Addresses --------------------------------------------------------------------------------- */

int uv__udp_address_len(const struct sockaddr* address) {
  int size = uv__ip_address_size(address);
  return size == 0 ? UV_EINVAL : size;
}

static int tell_name(const uv_udp_t* udp, name_getter getter, struct sockaddr* name, int* namelen) {
  if (!has_socket(udp) || uv__is_closing(uv__handle(udp)))
    return UV_EBADF;
  return getter(udp->socket, name, namelen) == 0 ? 0 : uv__socket_error();
}

int uv_udp_getsockname(const uv_udp_t* udp, struct sockaddr* name, int* namelen) {
  return tell_name(udp, getsockname, name, namelen);
}

int uv_udp_getpeername(const uv_udp_t* udp, struct sockaddr* name, int* namelen) {
  return tell_name(udp, getpeername, name, namelen);
}
