#ifndef BSD_SYS_MOUNT_H_
#define BSD_SYS_MOUNT_H_

#include <sys/types.h>

struct statfs {
  long f_bsize;
  long f_iosize;
  long f_blocks;
  long f_bfree;
  long f_bavail;
  long f_files;
  long f_ffree;
  int f_type;
  int f_flags;
  char f_fstypename[16];
};

int fstatfs(int fd, struct statfs* info);
int statfs(const char* path, struct statfs* info);

#endif /* BSD_SYS_MOUNT_H_ */
