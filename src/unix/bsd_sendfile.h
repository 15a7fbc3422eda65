/* What the BSDs that have a sendfile(2) share. */
#ifndef RONDO_UNIX_BSD_SENDFILE_H_
#define RONDO_UNIX_BSD_SENDFILE_H_

#include "fs_ops.h"

/* As uv__fs_sendfile(), by sendfile(2) if it suits the descriptors, else through memory. */
ssize_t uv__send_or_pump(int out, int in, int64_t offset, size_t len);

#endif /* RONDO_UNIX_BSD_SENDFILE_H_ */
