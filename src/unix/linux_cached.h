/* Reading what is in memory of a file, without waiting for a disk (preadv2(2), RWF_NOWAIT). */
#ifndef RONDO_UNIX_LINUX_CACHED_H_
#define RONDO_UNIX_LINUX_CACHED_H_

#include "uv.h"

#include <stdbool.h>

/* Reads at an offset, or at the descriptor's position if that is negative: how many bytes, or an
 * error. UV_EAGAIN: a disk has to be waited for. */
ssize_t uv__read_cached(int fd, const uv_buf_t bufs[], unsigned int nbufs, int64_t offset);

/* Whether such a read that gave `n` bytes, fewer than there was room for, gave all there is. If
 * not, the position is again what it was. */
bool uv__read_was_whole(int fd, ssize_t n, int64_t offset);

#endif /* RONDO_UNIX_LINUX_CACHED_H_ */
