#ifndef BSD_FCNTL_H_
#define BSD_FCNTL_H_

#include <sys/types.h>

#define O_RDONLY 0x0000
#define O_WRONLY 0x0001
#define O_RDWR 0x0002
#define O_ACCMODE 0x0003
#define O_NONBLOCK 0x0004
#define O_APPEND 0x0008
#define O_SHLOCK 0x0010
#define O_EXLOCK 0x0020
#define O_SYNC 0x0080
#define O_NOFOLLOW 0x0100
#define O_CREAT 0x0200
#define O_TRUNC 0x0400
#define O_EXCL 0x0800
#define O_NOCTTY 0x8000
#define O_CLOEXEC BSD_O_CLOEXEC
#define O_DIRECTORY BSD_O_DIRECTORY

#define F_DUPFD 0
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_DUPFD_CLOEXEC BSD_F_DUPFD_CLOEXEC
#define FD_CLOEXEC 1

#define AT_FDCWD BSD_AT_FDCWD
#define AT_SYMLINK_NOFOLLOW BSD_AT_SYMLINK_NOFOLLOW

int fcntl(int fd, int command, ...);
int open(const char* path, int flags, ...);
int openat(int dir_fd, const char* path, int flags, ...);

#include <bsd_fcntl.h>

#endif /* BSD_FCNTL_H_ */
