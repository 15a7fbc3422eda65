/* Descriptors that stand for a process, and other calls younger than some C libraries. */
#include "linux_pidfd.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(SYS_pidfd_send_signal)
#define SYS_pidfd_send_signal 424
#endif
#if !defined(SYS_pidfd_open)
#define SYS_pidfd_open 434
#endif

enum { WAIT_FOR_PIDFD = 3 /* P_PIDFD */ };

int uv__pidfd_open(uv_pid_t pid) {
  return (int) syscall(SYS_pidfd_open, pid, 0);
}

int uv__pidfd_kill(int pidfd, int signum) {
  return syscall(SYS_pidfd_send_signal, pidfd, signum, NULL, 0) == 0 ? 0 : UV__ERR(errno);
}

int uv__pidfd_wait(int pidfd, siginfo_t* info) {
  return waitid((idtype_t) WAIT_FOR_PIDFD, (id_t) pidfd, info, WEXITED | WNOHANG);
}
