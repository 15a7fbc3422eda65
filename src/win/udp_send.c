/* UDP: sending.
 *
 * A datagram is sent at once if no other is before it in the kernel, and the request is done. Where
 * the system's buffer is full, an overlapped operation has the kernel queue it, and those that
 * follow: `activecnt` counts these. So of the requests that are not called back yet, those that
 * were done at once are the older ones. */
#include "udp_send.h"

#include "../udp.h"
#include "iocp.h"
#include "poison.h"

#include <string.h>

_Static_assert(sizeof(uv_buf_t) == sizeof(WSABUF) &&
                   offsetof(uv_buf_t, base) == offsetof(WSABUF, buf) &&
                   offsetof(uv_buf_t, len) == offsetof(WSABUF, len),
               "uv_buf_t is a WSABUF");

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* The system sends nothing to the unspecified address; elsewhere it means this machine. */
static void set_destination(union address* to, const struct sockaddr* address) {
  memcpy(to, address, (size_t) uv__udp_address_len(address));
  if (to->any.sa_family == AF_INET && to->v4.sin_addr.s_addr == htonl(INADDR_ANY))
    to->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else if (to->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&to->v6.sin6_addr))
    to->v6.sin6_addr = in6addr_loopback;
}

/* Sends, `address` being NULL for the peer of a connected socket: 0 or a Winsock code. */
static int send_datagram(uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                         const struct sockaddr* address, DWORD* sent, OVERLAPPED* overlapped) {
  WSABUF* pieces = (WSABUF*) (uintptr_t) bufs;
  union address to;
  int r;

  if (address == NULL) {
    r = WSASend(udp->socket, pieces, nbufs, sent, 0, overlapped, NULL);
  } else {
    set_destination(&to, address);
    r = WSASendTo(udp->socket, pieces, nbufs, sent, 0, &to.any, uv__udp_address_len(address),
                  overlapped, NULL);
  }
  return r == 0 ? 0 : WSAGetLastError();
}

/* -- Sending by and by ------------------------------------------------------------------------- */

static void queue_in_kernel(uv_udp_send_t* req, uv_udp_t* udp, const uv_buf_t bufs[],
                            unsigned int nbufs, const struct sockaddr* address) {
  int error;

  udp->activecnt++;
  error = send_datagram(udp, bufs, nbufs, address, NULL, &req->u.io.overlapped);
  if (error == 0 || error == WSA_IO_PENDING)
    return;
  /* It follows those before it, whose packets are in the port or will be. */
  uv__req_finish(uv__req(req), (DWORD) error, 0);
  uv__iocp_post(udp->loop, uv__req(req));
}

int uv__udp_send(uv_udp_send_t* req, uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                 size_t len, const struct sockaddr* address, uv_udp_send_cb cb) {
  DWORD sent = 0;
  int error = uv__udp_bind_any(udp, address != NULL ? address->sa_family : AF_UNSPEC, 0);

  if (error != 0)
    return error;
  req->handle = udp;
  req->cb = cb;
  req->u.io.queued_bytes = len;
  uv__req_start(udp->loop, uv__req(req), UV_UDP_SEND);
  uv__req_prepare(uv__req(req));
  udp->reqs_pending++;
  udp->send_queue_size += len;
  udp->send_queue_count++;
  uv__handle_start(uv__handle(udp));

  error = WSAEWOULDBLOCK;
  if (udp->activecnt == 0)
    error = send_datagram(udp, bufs, nbufs, address, &sent, NULL);
  if (error == WSAEWOULDBLOCK) {
    queue_in_kernel(req, udp, bufs, nbufs, address);
    return 0;
  }
  uv__req_finish(uv__req(req), (DWORD) error, sent);
  uv__iocp_queue(udp->loop, uv__req(req));
  return 0;
}

void uv__udp_sent(uv_udp_t* udp, uv_udp_send_t* req) {
  DWORD error = uv__req_socket_error(uv__req(req));

  if (udp->send_queue_count == (size_t) udp->activecnt)
    udp->activecnt--;
  udp->send_queue_size -= req->u.io.queued_bytes;
  udp->send_queue_count--;
  uv__req_poison(uv__req(req));
  uv__req_stop(udp->loop);
  if (req->cb != NULL)
    req->cb(req, error == 0 ? 0 : uv_translate_sys_error((int) error));
  if (udp->send_queue_count == 0 && !(udp->flags & UV_HANDLE_READING))
    uv__handle_stop(uv__handle(udp));
}

/* -- Sending now ------------------------------------------------------------------------------- */

int uv__udp_try_send(uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                     const struct sockaddr* address) {
  DWORD sent = 0;
  int error = uv__udp_bind_any(udp, address != NULL ? address->sa_family : AF_UNSPEC, 0);

  if (error != 0)
    return error;
  error = send_datagram(udp, bufs, nbufs, address, &sent, NULL);
  if (error == WSAENOBUFS)
    return UV_EAGAIN;
  return error == 0 ? (int) sent : uv_translate_sys_error(error);
}

int uv__udp_try_send2(uv_udp_t* udp, unsigned int count, uv_buf_t* const bufs[],
                      const unsigned int nbufs[], struct sockaddr* const addresses[]) {
  unsigned int sent = 0;
  int r = 0;

  if (udp->socket == INVALID_SOCKET)
    return UV_EINVAL;
  if (count > INT_MAX)
    count = INT_MAX;
  while (sent < count && r >= 0) {
    r = uv__udp_try_send(udp, bufs[sent], nbufs[sent], addresses[sent]);
    sent += r >= 0;
  }
  return sent > 0 ? (int) sent : r;
}
