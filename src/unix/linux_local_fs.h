/* Which file systems keep what they know in memory and ask nobody else. */
#ifndef RONDO_UNIX_LINUX_LOCAL_FS_H_
#define RONDO_UNIX_LINUX_LOCAL_FS_H_

#include <stdbool.h>
#include <stdint.h>

/* Whether an open file, whose st_dev is `device`, is on such a file system. Any thread. */
bool uv__fs_is_local(int fd, uint64_t device);

#endif /* RONDO_UNIX_LINUX_LOCAL_FS_H_ */
