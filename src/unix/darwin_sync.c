/* Files: to the disk, on macOS, whose fsync(2) leaves the data in the drive's own memory. */
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Drives and file systems that cannot do the first may keep at least the order of writes. */
int uv__fs_sync(int fd) {
  if (fcntl(fd, F_FULLFSYNC) == 0 || fcntl(fd, F_BARRIERFSYNC) == 0)
    return 0;
  return fsync(fd) == 0 ? 0 : UV__ERR(errno);
}

int uv__fs_datasync(int fd) {
  return uv__fs_sync(fd);
}
