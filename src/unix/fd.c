/* Descriptors: the plain system calls behind the streams. */
#include "fd.h"

#include "fd_flags.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void uv__close(int fd) {
  int saved = errno;

  close(fd);
  errno = saved;
}

int uv__lift(int fd) {
  int lifted;
  int err;

  if (fd < 0 || fd > STDERR_FILENO)
    return fd;
  lifted = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  err = UV__ERR(errno);
  uv__close(fd);
  return lifted != -1 ? lifted : err;
}

/* For descriptors that take no ioctl, such as those of epoll. */
static int set_nonblocking_flag(int fd, bool on) {
  int flags = fcntl(fd, F_GETFL);

  if (flags == -1)
    return UV__ERR(errno);
  flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return fcntl(fd, F_SETFL, flags) == 0 ? 0 : UV__ERR(errno);
}

int uv__set_nonblocking(int fd, bool on) {
  int value = on;
  int r;

  do
    r = ioctl(fd, FIONBIO, &value);
  while (r == -1 && errno == EINTR);
  if (r == 0)
    return 0;
  return errno == ENOTTY ? set_nonblocking_flag(fd, on) : UV__ERR(errno);
}

int uv__set_cloexec(int fd, bool on) {
  int r;

  do
    r = ioctl(fd, on ? FIOCLEX : FIONCLEX);
  while (r == -1 && errno == EINTR);
  return r == 0 ? 0 : UV__ERR(errno);
}

int uv__socket(int domain, int type, int protocol) {
  int fd = uv__flagged_socket(domain, type, protocol);

  return fd != -1 ? uv__lift(fd) : UV__ERR(errno);
}

int uv__accept(int listen_fd) {
  int fd;

  do
    fd = uv__flagged_accept(listen_fd);
  while (fd == -1 && errno == EINTR);
  return fd != -1 ? uv__lift(fd) : UV__ERR(errno);
}

int uv__open(const char* path, int flags) {
  int fd;

  do
    fd = open(path, flags | O_CLOEXEC);
  while (fd == -1 && errno == EINTR);
  return fd != -1 ? fd : UV__ERR(errno);
}

ssize_t uv__read(int fd, void* base, size_t len) {
  ssize_t n;

  do
    n = read(fd, base, len);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : UV__ERR(errno);
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* EPROTOTYPE is what macOS says where a connection ends at that moment. */
static int write_error(void) {
  return errno == EPROTOTYPE ? UV_ECONNRESET : UV__ERR(errno);
}

static ssize_t send_message(int fd, struct msghdr* message) {
  ssize_t n;

  do
    n = sendmsg(fd, message, UV__SEND_FLAGS);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : write_error();
}

ssize_t uv__sendv(int fd, const struct iovec* iov, int count) {
  struct msghdr message;
  ssize_t n;

  if (count != 1) {
    memset(&message, 0, sizeof(message));
    message.msg_iov = (struct iovec*) iov;
    message.msg_iovlen = (uv__iov_count_t) count;
    return send_message(fd, &message);
  }
  do
    n = send(fd, iov->iov_base, iov->iov_len, UV__SEND_FLAGS);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : write_error();
}

ssize_t uv__writev(int fd, const struct iovec* iov, int count) {
  ssize_t n;

  do
    n = count == 1 ? write(fd, iov->iov_base, iov->iov_len) : writev(fd, iov, count);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : write_error();
}

ssize_t uv__send_fd(int socket_fd, const struct iovec* iov, int count, int fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
  struct cmsghdr* header;

  memset(&message, 0, sizeof(message));
  memset(&control, 0, sizeof(control));
  message.msg_iov = (struct iovec*) iov;
  message.msg_iovlen = (uv__iov_count_t) count;
  message.msg_control = control.space;
  message.msg_controllen = sizeof(control.space);
  header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(fd));
  memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  return send_message(socket_fd, &message);
}

void uv__wait_for(int fd, short events) {
  struct pollfd p = {.fd = fd, .events = events};
  int r;

  do
    r = poll(&p, 1, -1);
  while (r == -1 && errno == EINTR);
}
