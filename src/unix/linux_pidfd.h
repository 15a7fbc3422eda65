/* Descriptors that stand for a process. They become readable when it ends. */
#ifndef RONDO_UNIX_LINUX_PIDFD_H_
#define RONDO_UNIX_LINUX_PIDFD_H_

#include "uv.h"

/* A descriptor of a child that has not been reaped, close-on-exec; -1 if there can be none. */
int uv__pidfd_open(uv_pid_t pid);

/* 0 or an error; UV_ENOSYS where the system does not know the call. */
int uv__pidfd_kill(int pidfd, int signum);

/* As waitid(2) for a child that has ended, without waiting. */
int uv__pidfd_wait(int pidfd, siginfo_t* info);

#endif /* RONDO_UNIX_LINUX_PIDFD_H_ */
