/* Processes: starting programs, sending them signals, closing their handles. */
#include "../gather.h"
#include "fd.h"
#include "fd_flags.h"
#include "process_exit.h"
#include "spawn.h"

enum { LARGEST_GAP = 256 };

/* The child goes on without us. Who closes the handle gives up its exit status, or waits for the
 * child himself. */
static enum uv__close_result process_close(uv_handle_t* handle) {
  uv__child_forget((uv_process_t*) handle);
  uv__handle_stop(handle);
  return UV__CLOSE_DONE;
}

/* The parent's children are not those of the fork. */
static int process_fork(uv_handle_t* handle) {
  process_close(handle);
  return 0;
}

static const struct uv__handle_ops process_ops = {
    .close = process_close,
    .fork = process_fork,
};

static void process_init(uv_loop_t* loop, uv_process_t* process) {
  uv__handle_init(loop, uv__handle(process), UV_PROCESS, &process_ops);
  process->exit_cb = NULL;
  process->pid = 0;
  process->status = 0;
  process->queue.next = NULL;
  process->queue.prev = NULL;
}

/* -- Starting ---------------------------------------------------------------------------------- */

static int start(uv_process_t* process, struct uv__spawn_plan* plan) {
  uv_pid_t pid;
  int pidfd;
  int err = uv__spawn_start(plan, &pid, &pidfd);

  if (err != 0)
    return err;
  process->pid = pid;
  process->exit_cb = plan->options->exit_cb;
  uv__child_watch(process, pidfd);
  uv__handle_start(uv__handle(process));
  return 0;
}

static int carry_out(uv_process_t* process, struct uv__spawn_plan* plan) {
  int err = uv__spawn_stdio_make(plan);
  int open_err;

  if (err != 0)
    return err;
  err = start(process, plan);
  uv__spawn_stdio_close_sources(plan);
  /* Also when there is no child: the streams then end as if it had exited. */
  open_err = uv__spawn_stdio_open(plan);
  return err != 0 ? err : open_err;
}

int uv_spawn(uv_loop_t* loop, uv_process_t* process, const uv_process_options_t* options) {
  struct uv__spawn_plan plan;
  int err;

  process_init(loop, process);
  if (options->file == NULL)
    return UV_EINVAL;

  err = uv__child_prepare(loop);
  if (err == 0)
    err = uv__child_reserve(process);
  if (err == 0)
    err = uv__spawn_plan_make(&plan, options);
  if (err == 0) {
    uv__gather_send(loop); /* before the child writes to the same places */
    err = carry_out(process, &plan);
    uv__spawn_plan_free(&plan);
  }
  if (process->pid == 0)
    uv__child_forget(process);
  return err;
}

/* -- Signals ----------------------------------------------------------------------------------- */

int uv_process_kill(uv_process_t* process, int signum) {
  return uv__child_lives(process) ? uv__child_kill(process, signum) : UV_ESRCH;
}

/* -- Descriptors that the parent of this process left open ------------------------------------- */

void uv_disable_stdio_inheritance(void) {
  int unused = 0;

  if (uv__flag_all_from(0) == 0)
    return;
  for (int fd = 0; unused < LARGEST_GAP; fd++)
    unused = uv__set_cloexec(fd, true) == 0 ? 0 : unused + 1;
}
