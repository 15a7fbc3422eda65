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
