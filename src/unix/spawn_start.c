/* Starting a child: what stands around its making on every system. */
#include "fd.h"
#include "raw.h"
#include "spawn.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

static void reap(uv_pid_t pid) {
  while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
    continue;
}

int uv__spawn_start(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  struct uv__signal_mask mask;
  int cancel_state;
  int saved_errno = errno;
  int err;

  *pidfd = -1;
  /* A handler, or the thread's cancellation, would happen in the child. */
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
  uv__raw_block_signals(&mask);
  err = uv__spawn_make(plan, pid, pidfd);
  uv__raw_set_signal_mask(&mask);

  if (err == 0 && plan->error != 0) {
    err = UV__ERR(plan->error);
    reap(*pid);
    if (*pidfd >= 0)
      uv__close(*pidfd);
  }
  pthread_setcancelstate(cancel_state, NULL);
  errno = saved_errno;
  return err;
}
