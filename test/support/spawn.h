/* Starting test/helpers/child.c, or another program, and noting how it ended.
 *
 * What a child writes to its standard output is collected in `output`. */
#ifndef RONDO_TEST_SPAWN_H_
#define RONDO_TEST_SPAWN_H_

#include "support/loop_fixture.h"
#include "support/peer.h"
#include "support/reader.h"

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static uv_process_t process;
static uv_process_options_t options; /* of the next spawn */
static uv_stdio_container_t stdio[24];
static char* args[8];

static int exits;
static int64_t exit_status;
static int exit_signal;

static uv_pipe_t output_pipe;
static struct reader output;

static inline void on_exit_of(uv_process_t* handle, int64_t status, int signum) {
  test_log(handle->loop, 'e');
  exits++;
  exit_status = status;
  exit_signal = signum;
}

/* Options for a program with up to six arguments, the last of them NULL. */
static inline void prepare_program(const char* file, const char* const* words) {
  int i = 0;

  memset(&options, 0, sizeof(options));
  memset(stdio, 0, sizeof(stdio));
  memset(&process, 0xee, sizeof(process));
  args[i++] = (char*) (uintptr_t) file;
  while (*words != NULL)
    args[i++] = (char*) (uintptr_t) *words++;
  args[i] = NULL;
  options.file = file;
  options.args = args;
  options.stdio = stdio;
  options.exit_cb = on_exit_of;
  exits = 0;
  exit_status = -1;
  exit_signal = -1;
}

#define prepare(...) prepare_program(CHILD_PROGRAM, (const char* const[]){__VA_ARGS__, NULL})
#define prepare_shell(script) \
  prepare_program("/bin/sh", (const char* const[]){"-c", (script), NULL})

/* Makes descriptor `fd` of the child a new pipe whose other end is `pipe`. */
static inline void give_pipe(struct loop_fixture* f, int fd, uv_pipe_t* pipe, int flags) {
  assert_int_equal(uv_pipe_init(&f->loop, pipe, 0), 0);
  stdio[fd].flags = (uv_stdio_flags) (UV_CREATE_PIPE | flags);
  stdio[fd].data.stream = (uv_stream_t*) pipe;
  if (options.stdio_count <= fd)
    options.stdio_count = fd + 1;
}

static inline void give_fd(int fd, int ours) {
  stdio[fd].flags = UV_INHERIT_FD;
  stdio[fd].data.fd = ours;
  if (options.stdio_count <= fd)
    options.stdio_count = fd + 1;
}

static inline int spawn(struct loop_fixture* f) {
  return uv_spawn(&f->loop, &process, &options);
}

static inline void spawn_well(struct loop_fixture* f) {
  assert_int_equal(spawn(f), 0);
  assert_true(process.pid > 0);
  assert_true(uv_is_active((uv_handle_t*) &process));
}

static inline void close_process(struct loop_fixture* f) {
  uv_close((uv_handle_t*) &process, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* Runs the loop until the child has ended, and closes its handle. */
static inline void wait_exit(struct loop_fixture* f, int status, int signum) {
  while (exits == 0 && uv_run(&f->loop, UV_RUN_ONCE) != 0)
    continue;
  assert_int_equal(exits, 1);
  assert_int_equal(exit_status, status);
  assert_int_equal(exit_signal, signum);
  assert_false(uv_is_active((uv_handle_t*) &process));
  close_process(f);
}

static inline void expect_exit(struct loop_fixture* f, int status, int signum) {
  spawn_well(f);
  wait_exit(f, status, signum);
}

/* Starts what was prepared and checks that it fails, and leaves nothing to reap. */
static inline void expect_failure(struct loop_fixture* f, int err) {
  assert_int_equal(spawn(f), err);
  assert_false(uv_is_active((uv_handle_t*) &process));
  if (!IS_OLDER_PEER) {
    assert_int_equal(process.pid, 0);
    assert_int_equal(uv_process_kill(&process, 0), UV_ESRCH);
  }
  close_process(f);
  assert_int_equal(exits, 0);
}

/* What the child that was prepared writes to its standard output. It ends with status 0. */
static inline const char* output_of_child(struct loop_fixture* f) {
  give_pipe(f, 1, &output_pipe, UV_WRITABLE_PIPE);
  spawn_well(f);
  reader_start(&output, (uv_stream_t*) &output_pipe);
  assert_int_equal(reader_wait_end(&output, &f->loop), UV_EOF);
  wait_exit(f, 0, 0);
  uv_close((uv_handle_t*) &output_pipe, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_true(output.len < sizeof(output.bytes));
  output.bytes[output.len] = '\0';
  return output.bytes;
}

/* -- Forks of the test ------------------------------------------------------------------------- */

enum { PATIENCE_S = 30 };

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

#endif /* RONDO_TEST_SPAWN_H_ */
