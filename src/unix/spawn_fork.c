/* Making a child by fork(2). It tells through a pipe what failed. */
#include "spawn_fork.h"

#include "fd.h"
#include "fd_flags.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127 /* exit code of a child that found no program */ };

/* A pipe for the child's errno. The child must not overwrite its end with one of its descriptors.
 */
static int make_pipe(int ends[2], int first_free) {
  int end;

  if (uv__flagged_pipe(ends) == -1)
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

static uv_pid_t fork_with_flags(void) {
  uv_pid_t pid;

  uv__flags_hold();
  pid = fork();
  if (pid != 0)
    uv__flags_release();
  return pid;
}

int uv__spawn_fork(struct uv__spawn_plan* plan, uv_pid_t* pid) {
  int error = 0;
  int ends[2];
  int err = make_pipe(ends, plan->stdio_count);

  if (err != 0)
    return err;
  *pid = fork_with_flags();
  if (*pid == 0)
    run_plan_and_tell(plan, ends[1]);
  if (*pid == -1)
    err = UV__ERR(errno);
  uv__close(ends[1]);
  if (err == 0 && uv__read(ends[0], &error, sizeof(error)) == sizeof(error))
    plan->error = error;
  uv__close(ends[0]);
  return err;
}

bool uv__spawn_wants_fork(void) {
  const char* value = getenv("UV_SPAWN_USE_FORK");

  return value != NULL && *value != '\0' && strcmp(value, "0") != 0;
}
