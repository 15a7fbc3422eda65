/* Flagging many descriptors, where no call does that. */
#include "fd_flags.h"

#include <errno.h>

int uv__flag_all_from(int first) {
  (void) first;
  errno = ENOSYS;
  return -1;
}
