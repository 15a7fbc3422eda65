/* NetBSD 9 and later. */
#ifndef BSD_SYSTEM_H_
#define BSD_SYSTEM_H_

#include <stdint.h>

typedef uint64_t dev_t;
typedef uint32_t nlink_t;
typedef uint32_t mode_t;
typedef uint32_t id_t;
typedef uint64_t rlim_t;
typedef int64_t time_t;
typedef int suseconds_t;

/* In sys/types.h. */
#define major(device) ((int) (((device) >> 8) & 0xfff))

#define BSD_IOVLEN int
#define BSD_NI_SIZE socklen_t
#define st_birthtimespec st_birthtim
#define BSD_STAT_MEMBERS \
  struct timespec st_birthtim; \
  uint32_t st_gen

#define BSD_PTHREAD_TYPE(name) \
  struct pthread_##name { \
    void* members[6]; \
  }
#define BSD_PTHREAD_INITIALIZER \
  { \
    { 0 } \
  }
#define BSD_BARRIER_SERIAL_THREAD 1234567
#define BSD_SEM_TYPE struct bsd_semaphore*
#define BSD_SCHED_FIFO 1
#define BSD_SCHED_OTHER 0
#define BSD_SCHED_RR 2

#define BSD_CLOCK_MONOTONIC 3
#define BSD_SC_CLK_TCK 39
#define BSD_SC_PAGESIZE 28
#define BSD_SC_NPROCESSORS_ONLN 1002
#define BSD_NSIG 64
#define BSD_RLIM_INFINITY ((rlim_t) INT64_MAX)

#define BSD_O_CLOEXEC 0x00400000
#define BSD_O_DIRECTORY 0x00200000
#define BSD_F_DUPFD_CLOEXEC 12
#define BSD_AT_FDCWD (-100)
#define BSD_AT_SYMLINK_NOFOLLOW 0x200
#define BSD_UTIME_NOW ((1 << 30) - 1)
#define BSD_UTIME_OMIT ((1 << 30) - 2)

#define BSD_AF_INET6 24
#define BSD_SOCK_CLOEXEC 0x10000000
#define BSD_SOCK_NONBLOCK 0x20000000
#define BSD_MSG_NOSIGNAL 0x0400
#define BSD_MSG_CMSG_CLOEXEC 0x0800

#endif /* BSD_SYSTEM_H_ */
