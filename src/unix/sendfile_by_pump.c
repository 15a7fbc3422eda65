/* Copying between descriptors, where the kernel has no call for that. */
#include "fs_ops.h"

ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len) {
  return uv__fs_pump(out, in, offset, len);
}
