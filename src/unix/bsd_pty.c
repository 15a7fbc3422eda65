/* Which end of a pseudo-terminal a descriptor is: only for a master is there a name of a slave,
 * ptsname(3). */
#include "pty.h"

#include <stdlib.h>

bool uv__is_pty_master(int fd) {
  return ptsname(fd) != NULL;
}
