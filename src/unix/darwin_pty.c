/* Which end of a pseudo-terminal a descriptor is, on macOS. */
#include "pty.h"

#include <sys/ioctl.h>

enum { NAME_SIZE = 128 /* sys/ttycom.h says so to the request */ };

/* Only the master tells the name of its slave. */
bool uv__is_pty_master(int fd) {
  char name[NAME_SIZE];

  return ioctl(fd, TIOCPTYGNAME, name) == 0;
}
