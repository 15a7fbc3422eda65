/* Making a child on Linux.
 *
 * The child is a vfork: it shares the memory of its parent, whose thread stands still until the
 * child has become another program. That takes the same time however large the parent is. It has a
 * stack of its own, and tells what failed by writing to the plan.
 *
 * Where that cannot be had the child is a plain fork. Then, and only then, the handlers of
 * pthread_atfork(3) run. */
#include "atomic.h"
#include "core.h"
#include "linux_pidfd.h"
#include "spawn_fork.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
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
  while (waitpid(pid, NULL, __WALL) == -1 && errno == EINTR)
    continue;
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

static int start_fork(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  int err = uv__spawn_fork(plan, pid);

  if (err == 0)
    *pidfd = uv__pidfd_open(*pid);
  return err;
}

/* -- Either ------------------------------------------------------------------------------------ */

int uv__spawn_make(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  if (uv__spawn_wants_fork() || !can_share(plan->stack))
    return start_fork(plan, pid, pidfd);
  *pid = start_sharing(plan, pidfd);
  if (*pid != -1)
    return 0;
  return errno == EAGAIN || errno == ENOMEM ? UV__ERR(errno) : start_fork(plan, pid, pidfd);
}
