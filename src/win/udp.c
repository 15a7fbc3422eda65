/* UDP: the life of a handle, and which file the ends of its operations go to. */
#include "../udp.h"

#include "socket.h"
#include "udp_recv.h"
#include "udp_send.h"
#include "udp_socket.h"

enum { DOMAIN_BITS = 0xff };

static void udp_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_udp_t* udp = (uv_udp_t*) handle;

  udp->reqs_pending--;
  if (req == &udp->recv_req)
    uv__udp_receive(udp);
  else
    uv__udp_sent(udp, (uv_udp_send_t*) req);
  if ((udp->flags & UV_HANDLE_CLOSE_WAITS) && udp->reqs_pending == 0)
    uv__handle_closed(handle);
}

static void udp_finish(uv_handle_t* handle) {
  uv__udp_recv_end((uv_udp_t*) handle);
}

/* What is under way comes back cancelled, or done. */
static enum uv__close_result udp_close(uv_handle_t* handle) {
  uv_udp_t* udp = (uv_udp_t*) handle;

  uv__udp_recv_stop(udp);
  uv__udp_recv_cancel(udp);
  uv__handle_stop(handle);
  if (udp->socket != INVALID_SOCKET) {
    uv__socket_cancel(udp->socket);
    closesocket(udp->socket);
  }
  udp->socket = INVALID_SOCKET;
  return udp->reqs_pending == 0 ? UV__CLOSE_DONE : UV__CLOSE_PENDING;
}

static const struct uv__handle_ops udp_ops = {
    .close = udp_close,
    .finish = udp_finish,
    .complete = udp_complete,
};

int uv_udp_init_ex(uv_loop_t* loop, uv_udp_t* udp, unsigned int flags) {
  int family = (int) (flags & DOMAIN_BITS);
  int err;

  if ((flags & ~(unsigned int) (DOMAIN_BITS | UV_UDP_RECVMMSG)) != 0)
    return UV_EINVAL;
  if (family != AF_INET && family != AF_INET6 && family != AF_UNSPEC)
    return UV_EINVAL;

  uv__handle_init(loop, uv__handle(udp), UV_UDP, &udp_ops);
  udp->send_queue_size = 0;
  udp->send_queue_count = 0;
  udp->socket = INVALID_SOCKET;
  udp->reqs_pending = 0;
  udp->activecnt = 0;
  uv__udp_recv_init(udp);
  if (family == AF_UNSPEC)
    return 0;

  err = uv__udp_make_socket(udp, family);
  if (err != 0)
    uv__handle_unlink(uv__handle(udp));
  return err;
}

int uv_udp_init(uv_loop_t* loop, uv_udp_t* udp) {
  return uv_udp_init_ex(loop, udp, AF_UNSPEC);
}

int uv_udp_using_recvmmsg(const uv_udp_t* udp) {
  (void) udp; /* the system has nothing like it */
  return 0;
}
