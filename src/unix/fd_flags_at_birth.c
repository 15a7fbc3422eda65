/* New descriptors with their flags, where each system call sets them itself. The two of which the
 * systems have different forms are in accept4.c and the like. */
#include "fd_flags.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

int uv__flagged_socket(int domain, int type, int protocol) {
  return socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int uv__flagged_socketpair(int domain, int type, int protocol, int pair[2]) {
  return socketpair(domain, type | SOCK_CLOEXEC, protocol, pair);
}

int uv__flagged_pipe(int ends[2]) {
  return pipe2(ends, O_CLOEXEC);
}

ssize_t uv__flagged_recvmsg(int fd, struct msghdr* message) {
  return recvmsg(fd, message, MSG_CMSG_CLOEXEC);
}

void uv__flags_hold(void) {
}

void uv__flags_release(void) {
}
