/* What Linux alone can do with UDP sockets, where it is not to be had: joined datagrams and queues
 * of errors. */
#include "udp_batch.h"

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
