/* Making a child on Linux.
 *
 * The child is a vfork: it shares the memory of its parent, whose thread stands still until the
 * child has become another program. That takes the same time however large the parent is. It has a
 * stack of its own, and tells what failed by writing to the plan.
 *
 * Where that cannot be had the child is a plain fork, which tells through a pipe. Then, and only
 * then, the handlers of pthread_atfork(3) run. */
#include "atomic.h"
#include "core.h"
#include "fd.h"
#include "linux_pidfd.h"
#include "linux_raw.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* By its other name: sanitizers replace clone(2), and take the child for a fork. */
#if defined(__GLIBC__)
extern int __clone(int (*child_main)(void* arg), void* stack, int flags, void* arg, ...);
#define make_task __clone
#else
#define make_task clone
#endif

enum {
  STACK_ALIGNMENT = 64,
  NOT_EXECUTED = 127, /* exit code of a child that found no program */
};

static void reap(uv_pid_t pid, int options) {
  while (waitpid(pid, NULL, options) == -1 && errno == EINTR)
    continue;
}

/* -- A child that shares the memory ------------------------------------------------------------ */

typedef int (*child_main)(void* arg);

static uv_pid_t share_memory(child_main main, void* arg, char* stack, int flags, int* pidfd) {
  uintptr_t top = (uintptr_t) (stack + UV__SPAWN_STACK_SIZE);

  top -= top % STACK_ALIGNMENT;
  return make_task(main, (void*) top, CLONE_VM | CLONE_VFORK | flags, arg, pidfd);
}

UV__IN_CHILD static int set_mark(void* mark) {
  *(volatile int*) mark = 1;
  _exit(0);
}

/* Emulators of Linux may make a fork of it. The child of the trial is one that no SIGCHLD tells of.
 */
static bool try_sharing(char* stack) {
  volatile int mark = 0;
  uv_pid_t pid = share_memory(set_mark, (void*) (uintptr_t) &mark, stack, 0, NULL);

  if (pid == -1)
    return false;
  reap(pid, __WALL);
  return mark == 1;
}

static bool can_share(char* stack) {
  enum { UNKNOWN, YES, NO };
  static int answer;

  if (uv__load_relaxed(&answer) == UNKNOWN)
    uv__store_relaxed(&answer, try_sharing(stack) ? YES : NO);
  return uv__load_relaxed(&answer) == YES;
}

UV__IN_CHILD static int run_plan(void* plan) {
  uv__spawn_child(plan);
  _exit(NOT_EXECUTED);
}

/* A process whose memory belongs to somebody else as well cannot be dumped or traced, and the
 * kernel does not take that back by itself. */
static uv_pid_t start_sharing(struct uv__spawn_plan* plan, int* pidfd) {
  int dumpable = prctl(PR_GET_DUMPABLE);
  uv_pid_t pid = share_memory(run_plan, plan, plan->stack, SIGCHLD | CLONE_PIDFD, pidfd);

  /* Without a descriptor left, or on a system that has no such descriptors. */
  if (pid == -1 && errno != EAGAIN && errno != ENOMEM) {
    *pidfd = -1;
    pid = share_memory(run_plan, plan, plan->stack, SIGCHLD, NULL);
  }
  int error = errno;
  if (dumpable == 1 && prctl(PR_GET_DUMPABLE) != 1)
    prctl(PR_SET_DUMPABLE, 1);
  errno = error;
  return pid;
}

/* -- A plain fork ------------------------------------------------------------------------------ */

/* A pipe for the child's errno. The child must not overwrite its end with one of its descriptors.
 */
static int make_pipe(int ends[2], int first_free) {
  int end;

  if (pipe2(ends, O_CLOEXEC) == -1)
    return UV__ERR(errno);
  end = fcntl(ends[1], F_DUPFD_CLOEXEC, first_free);
  int err = end != -1 ? 0 : UV__ERR(errno);
  uv__close(ends[1]);
  if (err != 0)
    uv__close(ends[0]);
  ends[1] = end;
  return err;
}

static void run_plan_and_tell(struct uv__spawn_plan* plan, int pipe_end) {
  uv__spawn_child(plan);
  while (write(pipe_end, &plan->error, sizeof(plan->error)) == -1 && errno == EINTR)
    continue;
  _exit(NOT_EXECUTED);
}

static int start_fork(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  int error = 0;
  int ends[2];
  int err = make_pipe(ends, plan->stdio_count);

  if (err != 0)
    return err;
  *pid = fork();
  if (*pid == 0)
    run_plan_and_tell(plan, ends[1]);
  if (*pid == -1)
    err = UV__ERR(errno);
  uv__close(ends[1]);
  if (err == 0 && uv__read(ends[0], &error, sizeof(error)) == sizeof(error))
    plan->error = error;
  uv__close(ends[0]);
  if (err == 0)
    *pidfd = uv__pidfd_open(*pid);
  return err;
}

/* -- Either ------------------------------------------------------------------------------------ */

static bool fork_is_wanted(void) {
  const char* value = getenv("UV_SPAWN_USE_FORK");

  return value != NULL && *value != '\0' && strcmp(value, "0") != 0;
}

static int start(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  if (fork_is_wanted() || !can_share(plan->stack))
    return start_fork(plan, pid, pidfd);
  *pid = start_sharing(plan, pidfd);
  if (*pid != -1)
    return 0;
  return errno == EAGAIN || errno == ENOMEM ? UV__ERR(errno) : start_fork(plan, pid, pidfd);
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
  err = start(plan, pid, pidfd);
  uv__raw_set_signal_mask(&mask);

  if (err == 0 && plan->error != 0) {
    err = UV__ERR(plan->error);
    reap(*pid, 0);
    if (*pidfd >= 0)
      uv__close(*pidfd);
  }
  pthread_setcancelstate(cancel_state, NULL);
  errno = saved_errno;
  return err;
}
