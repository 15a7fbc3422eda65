/* Copying between descriptors within the kernel. */
#include "bsd_sendfile.h"

ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len) {
  return uv__send_or_pump(out, in, offset, len);
}
