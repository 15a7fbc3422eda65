#ifndef BSD_SYS_STATVFS_H_
#define BSD_SYS_STATVFS_H_

#include <sys/types.h>

typedef uint64_t fsblkcnt_t;
typedef uint64_t fsfilcnt_t;

struct statvfs {
  unsigned long f_flag;
  unsigned long f_bsize;
  unsigned long f_frsize;
  unsigned long f_iosize;
  fsblkcnt_t f_blocks;
  fsblkcnt_t f_bfree;
  fsblkcnt_t f_bavail;
  fsfilcnt_t f_files;
  fsfilcnt_t f_ffree;
  fsfilcnt_t f_favail;
  char f_fstypename[32];
};

int fstatvfs(int fd, struct statvfs* info);
int statvfs(const char* path, struct statvfs* info);

#endif /* BSD_SYS_STATVFS_H_ */
