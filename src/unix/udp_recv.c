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

/* Flags of ours. */
enum {
  RECEIVING_ROUND = 0x08000000, /* a round is going on */
  MAY_BE_JOINED = 0x20000000    /* a message may be several datagrams */
};

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

int uv__udp_recv_joined(uv_udp_t* udp, bool enable) {
  int err;

  if (udp->io_watcher.fd == -1)
    return UV_EBADF;
  err = uv__udp_join(udp->io_watcher.fd, enable);
  if (err != 0)
    return err;
  udp->flags &= ~(unsigned int) MAY_BE_JOINED;
  if (enable)
    udp->flags |= MAY_BE_JOINED;
  return 0;
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

/* A piece of a buffer that a message is received into. */
struct chunk {
  struct iovec iov;
  struct sockaddr_storage sender;
  _Alignas(struct cmsghdr) char control[UV__UDP_JOINED_CONTROL];
};

/* Hands over the datagrams of a message of so many bytes, until told to stop; answers how many. */
static int hand_over(uv_udp_t* udp, struct msghdr* message, size_t len) {
  const struct sockaddr* sender = message->msg_name;
  uv_buf_t buf = uv_buf_init(message->msg_iov->iov_base, (unsigned) message->msg_iov->iov_len);
  size_t each = udp->flags & MAY_BE_JOINED ? uv__udp_joined_len(message) : 0;
  int count = 1;

  for (; each > 0 && len > each && goes_on(udp); count++) {
    uv_buf_t datagram = uv_buf_init(buf.base, (unsigned) each);
    udp->recv_cb(udp, (ssize_t) each, &datagram, sender, UV_UDP_MMSG_CHUNK);
    buf.base += each;
    buf.len -= each;
    len -= each;
  }
  if (goes_on(udp))
    udp->recv_cb(udp, (ssize_t) len, &buf, sender, UV_UDP_MMSG_CHUNK | partial(message));
  return count;
}

/* Receives several into pieces of the buffer, or into all of it what may be joined; answers how
 * many. */
static int receive_many(uv_udp_t* udp, const uv_buf_t* buf) {
  struct mmsghdr batch[MOST_CHUNKS];
  struct chunk chunks[MOST_CHUNKS];
  size_t chunk_len = udp->flags & UV_HANDLE_UDP_RECVMMSG ? SUGGESTED_SIZE : buf->len;
  size_t count = buf->len / chunk_len;
  int datagrams = 0;
  int n = UV_EINVAL;

  if (count > MOST_CHUNKS)
    count = MOST_CHUNKS;
  for (size_t i = 0; i < count; i++) {
    struct chunk* chunk = &chunks[i];
    chunk->iov = (struct iovec){.iov_base = buf->base + i * chunk_len, .iov_len = chunk_len};
    describe(&batch[i].msg_hdr, &chunk->iov, &chunk->sender);
    if (udp->flags & MAY_BE_JOINED) {
      batch[i].msg_hdr.msg_control = chunk->control;
      batch[i].msg_hdr.msg_controllen = sizeof(chunk->control);
    }
  }
  if (count > 0)
    n = uv__udp_recv_batch(udp->io_watcher.fd, batch, (unsigned int) count);
  if (n < 0) {
    return_buffer(udp, buf, n);
    return 0;
  }

  for (int i = 0; i < n && goes_on(udp); i++)
    datagrams += hand_over(udp, &batch[i].msg_hdr, (size_t) batch[i].msg_len);
  if (goes_on(udp))
    udp->recv_cb(udp, 0, buf, NULL, UV_UDP_MMSG_FREE);
  return datagrams;
}

static void receive_datagrams(uv_udp_t* udp) {
  bool many = (udp->flags & (UV_HANDLE_UDP_RECVMMSG | MAY_BE_JOINED)) != 0;
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
