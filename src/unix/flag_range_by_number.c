/* Flagging many descriptors, where no call does that: whatever number one may have is tried. */
#include "fd_flags.h"

#include <fcntl.h>
#include <unistd.h>

int uv__flag_all_from(int first) {
  for (int fd = first; fd < getdtablesize(); fd++)
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  return 0;
}
