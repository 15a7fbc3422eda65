/* UDP on Linux: recvmmsg(2), joined datagrams (udp(7), UDP_GRO), and the queue of errors (ip(7),
 * IP_RECVERR). */
#include "message.h"
#include "socket.h"
#include "udp_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

/* Wants struct timespec before it. */
#include <linux/errqueue.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

bool uv__udp_receives_batches(void) {
  return true;
}

int uv__udp_recv_batch(int fd, struct mmsghdr* batch, unsigned int count) {
  int r;

  do
    r = recvmmsg(fd, batch, count, 0, NULL);
  while (r == -1 && errno == EINTR);
  return r != -1 ? r : UV__ERR(errno);
}

/* -- Joined datagrams -------------------------------------------------------------------------- */

int uv__udp_join(int fd, bool enable) {
  int err = uv__socket_set(fd, IPPROTO_UDP, UDP_GRO, enable);
  return err == UV_ENOPROTOOPT ? UV_ENOTSUP : err;
}

size_t uv__udp_joined_len(struct msghdr* message) {
  struct cmsghdr* control = CMSG_FIRSTHDR(message);
  int len = 0;

  while (control != NULL && !(control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO))
    control = uv__next_control(message, control);
  if (control != NULL)
    memcpy(&len, CMSG_DATA(control), sizeof(len));
  return len > 0 ? (size_t) len : 0;
}

/* -- Errors ------------------------------------------------------------------------------------ */

/* An IPv6 socket may also send to IPv4 addresses, whose errors are asked for apart. */
int uv__udp_queue_errors(int fd, int family) {
  int err = 0;

  if (family == AF_INET6)
    err = uv__socket_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  return err != 0 ? err : uv__socket_set(fd, IPPROTO_IP, IP_RECVERR, 1);
}

static bool is_set(int fd, int level, int option) {
  int value = 0;
  socklen_t len = sizeof(value);

  return getsockopt(fd, level, option, &value, &len) == 0 && value != 0;
}

bool uv__udp_queues_errors(int fd) {
  return is_set(fd, IPPROTO_IP, IP_RECVERR) || is_set(fd, IPPROTO_IPV6, IPV6_RECVERR);
}

static bool is_notice(const struct cmsghdr* control) {
  return (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR) ||
         (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR);
}

/* Time stamps and the like come the same way. */
static bool is_error(const struct sock_extended_err* notice) {
  return notice->ee_origin == SO_EE_ORIGIN_LOCAL || notice->ee_origin == SO_EE_ORIGIN_ICMP ||
         notice->ee_origin == SO_EE_ORIGIN_ICMP6;
}

/* The error that a message of the queue carries, 0 if it is about something else. */
static int error_of(struct msghdr* message, struct sockaddr_storage* reporter) {
  struct sock_extended_err notice;
  struct cmsghdr* control = CMSG_FIRSTHDR(message);
  size_t len;

  while (control != NULL && !is_notice(control))
    control = uv__next_control(message, control);
  if (control == NULL)
    return 0;
  memcpy(&notice, CMSG_DATA(control), sizeof(notice));
  if (!is_error(&notice))
    return 0;

  /* The address stands right behind. */
  memset(reporter, 0, sizeof(*reporter));
  len = control->cmsg_len - CMSG_LEN(sizeof(notice));
  if (len > sizeof(*reporter))
    len = sizeof(*reporter);
  memcpy(reporter, CMSG_DATA(control) + sizeof(notice), len);
  return UV__ERR((int) notice.ee_errno);
}

int uv__udp_recv_error(int fd, const uv_buf_t* buf, struct sockaddr_storage* reporter, int* error) {
  union {
    char space[512];
    struct cmsghdr align;
  } control;
  struct iovec iov = {.iov_base = buf->base, .iov_len = buf->len};
  struct msghdr message;

  do {
    memset(&message, 0, sizeof(message));
    message.msg_iov = &iov;
    message.msg_iovlen = 1;
    message.msg_control = control.space;
    message.msg_controllen = sizeof(control.space);
    if (recvmsg(fd, &message, MSG_ERRQUEUE) == -1)
      return UV__ERR(errno);
    *error = error_of(&message, reporter);
  } while (*error == 0);
  return 0;
}
