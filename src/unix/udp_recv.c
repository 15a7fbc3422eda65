/* UDP: receiving.
 *
 * An event starts a round: datagrams are received and handed over until none is left, enough for
 * one event have come, or a callback stops. Stopping ends the round even if the callback starts
 * again, since the memory of the rest of a batch may be gone. */
#include "udp_recv.h"

#include "../udp.h"
#include "io.h"
#include "udp_batch.h"
#include "udp_socket.h"

#include <errno.h>
#include <string.h>

enum {
  SUGGESTED_SIZE = 65536, /* more than the largest datagram */
  MOST_CHUNKS = 20,       /* datagrams per system call */
  MOST_DATAGRAMS = 32     /* per event, so that one busy handle does not keep the others waiting */
};

/* A flag of ours: a round is going on. */
enum { RECEIVING_ROUND = 0x08000000 };

static bool goes_on(const uv_udp_t* udp) {
  return (udp->flags & RECEIVING_ROUND) != 0;
}

int uv__udp_recv_start(uv_udp_t* udp, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb) {
  int err;

  if (uv__io_active(&udp->io_watcher, POLLIN))
    return UV_EALREADY;
  err = uv__udp_bind_any(udp, AF_INET, 0);
  if (err != 0)
    return err;
  udp->alloc_cb = alloc_cb;
  udp->recv_cb = recv_cb;
  uv__io_start(udp->loop, &udp->io_watcher, POLLIN);
  uv__handle_start(uv__handle(udp));
  return 0;
}

void uv__udp_recv_stop(uv_udp_t* udp) {
  udp->flags &= ~(unsigned int) RECEIVING_ROUND;
  udp->alloc_cb = NULL;
  udp->recv_cb = NULL;
  uv__io_stop(udp->loop, &udp->io_watcher, POLLIN);
  if (udp->send_queue_count == 0)
    uv__handle_stop(uv__handle(udp));
}

/* -- A round ----------------------------------------------------------------------------------- */

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

/* Hands back a buffer that was not filled. */
static void return_buffer(uv_udp_t* udp, const uv_buf_t* buf, ssize_t error) {
  udp->recv_cb(udp, error == UV_EAGAIN ? 0 : error, buf, NULL, 0);
}

static unsigned int partial(const struct msghdr* message) {
  return message->msg_flags & MSG_TRUNC ? UV_UDP_PARTIAL : 0;
}

static void describe(struct msghdr* message, struct iovec* iov, struct sockaddr_storage* sender) {
  memset(message, 0, sizeof(*message));
  message->msg_iov = iov;
  message->msg_iovlen = 1;
  message->msg_name = sender;
  message->msg_namelen = sizeof(*sender);
  sender->ss_family = AF_UNSPEC; /* unix sockets may have no name */
}

/* Receives a datagram; answers how many that were. */
static int receive_one(uv_udp_t* udp, const uv_buf_t* buf) {
  struct iovec iov = {.iov_base = buf->base, .iov_len = buf->len};
  struct sockaddr_storage sender;
  struct msghdr message;
  ssize_t n;

  describe(&message, &iov, &sender);
  do
    n = recvmsg(udp->io_watcher.fd, &message, 0);
  while (n == -1 && errno == EINTR);
  if (n == -1) {
    return_buffer(udp, buf, UV__ERR(errno));
    return 0;
  }
  udp->recv_cb(udp, n, buf, (const struct sockaddr*) &sender, partial(&message));
  return 1;
}

/* Receives several into pieces of the buffer; answers how many. */
static int receive_many(uv_udp_t* udp, const uv_buf_t* buf) {
  struct mmsghdr batch[MOST_CHUNKS];
  struct iovec iov[MOST_CHUNKS];
  struct sockaddr_storage senders[MOST_CHUNKS];
  size_t chunks = buf->len / SUGGESTED_SIZE;
  int n = UV_EINVAL;

  if (chunks > MOST_CHUNKS)
    chunks = MOST_CHUNKS;
  for (size_t i = 0; i < chunks; i++) {
    iov[i].iov_base = buf->base + i * SUGGESTED_SIZE;
    iov[i].iov_len = SUGGESTED_SIZE;
    describe(&batch[i].msg_hdr, &iov[i], &senders[i]);
  }
  if (chunks > 0)
    n = uv__udp_recv_batch(udp->io_watcher.fd, batch, (unsigned int) chunks);
  if (n < 0) {
    return_buffer(udp, buf, n);
    return 0;
  }

  for (int i = 0; i < n && goes_on(udp); i++) {
    uv_buf_t chunk = uv_buf_init(iov[i].iov_base, SUGGESTED_SIZE);
    udp->recv_cb(udp, (ssize_t) batch[i].msg_len, &chunk, (const struct sockaddr*) &senders[i],
                 UV_UDP_MMSG_CHUNK | partial(&batch[i].msg_hdr));
  }
  if (goes_on(udp))
    udp->recv_cb(udp, 0, buf, NULL, UV_UDP_MMSG_FREE);
  return n;
}

static void receive_datagrams(uv_udp_t* udp) {
  bool many = (udp->flags & UV_HANDLE_UDP_RECVMMSG) != 0;
  int received = 0;

  while (received < MOST_DATAGRAMS && goes_on(udp)) {
    uv_buf_t buf;
    int n = 0;
    if (get_buffer(udp, &buf))
      n = many ? receive_many(udp, &buf) : receive_one(udp, &buf);
    if (n == 0)
      return;
    received += n;
  }
}

static void receive_errors(uv_udp_t* udp) {
  for (int i = 0; i < MOST_DATAGRAMS && goes_on(udp); i++) {
    struct sockaddr_storage reporter;
    uv_buf_t buf;
    int error;
    int r;

    if (!get_buffer(udp, &buf))
      return;
    r = uv__udp_recv_error(udp->io_watcher.fd, &buf, &reporter, &error);
    if (r != 0) {
      return_buffer(udp, &buf, r);
      return;
    }
    udp->recv_cb(udp, error, &buf, (const struct sockaddr*) &reporter, UV_UDP_LINUX_RECVERR);
  }
}

void uv__udp_receive(uv_udp_t* udp, bool had_error) {
  udp->flags |= RECEIVING_ROUND;
  receive_datagrams(udp);
  if (had_error && goes_on(udp) && uv__udp_queues_errors(udp->io_watcher.fd))
    receive_errors(udp);
  udp->flags &= ~(unsigned int) RECEIVING_ROUND;
}
