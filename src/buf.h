/* Lists of buffers. */
#ifndef RONDO_BUF_H_
#define RONDO_BUF_H_

#include "uv.h"

enum { UV__MOST_BYTES = 0x7ffff000 /* that one operation can carry */ };

/* The sum of the lengths, or UV_EINVAL for more, or fewer, than one operation can carry. */
ssize_t uv__bufs_len(const uv_buf_t bufs[], unsigned int nbufs);

#endif /* RONDO_BUF_H_ */
