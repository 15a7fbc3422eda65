/* What only Linux can tell of files. */
#ifndef RONDO_UNIX_LINUX_STAT_H_
#define RONDO_UNIX_LINUX_STAT_H_

#include "uv.h"

struct statx;

void uv__fs_fill_stat(uv_stat_t* info, const struct statx* from);

/* What is known of an open file without asking a server: 0 or an error, UV_ENOSYS and the like
 * where the kernel has no such answer. */
int uv__fs_fstat_cached(int fd, uv_stat_t* info);

#endif /* RONDO_UNIX_LINUX_STAT_H_ */
