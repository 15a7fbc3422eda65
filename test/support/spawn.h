/* Starting test/helpers/child.c, or another program, and noting how it ended.
 *
 * What a child writes to its standard output is collected in `output`. */
#ifndef RONDO_TEST_SPAWN_H_
#define RONDO_TEST_SPAWN_H_

#include "support/loop_fixture.h"
#include "support/peer.h"
#include "support/reader.h"
#include "support/spawn_try.h"

#include <stdbool.h>
#include <stdlib.h>

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
  return spawn_try(&f->loop, &process, &options);
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

static inline void do_nothing(uv_idle_t* handle) {
  (void) handle;
}

/* After this the loop has all descriptors that it makes once, for children or for idle turns. */
static inline void warm_up(struct loop_fixture* f) {
  enum { IDLE_TURNS = 20 };
  static uv_idle_t idle;

  prepare("exit", "0");
  expect_exit(f, 0, 0);
  assert_int_equal(uv_idle_init(&f->loop, &idle), 0);
  assert_int_equal(uv_idle_start(&idle, do_nothing), 0);
  for (int i = 0; i < IDLE_TURNS; i++)
    turn(f);
  uv_close((uv_handle_t*) &idle, NULL);
  turn(f);
}

/* The status of a child that a signal has ended: on Windows it is ended by giving it one. */
#if defined(_WIN32)
enum { STATUS_OF_KILLED = 1 };
#else
enum { STATUS_OF_KILLED = 0 };
#endif

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

/* -- Both ways of making a child --------------------------------------------------------------- */

#if defined(_WIN32)
/* There is one. */
#define run_spawn_tests(name, tests) cmocka_run_group_tests_name(name, tests, NULL, NULL)
#else
/* The tests after this make their children by fork(2). */
static inline int use_fork(void** state) {
  (void) state;
  return setenv("UV_SPAWN_USE_FORK", "1", 1);
}

#define run_spawn_tests(name, tests) \
  (cmocka_run_group_tests_name(name, tests, NULL, NULL) + \
   cmocka_run_group_tests_name(name ", forked", tests, use_fork, NULL))
#endif

#endif /* RONDO_TEST_SPAWN_H_ */
