/* The end of a child where there is a kqueue: a filter by its id. */
#include "child_event.h"
#include "fd.h"
#include "kqueue.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* No system with a kqueue of its own gives descriptors of children. */
int uv__child_event_start(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid, int pidfd) {
  int err;

  if (pidfd != -1)
    uv__close(pidfd);
  err = uv__kqueue_start_process(loop, watcher, pid);
  if (err != UV_ESRCH)
    return err;
  /* It has ended already, and waits to be reaped. */
  uv__io_feed(loop, watcher);
  return 0;
}

void uv__child_event_stop(uv_loop_t* loop, uv__io_t* watcher, uv_pid_t pid) {
  uv__kqueue_stop_process(loop, watcher, pid);
}

bool uv__child_reap(const uv__io_t* watcher, uv_pid_t pid, int* status, int* signum) {
  int how = 0;
  uv_pid_t reaped;

  (void) watcher;
  do
    reaped = waitpid(pid, &how, WNOHANG);
  while (reaped == -1 && errno == EINTR);

  *status = -1;
  *signum = -1;
  if (reaped == -1)
    return errno == ECHILD;
  if (reaped == 0)
    return false;
  *status = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
  *signum = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
  return true;
}

/* The child has not been reaped, so its id is its own. */
int uv__child_signal(const uv__io_t* watcher, uv_pid_t pid, int signum) {
  (void) watcher;
  return uv_kill(pid, signum);
}
