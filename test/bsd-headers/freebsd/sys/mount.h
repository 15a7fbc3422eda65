#ifndef BSD_SYS_MOUNT_H_
#define BSD_SYS_MOUNT_H_

#include <sys/types.h>

struct statfs {
  uint32_t f_type;
  uint64_t f_flags;
  uint64_t f_bsize;
  uint64_t f_iosize;
  uint64_t f_blocks;
  uint64_t f_bfree;
  int64_t f_bavail;
  uint64_t f_files;
  int64_t f_ffree;
  char f_fstypename[16];
};

int fstatfs(int fd, struct statfs* info);
int statfs(const char* path, struct statfs* info);

#endif /* BSD_SYS_MOUNT_H_ */
