/* Copying the data of a file on macOS, where the C library knows how, or sharing them. */
#include "fs_ops.h"

#include <copyfile.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/clonefile.h>

int uv__fs_copy_data(int out, int in, const struct stat* from) {
  int r;

  (void) from;
  do
    r = fcopyfile(in, out, NULL, COPYFILE_DATA);
  while (r < 0 && errno == EINTR);
  return r < 0 ? UV__ERR(errno) : 0;
}

int uv__fs_clone_to(int in, const char* path) {
  return fclonefileat(in, AT_FDCWD, path, 0) == 0 ? 0 : UV__ERR(errno);
}
