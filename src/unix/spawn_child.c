/* What a child does between its birth and its program.
 *
 * It may share the memory of its parent, in which other threads run: it calls only what is safe in
 * a signal handler, and writes to nothing but its plan. All signals are blocked when it begins. */
#include "spawn.h"

#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdbool.h>
#include <unistd.h>

/* -- Descriptors ------------------------------------------------------------------------------- */

/* They are put into their places from 0 up: a source below its place would be overwritten before.
 */
UV__IN_CHILD static bool move_sources(struct uv__spawn_plan* plan) {
  for (int fd = 0; fd < plan->stdio_count; fd++) {
    struct uv__stdio* stdio = &plan->stdio[fd];
    stdio->moved = stdio->source;
    if (stdio->source < 0 || stdio->source >= fd)
      continue;
    stdio->moved = fcntl(stdio->source, F_DUPFD_CLOEXEC, plan->stdio_count);
    if (stdio->moved == -1)
      return false;
  }
  return true;
}

/* All below are taken, so the new descriptor gets the number that was closed, even where no other
 * is left. */
UV__IN_CHILD static bool open_null(int fd) {
  uv__raw_close(fd);
  return uv__raw_open(_PATH_DEVNULL, fd == STDIN_FILENO ? O_RDONLY : O_RDWR) == fd;
}

UV__IN_CHILD static bool clear_flag(int fd, int get, int set, int flag) {
  int flags = fcntl(fd, get);

  if (flags == -1)
    return false;
  return !(flags & flag) || fcntl(fd, set, flags & ~flag) != -1;
}

UV__IN_CHILD static bool put(int source, int fd) {
  if (source == fd && !clear_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC))
    return false;
  if (source != fd && uv__raw_dup2(source, fd) == -1)
    return false;
  /* Programs expect their standard streams to block. */
  return fd > STDERR_FILENO || clear_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK);
}

UV__IN_CHILD static bool set_descriptors(struct uv__spawn_plan* plan) {
  if (!move_sources(plan))
    return false;
  for (int fd = 0; fd < plan->stdio_count; fd++) {
    int source = plan->stdio[fd].moved;
    if (source >= 0 && !put(source, fd))
      return false;
    if (source < 0 && fd <= STDERR_FILENO && !open_null(fd))
      return false;
  }
  return true;
}

/* -- Directory and ids ------------------------------------------------------------------------- */

UV__IN_CHILD static bool set_directory(const uv_process_options_t* options) {
  return options->cwd == NULL || chdir(options->cwd) == 0;
}

/* Whoever changes ids loses the parent's groups, if allowed to. */
UV__IN_CHILD static bool set_ids(const uv_process_options_t* options) {
  if (options->flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID))
    uv__raw_drop_groups();
  if ((options->flags & UV_PROCESS_SETGID) && uv__raw_setgid(options->gid) == -1)
    return false;
  return !(options->flags & UV_PROCESS_SETUID) || uv__raw_setuid(options->uid) == 0;
}

/* -- The program ------------------------------------------------------------------------------- */

/* Returns if it failed, with the errno. A text that does not say who is to interpret it goes to the
 * shell. */
UV__IN_CHILD static int execute(void* data, const char* path) {
  struct uv__spawn_plan* plan = data;

  execve(path, plan->args, plan->env);
  if (errno != ENOEXEC)
    return errno;
  plan->shell_args[1] = (char*) (uintptr_t) path;
  execve(plan->shell_args[0], plan->shell_args, plan->env);
  return ENOEXEC;
}

UV__IN_CHILD void uv__spawn_child(struct uv__spawn_plan* plan) {
  static const struct uv__signal_mask none;
  const uv_process_options_t* options = plan->options;

  /* Before a signal can arrive: the parent's handlers are not for this process. */
  uv__raw_reset_signals();
  if (options->flags & UV_PROCESS_DETACHED)
    setsid();
  if (!set_descriptors(plan) || !set_directory(options) || !set_ids(options)) {
    plan->error = errno;
    return;
  }
  uv__raw_set_signal_mask(&none);
  plan->error = uv__spawn_search(plan, execute, plan);
}
