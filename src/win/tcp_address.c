/* TCP: the addresses of a handle.
 *
 * An address that is taken is no error of uv_tcp_bind(): it waits in `delayed_error`, as a Winsock
 * code, for uv_listen() or uv_tcp_connect(). SO_REUSEADDR would steal the port of another program,
 * and SO_EXCLUSIVEADDRUSE would refuse one whose last connections are still ending: neither is
 * set. */
#include "../inet.h"
#include "socket.h"
#include "tcp.h"

#include <string.h>

/* -- Binding ----------------------------------------------------------------------------------- */

static int bind_socket(uv_tcp_t* tcp, const struct sockaddr* address, unsigned int flags) {
  int error = 0;

  if (address->sa_family != uv__tcp_family(tcp))
    return UV_EFAULT; /* not every provider says the same */
  /* Whether a provider knows the option or not, the bind will show what it can do. */
  if (address->sa_family == AF_INET6)
    uv__socket_set(tcp->socket, IPPROTO_IPV6, IPV6_V6ONLY, (flags & UV_TCP_IPV6ONLY) != 0);
  if (bind(tcp->socket, address, uv__ip_address_size(address)) != 0)
    error = WSAGetLastError();
  if (error != 0 && error != WSAEADDRINUSE)
    return uv_translate_sys_error(error);

  tcp->delayed_error = error;
  tcp->flags |= UV_HANDLE_BOUND;
  return 0;
}

int uv_tcp_bind(uv_tcp_t* tcp, const struct sockaddr* address, unsigned int flags) {
  bool made;
  int err;

  if (tcp->type != UV_TCP || uv__is_closing(uv__handle(tcp)) || uv__ip_address_size(address) == 0)
    return UV_EINVAL;
  if ((flags & UV_TCP_IPV6ONLY) && address->sa_family != AF_INET6)
    return UV_EINVAL;
  if (flags & UV_TCP_REUSEPORT)
    return UV_ENOTSUP;

  err = uv__tcp_need_socket(tcp, address->sa_family, &made);
  if (err != 0)
    return err;
  err = bind_socket(tcp, address, flags);
  if (err != 0 && made)
    uv__tcp_drop_socket(tcp);
  return err;
}

int uv__tcp_bind_any(uv_tcp_t* tcp) {
  struct sockaddr_storage storage;
  struct sockaddr* any = (struct sockaddr*) &storage;

  if (tcp->flags & UV_HANDLE_BOUND)
    return 0;
  memset(&storage, 0, sizeof(storage));
  any->sa_family = (u_short) uv__tcp_family(tcp);
  return bind_socket(tcp, any, 0);
}

/* -- Names ------------------------------------------------------------------------------------- */

typedef int(WSAAPI* name_func)(SOCKET socket, struct sockaddr* name, int* len);

static int get_name(const uv_tcp_t* tcp, name_func func, struct sockaddr* name, int* namelen) {
  struct sockaddr_storage full;
  int len = sizeof(full);

  if (tcp->delayed_error != 0)
    return uv_translate_sys_error(tcp->delayed_error);
  if (!uv__tcp_has_socket(tcp) || uv__is_closing((const uv_handle_t*) tcp))
    return UV_EBADF;
  if (func(tcp->socket, (struct sockaddr*) &full, &len) != 0)
    return uv__socket_error();
  if (*namelen > 0)
    memcpy(name, &full, (size_t) (len < *namelen ? len : *namelen));
  *namelen = len;
  return 0;
}

int uv_tcp_getsockname(const uv_tcp_t* tcp, struct sockaddr* name, int* namelen) {
  return get_name(tcp, getsockname, name, namelen);
}

int uv_tcp_getpeername(const uv_tcp_t* tcp, struct sockaddr* name, int* namelen) {
  return get_name(tcp, getpeername, name, namelen);
}
