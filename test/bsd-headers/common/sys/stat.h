#ifndef BSD_SYS_STAT_H_
#define BSD_SYS_STAT_H_

#include <sys/types.h>
#include <time.h>

struct stat {
  dev_t st_dev;
  ino_t st_ino;
  nlink_t st_nlink;
  mode_t st_mode;
  uid_t st_uid;
  gid_t st_gid;
  dev_t st_rdev;
  struct timespec st_atim;
  struct timespec st_mtim;
  struct timespec st_ctim;
  off_t st_size;
  blkcnt_t st_blocks;
  blksize_t st_blksize;
  uint32_t st_flags;
  BSD_STAT_MEMBERS
};

/* As they were called before POSIX. */
#define st_atimespec st_atim
#define st_mtimespec st_mtim
#define st_ctimespec st_ctim

#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define S_IFLNK 0120000
#define S_IFSOCK 0140000

#define S_ISDIR(mode) (((mode) &S_IFMT) == S_IFDIR)
#define S_ISCHR(mode) (((mode) &S_IFMT) == S_IFCHR)
#define S_ISBLK(mode) (((mode) &S_IFMT) == S_IFBLK)
#define S_ISREG(mode) (((mode) &S_IFMT) == S_IFREG)
#define S_ISFIFO(mode) (((mode) &S_IFMT) == S_IFIFO)
#define S_ISLNK(mode) (((mode) &S_IFMT) == S_IFLNK)
#define S_ISSOCK(mode) (((mode) &S_IFMT) == S_IFSOCK)

#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_IRUSR 0000400
#define S_IWUSR 0000200
#define S_IXUSR 0000100
#define S_IRGRP 0000040
#define S_IWGRP 0000020
#define S_IXGRP 0000010
#define S_IROTH 0000004
#define S_IWOTH 0000002
#define S_IXOTH 0000001

#define UTIME_NOW BSD_UTIME_NOW
#define UTIME_OMIT BSD_UTIME_OMIT

int chmod(const char* path, mode_t mode);
int fchmod(int fd, mode_t mode);
int fstat(int fd, struct stat* info);
int fstatat(int dir_fd, const char* path, struct stat* info, int flags);
int futimens(int fd, const struct timespec times[2]);
int lstat(const char* path, struct stat* info);
int mkdir(const char* path, mode_t mode);
int mkfifo(const char* path, mode_t mode);
int stat(const char* path, struct stat* info);
mode_t umask(mode_t mask);
int utimensat(int dir_fd, const char* path, const struct timespec times[2], int flags);

#endif /* BSD_SYS_STAT_H_ */
