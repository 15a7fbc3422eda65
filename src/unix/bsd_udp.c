/* UDP by recvmmsg(2) and sendmmsg(2) as the BSDs have them. Their sockets queue no errors. */
#include "udp_batch.h"

#include <errno.h>

int uv__udp_send_batch(int fd, struct mmsghdr* batch, unsigned int count, int* segment_limit) {
  int n;

  *segment_limit = 0;
  do
    n = (int) sendmmsg(fd, batch, count, MSG_NOSIGNAL);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : UV__ERR(errno);
}

bool uv__udp_receives_batches(void) {
  return true;
}

int uv__udp_recv_batch(int fd, struct mmsghdr* batch, unsigned int count) {
  int n;

  do
    n = (int) recvmmsg(fd, batch, count, 0, NULL);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : UV__ERR(errno);
}

int uv__udp_join(int fd, bool enable) {
  (void) fd;
  (void) enable;
  return UV_ENOTSUP;
}

size_t uv__udp_joined_len(struct msghdr* message) {
  (void) message;
  return 0;
}

int uv__udp_queue_errors(int fd, int family) {
  (void) fd;
  (void) family;
  return 0;
}

bool uv__udp_queues_errors(int fd) {
  (void) fd;
  return false;
}

int uv__udp_recv_error(int fd, const uv_buf_t* buf, struct sockaddr_storage* reporter, int* error) {
  (void) fd;
  (void) buf;
  (void) reporter;
  (void) error;
  return UV_EAGAIN;
}
