/* UDP where a system call sends or receives one datagram, and sockets queue no errors. */
#include "message.h"
#include "udp_batch.h"

#include <errno.h>

/* -- Sending ----------------------------------------------------------------------------------- */

static int send_one(int fd, const struct msghdr* datagram) {
  ssize_t n;

  do
    n = sendmsg(fd, datagram, UV__SEND_FLAGS);
  while (n == -1 && errno == EINTR);
  return n != -1 ? 0 : UV__ERR(errno);
}

int uv__udp_send_batch(int fd, struct mmsghdr* batch, unsigned int count, int* segment_limit) {
  *segment_limit = 0;
  for (unsigned int i = 0; i < count; i++) {
    int err = send_one(fd, &batch[i].msg_hdr);
    if (err != 0)
      return i > 0 ? (int) i : err;
  }
  return (int) count;
}

/* -- Receiving --------------------------------------------------------------------------------- */

bool uv__udp_receives_batches(void) {
  return false;
}

static int receive_one(int fd, struct mmsghdr* datagram) {
  ssize_t n;

  do
    n = recvmsg(fd, &datagram->msg_hdr, 0);
  while (n == -1 && errno == EINTR);
  if (n == -1)
    return UV__ERR(errno);
  datagram->msg_len = (unsigned int) n;
  return 0;
}

int uv__udp_recv_batch(int fd, struct mmsghdr* batch, unsigned int count) {
  for (unsigned int i = 0; i < count; i++) {
    int err = receive_one(fd, &batch[i]);
    if (err != 0)
      return i > 0 ? (int) i : err;
  }
  return (int) count;
}
