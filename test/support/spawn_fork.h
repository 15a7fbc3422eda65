/* Children that a test of processes makes by itself: forks of the test, and shells. */
#ifndef RONDO_TEST_SPAWN_FORK_H_
#define RONDO_TEST_SPAWN_FORK_H_

#include "support/spawn.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 30 };

#define prepare_shell(script) \
  prepare_program("/bin/sh", (const char* const[]){"-c", (script), NULL})

/* Runs a function in a fork of the test, which ends with its result. */
static inline void expect_in_fork(int (*function)(void)) {
  int status;
  pid_t pid = fork();

  if (pid == 0) {
    alarm(PATIENCE_S);
    _exit(function());
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if (WIFSIGNALED(status))
    fail_msg("ended by signal %d", WTERMSIG(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* In such a fork: the error of starting what was prepared, or how it ended (status, or 1000 plus
 * the signal, or 2000 if nobody knows). */
static inline int spawn_and_wait(uv_loop_t* loop) {
  struct loop_fixture f;

  if (uv_loop_init(loop) != 0)
    return -1000;
  memset(&f, 0, sizeof(f));
  loop->data = &f;
  int err = uv_spawn(loop, &process, &options);
  if (err == 0)
    uv_run(loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t*) &process, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  if (uv_loop_close(loop) != 0)
    return -1001;
  if (err != 0)
    return err;
  if (exits == 0)
    return 2000;
  return exit_signal != 0 ? 1000 + exit_signal : (int) exit_status;
}

static inline bool is_root(void) {
  return geteuid() == 0;
}

#endif /* RONDO_TEST_SPAWN_FORK_H_ */
