/* Which end of a pseudo-terminal a descriptor is: the masters are a device of their own, pty(4). */
#include "pty.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>

bool uv__is_pty_master(int fd) {
  struct stat info;

  return fstat(fd, &info) == 0 && major(info.st_rdev) == getdevmajor("ptc", S_IFCHR);
}
