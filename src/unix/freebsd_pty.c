/* Which end of a pseudo-terminal a descriptor is: pts(4). */
#include "pty.h"

#include <sys/ioctl.h>

bool uv__is_pty_master(int fd) {
  return ioctl(fd, TIOCPTMASTER) == 0;
}
