/* UDP: the public functions that connect, send and receive, which check their arguments once and
 * pass on to the platform. */
#include "udp.h"

#include "buf.h"
#include "core.h"
#include "rondo.h"

static bool is_usable(const uv_udp_t* udp) {
  return udp->type == UV_UDP && !uv__is_closing(uv__handle(udp));
}

static bool is_connected(const uv_udp_t* udp) {
  return (udp->flags & UV_HANDLE_UDP_CONNECTED) != 0;
}

int uv_udp_connect(uv_udp_t* udp, const struct sockaddr* address) {
  if (!is_usable(udp))
    return UV_EINVAL;
  if (address == NULL)
    return is_connected(udp) ? uv__udp_disconnect(udp) : UV_ENOTCONN;
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
    return UV_EINVAL;
  return is_connected(udp) ? UV_EISCONN : uv__udp_connect(udp, address);
}

/* -- Sending ----------------------------------------------------------------------------------- */

/* Whether this is a datagram that the handle can send: its length, or an error. */
static ssize_t check_datagram(const uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                              const struct sockaddr* address) {
  if (!is_usable(udp))
    return UV_EINVAL;
  if (address != NULL && is_connected(udp))
    return UV_EISCONN;
  if (address == NULL && !is_connected(udp))
    return UV_EDESTADDRREQ;
  if (address != NULL && uv__udp_address_len(address) < 0)
    return UV_EINVAL;
  return uv__bufs_len(bufs, nbufs);
}

int uv_udp_send(uv_udp_send_t* req, uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                const struct sockaddr* address, uv_udp_send_cb send_cb) {
  ssize_t len = check_datagram(udp, bufs, nbufs, address);

  if (len < 0)
    return (int) len;
  return uv__udp_send(req, udp, bufs, nbufs, (size_t) len, address, send_cb);
}

int uv_udp_try_send(uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                    const struct sockaddr* address) {
  ssize_t len = check_datagram(udp, bufs, nbufs, address);

  if (len < 0)
    return (int) len;
  if (udp->send_queue_count != 0)
    return UV_EAGAIN;
  return uv__udp_try_send(udp, bufs, nbufs, address);
}

int uv_udp_try_send2(uv_udp_t* udp, unsigned int count, uv_buf_t* bufs[], unsigned int nbufs[],
                     struct sockaddr* addresses[], unsigned int flags) {
  if (count == 0 || flags != 0)
    return UV_EINVAL;
  for (unsigned int i = 0; i < count; i++) {
    ssize_t len = check_datagram(udp, bufs[i], nbufs[i], addresses[i]);
    if (len < 0)
      return (int) len;
  }
  if (udp->send_queue_count != 0)
    return UV_EAGAIN;
  return uv__udp_try_send2(udp, count, bufs, nbufs, addresses);
}

/* -- Receiving --------------------------------------------------------------------------------- */

int uv_udp_recv_start(uv_udp_t* udp, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb) {
  if (alloc_cb == NULL || recv_cb == NULL || !is_usable(udp))
    return UV_EINVAL;
  return uv__udp_recv_start(udp, alloc_cb, recv_cb);
}

int uv_udp_recv_stop(uv_udp_t* udp) {
  if (udp->type != UV_UDP)
    return UV_EINVAL;
  uv__udp_recv_stop(udp);
  return 0;
}

int rondo_udp_recv_joined(uv_udp_t* udp, int enable) {
  return is_usable(udp) ? uv__udp_recv_joined(udp, enable != 0) : UV_EINVAL;
}
