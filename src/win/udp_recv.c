/* UDP: receiving.
 *
 * A poll waits for datagrams; it stays when receiving stops and serves the next start. When it
 * ends, a round follows: datagrams are received and handed over until none is left, enough for one
 * event have come, or a callback stops. Stopping ends the round even if the callback starts again.
 */
#include "udp_recv.h"

#include "../udp.h"
#include "afd.h"
#include "iocp.h"
#include "poison.h"
#include "udp_socket.h"

enum {
  SUGGESTED_SIZE = 65536, /* more than the largest datagram */
  MOST_DATAGRAMS = 32     /* per event, so that one busy handle does not keep the others waiting */
};

/* Flags of ours. */
enum {
  WAITING = 0x00010000,        /* recv_req is under way */
  RECEIVING_ROUND = 0x08000000 /* a round is going on */
};

static bool is_receiving(const uv_udp_t* udp) {
  return (udp->flags & UV_HANDLE_READING) != 0;
}

static bool goes_on(const uv_udp_t* udp) {
  return (udp->flags & RECEIVING_ROUND) != 0;
}

void uv__udp_recv_init(uv_udp_t* udp) {
  udp->recv_req.type = UV_UDP_RECV;
  udp->recv_req.data = udp;
  uv__req_poison(&udp->recv_req);
  udp->alloc_cb = NULL;
  udp->recv_cb = NULL;
}

void uv__udp_recv_end(uv_udp_t* udp) {
  uv__req_poison_check(&udp->recv_req);
}

static int wait_for_datagrams(uv_udp_t* udp) {
  int err;

  if (udp->flags & WAITING)
    return 0;
  uv__req_poison_check(&udp->recv_req);
  err = uv__afd_poll(udp->loop, uv__udp_poll_info(udp), UV__AFD_RECEIVE, &udp->recv_req);
  if (err != 0) {
    uv__req_poison(&udp->recv_req);
    return err;
  }
  udp->flags |= WAITING;
  udp->reqs_pending++;
  return 0;
}

int uv__udp_recv_start(uv_udp_t* udp, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb) {
  int err;

  if (is_receiving(udp))
    return UV_EALREADY;
  err = uv__udp_bind_any(udp, AF_INET, 0);
  if (err == 0)
    err = wait_for_datagrams(udp);
  if (err != 0)
    return err;
  udp->alloc_cb = alloc_cb;
  udp->recv_cb = recv_cb;
  udp->flags |= UV_HANDLE_READING;
  uv__handle_start(uv__handle(udp));
  return 0;
}

void uv__udp_recv_stop(uv_udp_t* udp) {
  udp->flags &= ~(unsigned int) (RECEIVING_ROUND | UV_HANDLE_READING);
  udp->alloc_cb = NULL;
  udp->recv_cb = NULL;
  if (udp->send_queue_count == 0)
    uv__handle_stop(uv__handle(udp));
}

void uv__udp_recv_cancel(uv_udp_t* udp) {
  if (udp->flags & WAITING)
    uv__afd_cancel(udp->loop, &udp->recv_req);
}

/* -- A round ----------------------------------------------------------------------------------- */

static void fail(uv_udp_t* udp, int err, const uv_buf_t* buf) {
  uv_udp_recv_cb recv_cb = udp->recv_cb;

  uv__udp_recv_stop(udp);
  recv_cb(udp, err, buf, NULL, 0);
}

/* Asks for memory; answers whether there is some and somebody still wants it filled. */
static bool get_buffer(uv_udp_t* udp, uv_buf_t* buf) {
  *buf = uv_buf_init(NULL, 0);
  udp->alloc_cb(uv__handle(udp), SUGGESTED_SIZE, buf);
  if (!goes_on(udp))
    return false;
  if (buf->base != NULL && buf->len != 0)
    return true;
  udp->recv_cb(udp, UV_ENOBUFS, buf, NULL, 0);
  return false;
}

/* Receives a datagram; answers whether there was one. */
static bool receive_one(uv_udp_t* udp, const uv_buf_t* buf) {
  WSABUF memory = {.len = buf->len, .buf = buf->base};
  struct sockaddr_storage sender;
  int sender_len = sizeof(sender);
  DWORD flags = 0;
  DWORD n = 0;

  if (WSARecvFrom(udp->socket, &memory, 1, &n, &flags, (struct sockaddr*) &sender, &sender_len,
                  NULL, NULL) == 0) {
    udp->recv_cb(udp, (ssize_t) n, buf, (const struct sockaddr*) &sender, 0);
    return true;
  }
  switch (WSAGetLastError()) {
    case WSAEMSGSIZE:
      udp->recv_cb(udp, (ssize_t) buf->len, buf, (const struct sockaddr*) &sender, UV_UDP_PARTIAL);
      return true;
    case WSAEWOULDBLOCK:
    case WSAECONNRESET: /* nobody was there to take a datagram sent before */
    case WSAENETRESET:  /* its time to live was over */
      udp->recv_cb(udp, 0, buf, NULL, 0);
      return false;
    default:
      fail(udp, uv_translate_sys_error(WSAGetLastError()), buf);
      return false;
  }
}

static void receive_datagrams(uv_udp_t* udp) {
  uv_buf_t buf;

  udp->flags |= RECEIVING_ROUND;
  for (int i = 0; i < MOST_DATAGRAMS && goes_on(udp); i++)
    if (!get_buffer(udp, &buf) || !receive_one(udp, &buf))
      break;
  udp->flags &= ~(unsigned int) RECEIVING_ROUND;
}

void uv__udp_receive(uv_udp_t* udp) {
  const uv_buf_t no_memory = uv_buf_init(NULL, 0);
  DWORD error = uv__req_socket_error(&udp->recv_req);
  int err = uv_translate_sys_error((int) error);

  uv__req_poison(&udp->recv_req);
  udp->flags &= ~(unsigned int) WAITING;
  if (!is_receiving(udp))
    return;
  if (error == 0) {
    receive_datagrams(udp);
    err = is_receiving(udp) ? wait_for_datagrams(udp) : 0;
  }
  if (err != 0)
    fail(udp, err, &no_memory);
}

int uv__udp_recv_joined(uv_udp_t* udp, bool enable) {
  (void) udp;
  (void) enable;
  return UV_ENOTSUP;
}
