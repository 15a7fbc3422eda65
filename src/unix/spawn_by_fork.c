/* Making a child where a fork is the only way that leaves the parent alone: a child of vfork(2)
 * shares the parent's memory, with what the C library keeps there about signals. */
#include "spawn_fork.h"

int uv__spawn_make(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  (void) pidfd;
  return uv__spawn_fork(plan, pid);
}
