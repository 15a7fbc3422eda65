/* TCP: connecting. */
#include "../inet.h"
#include "event_packet.h"
#include "iocp.h"
#include "link_local.h"
#include "nt.h"
#include "poison.h"
#include "socket.h"
#include "tcp.h"

#include <mstcpip.h>
#include <string.h>

/* -- Where to ---------------------------------------------------------------------------------- */

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* Copies an address: no address means this machine, and a link-local one needs a scope. */
static void complete_address(union address* to, const struct sockaddr* address) {
  memcpy(to, address, (size_t) uv__ip_address_size(address));
  if (to->any.sa_family == AF_INET) {
    if (to->v4.sin_addr.s_addr == htonl(INADDR_ANY))
      to->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return;
  }
  if (IN6_IS_ADDR_UNSPECIFIED(&to->v6.sin6_addr))
    to->v6.sin6_addr.s6_addr[15] = 1;
  if (IN6_IS_ADDR_LINKLOCAL(&to->v6.sin6_addr) && to->v6.sin6_scope_id == 0)
    to->v6.sin6_scope_id = uv__link_local_scope();
}

enum { LOOPBACK_NET = 127 };

static bool is_loopback(const union address* address) {
  if (address->any.sa_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
  return (ntohl(address->v4.sin_addr.s_addr) >> 24) == LOOPBACK_NET;
}

/* Whether the system knows a connect without repeated attempts: Windows 10-1709. Older ones take
 * the value for a number of attempts. */
static bool can_refuse_fast(void) {
  enum { MAJOR = 10, BUILD = 16299 };
  RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

  return UV__NT_SUCCESS(RtlGetVersion(&version)) &&
         (version.dwMajorVersion > MAJOR ||
          (version.dwMajorVersion == MAJOR && version.dwBuildNumber >= BUILD));
}

/* A refusal is final on this machine; the system would ask again for two seconds. */
static void refuse_fast(SOCKET socket) {
  TCP_INITIAL_RTO_PARAMETERS once = {TCP_INITIAL_RTO_UNSPECIFIED_RTT,
                                     TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS};
  DWORD bytes;

  if (can_refuse_fast())
    WSAIoctl(socket, SIO_TCP_INITIAL_RTO, &once, sizeof(once), NULL, 0, &bytes, NULL, NULL);
}

/* -- Connecting -------------------------------------------------------------------------------- */

/* While the handle connects nothing is read, so the events are those of the read. */
static int begin(uv_tcp_t* tcp, uv_connect_t* req, const union address* to) {
  const GUID id = WSAID_CONNECTEX;
  uv_read_t* read = &tcp->read_req;
  LPFN_CONNECTEX connect_ex;
  DWORD error;
  int err = uv__socket_function(tcp->socket, id, &connect_ex, sizeof(connect_ex));

  if (err != 0)
    return err;
  if (is_loopback(to))
    refuse_fast(tcp->socket);
  error = uv__tcp_prepare(tcp, uv__req(req), &read->event_handle, &read->wait_handle);
  if (error == 0)
    error = uv__tcp_began(tcp, uv__req(req),
                          connect_ex(tcp->socket, &to->any, uv__ip_address_size(&to->any), NULL, 0,
                                     NULL, &req->u.io.overlapped));
  if (error == WSAECONNREFUSED) {
    uv__tcp_fail(tcp, uv__req(req), error);
    error = 0;
  }
  if (error == 0)
    return 0;
  uv__event_packet_close(&read->event_handle, &read->wait_handle);
  return uv_translate_sys_error((int) error);
}

static int open_and_begin(uv_tcp_t* tcp, uv_connect_t* req, const struct sockaddr* address) {
  union address to;
  bool made;
  int err = uv__tcp_need_socket(tcp, address->sa_family, &made);

  if (err != 0)
    return err;
  if (address->sa_family != uv__tcp_family(tcp))
    return UV_EFAULT; /* as for a bind */
  complete_address(&to, address);
  err = uv__tcp_bind_any(tcp);
  if (err == 0)
    err = begin(tcp, req, &to);
  if (err != 0 && made)
    uv__tcp_drop_socket(tcp);
  return err;
}

static int check_unconnected(const uv_tcp_t* tcp) {
  if (tcp->flags & UV__TCP_CONNECTING)
    return UV_EALREADY;
  if (tcp->flags & UV__TCP_CONNECTION)
    return UV_EISCONN;
  if (tcp->flags & UV__TCP_SERVER)
    return UV_EINVAL;
  return 0;
}

int uv_tcp_connect(uv_connect_t* req, uv_tcp_t* tcp, const struct sockaddr* address,
                   uv_connect_cb cb) {
  int err;

  if (tcp->type != UV_TCP || uv__is_closing(uv__handle(tcp)) || uv__ip_address_size(address) == 0)
    return UV_EINVAL;
  err = check_unconnected(tcp);
  if (err != 0)
    return err;

  if (tcp->delayed_error != 0) {
    uv__tcp_fail(tcp, uv__req(req), (DWORD) tcp->delayed_error);
    tcp->delayed_error = 0;
    tcp->flags &= ~(unsigned) UV_HANDLE_BOUND; /* it only seemed so */
  } else {
    err = open_and_begin(tcp, req, address);
    if (err != 0)
      return err;
  }
  req->cb = cb;
  req->handle = (uv_stream_t*) tcp;
  uv__tcp_request_begin(tcp, uv__req(req), UV_CONNECT);
  tcp->flags |= UV_HANDLE_READABLE | UV_HANDLE_WRITABLE | UV__TCP_CONNECTING | UV__TCP_WRITES_WAIT;
  return 0;
}

/* What the operation came to, as a UV_E code. */
static int outcome(const uv_tcp_t* tcp, const uv_connect_t* req) {
  if (uv__is_closing((const uv_handle_t*) tcp))
    return UV_ECANCELED;
  if (!uv__req_succeeded((const uv_req_t*) req))
    return uv_translate_sys_error((int) uv__req_socket_error((const uv_req_t*) req));
  /* Without this the socket does not know its own names, and cannot be shut down. */
  if (setsockopt(tcp->socket, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) != 0)
    return uv__socket_error();
  return 0;
}

/* What was written meanwhile, behind the callback as what the callback writes; what waited for a
 * connection that did not come about has ended before. */
static void go_on(uv_tcp_t* tcp) {
  if (uv__is_closing(uv__handle(tcp)))
    uv__tcp_cancel_waiting(tcp);
  else
    uv__tcp_send_waiting(tcp);
  uv__tcp_read_wait(tcp);
  if (!uv__tcp_is_writing(tcp))
    uv__tcp_release_shutdown(tcp);
}

void uv__tcp_connect_done(uv_tcp_t* tcp, uv_connect_t* req) {
  int status = outcome(tcp, req);

  uv__event_packet_close(&tcp->read_req.event_handle, &tcp->read_req.wait_handle);
  uv__req_poison(uv__req(req));
  uv__tcp_request_end(tcp);
  tcp->flags &= ~(unsigned) UV__TCP_CONNECTING;
  if (status == 0)
    tcp->flags |= UV__TCP_CONNECTION;
  else
    uv__tcp_cancel_waiting(tcp);
  if (tcp->tcp.writes.first == NULL)
    tcp->flags &= ~(unsigned) UV__TCP_WRITES_WAIT;
  if (req->cb != NULL)
    req->cb(req, status);
  tcp->reqs_pending--;

  /* The callback may have connected again, or made a listener of the handle. */
  if (!(tcp->flags & (UV__TCP_CONNECTING | UV__TCP_SERVER)))
    go_on(tcp);
}
