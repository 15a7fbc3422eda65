/* FreeBSD 13 and later. */
#ifndef BSD_SYSTEM_H_
#define BSD_SYSTEM_H_

#include <stdint.h>

typedef uint64_t dev_t;
typedef uint64_t nlink_t;
typedef uint16_t mode_t;
typedef int64_t id_t;
typedef int64_t rlim_t;
typedef int64_t time_t;
typedef long suseconds_t;

#define BSD_IOVLEN int
#define BSD_NI_SIZE size_t
#define st_birthtimespec st_birthtim
#define BSD_STAT_MEMBERS \
  struct timespec st_birthtim; \
  uint64_t st_gen

#define BSD_PTHREAD_TYPE(name) struct pthread_##name*
#define BSD_PTHREAD_INITIALIZER ((void*) 0)
#define BSD_BARRIER_SERIAL_THREAD (-1)
#define BSD_SEM_TYPE \
  struct bsd_semaphore { \
    uint32_t words[4]; \
  }
#define BSD_SCHED_FIFO 1
#define BSD_SCHED_OTHER 2
#define BSD_SCHED_RR 3

#define BSD_CLOCK_MONOTONIC 4
#define BSD_SC_CLK_TCK 3
#define BSD_SC_PAGESIZE 47
#define BSD_SC_NPROCESSORS_ONLN 58
#define BSD_NSIG 32
#define BSD_RLIM_INFINITY INT64_MAX

#define BSD_O_CLOEXEC 0x00100000
#define BSD_O_DIRECTORY 0x00020000
#define BSD_F_DUPFD_CLOEXEC 17
#define BSD_AT_FDCWD (-100)
#define BSD_AT_SYMLINK_NOFOLLOW 0x0200
#define BSD_UTIME_NOW (-1)
#define BSD_UTIME_OMIT (-2)

#define BSD_AF_INET6 28
#define BSD_SOCK_CLOEXEC 0x10000000
#define BSD_SOCK_NONBLOCK 0x20000000
#define BSD_MSG_NOSIGNAL 0x00020000
#define BSD_MSG_CMSG_CLOEXEC 0x00040000

#endif /* BSD_SYSTEM_H_ */
