/* Which end of a pseudo-terminal a descriptor is, on Linux. */
#include "pty.h"

#include <sys/ioctl.h>

/* Only the master tells the pty's number. */
bool uv__is_pty_master(int fd) {
  int number;

  return ioctl(fd, TIOCGPTN, &number) == 0;
}
