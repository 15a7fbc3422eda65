/* Buffers as values, and lists of them. */
#include "buf.h"

enum { MOST_BUFFERS = 1 << 20 };

uv_buf_t uv_buf_init(char* base, unsigned int len) {
  uv_buf_t buf;

  /* By name: the order of the members differs between systems. */
  buf.base = base;
  buf.len = len;
  return buf;
}

ssize_t uv__bufs_len(const uv_buf_t bufs[], unsigned int nbufs) {
  size_t total = 0;

  if (nbufs == 0 || nbufs > MOST_BUFFERS)
    return UV_EINVAL;
  for (unsigned int i = 0; i < nbufs; i++) {
    if (bufs[i].len > UV__MOST_BYTES - total)
      return UV_EINVAL;
    total += bufs[i].len;
  }
  return (ssize_t) total;
}
