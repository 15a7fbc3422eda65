/* Files: to the disk, by the calls that POSIX has for it. */
#include "fs_ops.h"

#include <errno.h>
#include <unistd.h>

int uv__fs_sync(int fd) {
  return fsync(fd) == 0 ? 0 : UV__ERR(errno);
}

int uv__fs_datasync(int fd) {
  return fdatasync(fd) == 0 ? 0 : UV__ERR(errno);
}
