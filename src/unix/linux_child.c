/* The end of a child on Linux: the child's descriptor is in the loop's set. */
#include "child_event.h"
#include "fd.h"
#include "linux_pidfd.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

int uv__child_event_start(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid, int pidfd) {
  int err;

  (void) pid;
  watcher->fd = pidfd;
  if (pidfd == -1)
    return UV_ENOSYS;
  err = uv__io_reserve(loop, pidfd);
  if (err == 0)
    uv__io_start(loop, watcher, POLLIN | UV__IO_LAST);
  return err;
}

void uv__child_event_stop(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid) {
  (void) pid;
  uv__io_close(loop, watcher);
  if (watcher->fd != -1)
    uv__close(watcher->fd);
  watcher->fd = -1;
}

bool uv__child_reap(const uv__io_t* watcher, uv_pid_t pid, int* status, int* signum) {
  siginfo_t info;
  int r = -1;

  memset(&info, 0, sizeof(info));
  errno = 0;
  if (watcher->fd != -1)
    r = uv__pidfd_wait(watcher->fd, &info);
  if (r == -1 && errno != ECHILD) /* no descriptor, Linux before 5.4, or a sandbox is against it */
    r = waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG);

  *status = -1;
  *signum = -1;
  if (r == -1)
    return errno == ECHILD;
  if (info.si_pid == 0)
    return false;
  *status = info.si_code == CLD_EXITED ? info.si_status : 0;
  *signum = info.si_code == CLD_EXITED ? 0 : info.si_status;
  return true;
}

/* The kernel may not know the call, or a sandbox may be against it. The child has not been reaped,
 * so its id is its own. */
int uv__child_signal(const uv__io_t* watcher, uv_pid_t pid, int signum) {
  int err = watcher->fd != -1 ? uv__pidfd_kill(watcher->fd, signum) : UV_ENOSYS;

  return err == UV_ENOSYS || err == UV_EPERM ? uv_kill(pid, signum) : err;
}
