/* OpenBSD 7. */
#ifndef BSD_SYSTEM_H_
#define BSD_SYSTEM_H_

#include <stdint.h>

typedef int32_t dev_t;
typedef uint32_t nlink_t;
typedef uint32_t mode_t;
typedef uint32_t id_t;
typedef uint64_t rlim_t;
typedef int64_t time_t;
typedef long suseconds_t;

#define BSD_IOVLEN unsigned int
#define BSD_NI_SIZE size_t
#define BSD_STAT_MEMBERS uint32_t st_gen

#define BSD_PTHREAD_TYPE(name) struct pthread_##name*
#define BSD_PTHREAD_INITIALIZER ((void*) 0)
#define BSD_BARRIER_SERIAL_THREAD (-1)
#define BSD_SEM_TYPE struct bsd_semaphore*
#define BSD_SCHED_FIFO 1
#define BSD_SCHED_OTHER 2
#define BSD_SCHED_RR 3

#define BSD_CLOCK_MONOTONIC 3
#define BSD_SC_CLK_TCK 3
#define BSD_SC_PAGESIZE 28
#define BSD_SC_NPROCESSORS_ONLN 503
#define BSD_NSIG 33
#define BSD_RLIM_INFINITY ((rlim_t) INT64_MAX)

#define BSD_O_CLOEXEC 0x10000
#define BSD_O_DIRECTORY 0x20000
#define BSD_F_DUPFD_CLOEXEC 10
#define BSD_AT_FDCWD (-100)
#define BSD_AT_SYMLINK_NOFOLLOW 0x02
#define BSD_UTIME_NOW (-2L)
#define BSD_UTIME_OMIT (-1L)

#define BSD_AF_INET6 24
#define BSD_SOCK_CLOEXEC 0x8000
#define BSD_SOCK_NONBLOCK 0x4000
#define BSD_MSG_NOSIGNAL 0x400
#define BSD_MSG_CMSG_CLOEXEC 0x800

#endif /* BSD_SYSTEM_H_ */
