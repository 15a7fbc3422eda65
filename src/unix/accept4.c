/* New descriptors with their flags by accept4(2) and dup3(2). */
#include "fd_flags.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

int uv__flagged_accept(int listen_fd) {
  return accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int uv__flagged_dup2(int source, int fd) {
  return dup3(source, fd, O_CLOEXEC);
}
