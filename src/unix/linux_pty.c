/* Which end of a pseudo-terminal a descriptor is, on Linux. */
#include "pty.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Only the master tells the pty's number. C libraries disagree about the type of a request. */
bool uv__is_pty_master(int fd) {
  int number;

  return syscall(SYS_ioctl, fd, (unsigned long) TIOCGPTN, &number) == 0;
}
