/* Making a child on macOS.
 *
 * posix_spawn(2) has the kernel do all that a child does between its birth and its program; no
 * memory is copied, and nothing but what is named stays open in the child. It cannot change ids:
 * that takes a plain fork, as does the environment's word (UV_SPAWN_USE_FORK). */
#include "fd.h"
#include "spawn_fork.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

/* Given to the search for the program. */
struct birth {
  struct uv__spawn_plan* plan;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  uv_pid_t* pid;
};

/* -- Descriptors ------------------------------------------------------------------------------- */

/* They are put into their places from 0 up: a source below its place would be overwritten before,
 * so it gets another number, in the parent. */
static int move_source(const struct uv__spawn_plan* plan, int fd) {
  struct uv__stdio* stdio = &plan->stdio[fd];

  stdio->moved = stdio->source;
  if (stdio->source < 0 || stdio->source >= fd)
    return 0;
  stdio->moved = fcntl(stdio->source, F_DUPFD_CLOEXEC, plan->stdio_count);
  return stdio->moved != -1 ? 0 : errno;
}

static void close_moved(struct uv__spawn_plan* plan) {
  for (int fd = 0; fd < plan->stdio_count; fd++) {
    struct uv__stdio* stdio = &plan->stdio[fd];
    if (stdio->moved != -1 && stdio->moved != stdio->source)
      uv__close(stdio->moved);
    stdio->moved = -1;
  }
}

/* Programs expect their standard streams to block. Whether they do is known to all who share them,
 * so it can be done here. */
static int add_source(struct birth* birth, int source, int fd) {
  if (fd <= STDERR_FILENO)
    uv__set_nonblocking(source, false);
  if (source == fd)
    return posix_spawn_file_actions_addinherit_np(&birth->actions, fd);
  return posix_spawn_file_actions_adddup2(&birth->actions, source, fd);
}

static int add_descriptor(struct birth* birth, int fd) {
  int error = move_source(birth->plan, fd);
  int source = birth->plan->stdio[fd].moved;

  if (error != 0)
    return error;
  if (source >= 0)
    return add_source(birth, source, fd);
  if (fd > STDERR_FILENO)
    return 0;
  return posix_spawn_file_actions_addopen(&birth->actions, fd, _PATH_DEVNULL,
                                          fd == STDIN_FILENO ? O_RDONLY : O_RDWR, 0);
}

static int add_actions(struct birth* birth) {
  const char* directory = birth->plan->options->cwd;
  int error = 0;

  if (directory != NULL)
    error = posix_spawn_file_actions_addchdir_np(&birth->actions, directory);
  for (int fd = 0; error == 0 && fd < birth->plan->stdio_count; fd++)
    error = add_descriptor(birth, fd);
  return error;
}

/* -- Attributes -------------------------------------------------------------------------------- */

/* Default actions for all signals, none blocked, and every descriptor closed that no action names.
 */
static int set_attributes(struct birth* birth) {
  int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT;
  sigset_t all;
  sigset_t none;
  int error;

  sigfillset(&all);
  sigemptyset(&none);
  if (birth->plan->options->flags & UV_PROCESS_DETACHED)
    flags |= POSIX_SPAWN_SETSID;
  error = posix_spawnattr_setflags(&birth->attributes, (short) flags);
  if (error == 0)
    error = posix_spawnattr_setsigdefault(&birth->attributes, &all);
  if (error == 0)
    error = posix_spawnattr_setsigmask(&birth->attributes, &none);
  return error;
}

/* -- The program ------------------------------------------------------------------------------- */

static int spawn(const struct birth* birth, const char* path, char* const* args) {
  int error;

  do
    error =
        posix_spawn(birth->pid, path, &birth->actions, &birth->attributes, args, birth->plan->env);
  while (error == EINTR);
  return error;
}

/* A text that does not say who is to interpret it goes to the shell. */
static int execute(void* data, const char* path) {
  const struct birth* birth = data;
  char** shell_args = birth->plan->shell_args;
  int error = spawn(birth, path, birth->plan->args);

  if (error != ENOEXEC)
    return error;
  shell_args[1] = (char*) (uintptr_t) path;
  return spawn(birth, shell_args[0], shell_args) == 0 ? 0 : ENOEXEC;
}

static int spawn_with_actions(struct birth* birth) {
  int error = posix_spawn_file_actions_init(&birth->actions);

  if (error != 0)
    return error;
  error = add_actions(birth);
  if (error == 0)
    error = set_attributes(birth);
  if (error == 0)
    error = uv__spawn_search(birth->plan, execute, birth);
  close_moved(birth->plan);
  posix_spawn_file_actions_destroy(&birth->actions);
  return error;
}

static int spawn_fast(struct uv__spawn_plan* plan, uv_pid_t* pid) {
  struct birth birth = {.plan = plan, .pid = pid};
  int error = posix_spawnattr_init(&birth.attributes);

  if (error == 0) {
    error = spawn_with_actions(&birth);
    posix_spawnattr_destroy(&birth.attributes);
  }
  return UV__ERR(error);
}

/* A child that failed this way is gone already. */
int uv__spawn_make(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd) {
  int err = UV_ENOSYS;

  (void) pidfd;
  if (!(plan->options->flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID)) && !uv__spawn_wants_fork())
    err = spawn_fast(plan, pid);
  return err == UV_ENOSYS ? uv__spawn_fork(plan, pid) : err;
}
