/* What file systems can do, where none shares data between files and all keep permissions. */
#include "fs_ops.h"

int uv__fs_clone(int out, int in) {
  (void) out;
  (void) in;
  return UV_ENOSYS;
}

bool uv__fs_has_fixed_modes(int fd) {
  (void) fd;
  return false;
}
