/* New descriptors with their flags by paccept(2), which leaves the signal mask alone, and dup3(2).
 */
#include "fd_flags.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

int uv__flagged_accept(int listen_fd) {
  return paccept(listen_fd, NULL, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int uv__flagged_dup2(int source, int fd) {
  return dup3(source, fd, O_CLOEXEC);
}
