/* Processes: how a child's end is told, killing one, what goes wrong. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/full_table.h"
#include "support/spawn.h"

#include <signal.h>
#include <stdio.h>

static uv_pipe_t pipes[3];

/* -- The end of a child ------------------------------------------------------------------------ */

static void exit_status_is_told(void** state) {
  struct loop_fixture* f = *state;
  static const struct {
    const char* argument;
    int status;
  } cases[] = {{"0", 0}, {"1", 1}, {"127", 127}, {"128", 128}, {"255", 255}};

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    prepare("exit", cases[i].argument);
    expect_exit(f, cases[i].status, 0);
  }
}

static void handle_is_inactive_and_child_reaped_in_the_callback(void** state) {
  struct loop_fixture* f = *state;
  int pid;

  prepare("exit", "7");
  spawn_well(f);
  pid = process.pid;
  assert_int_equal(uv_process_get_pid(&process), pid);
  while (exits == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(uv_process_kill(&process, 0), UV_ESRCH);
  assert_int_equal(uv_kill(pid, 0), UV_ESRCH);
  assert_int_equal(process.pid, pid);
  wait_exit(f, 7, 0);
}

static void callback_may_be_null(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.exit_cb = NULL;
  spawn_well(f);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_false(uv_is_active((uv_handle_t*) &process));
  assert_int_equal(uv_kill(process.pid, 0), UV_ESRCH);
  close_process(f);
}

static void close_on_exit(uv_process_t* handle, int64_t status, int signum) {
  on_exit_of(handle, status, signum);
  uv_close((uv_handle_t*) handle, NULL);
}

static void handle_may_be_closed_in_the_callback(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.exit_cb = close_on_exit;
  spawn_well(f);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(exits, 1);
}

static void unreferenced_child_does_not_keep_the_loop(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  uv_unref((uv_handle_t*) &process);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(exits, 0);
  uv_ref((uv_handle_t*) &process);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  wait_exit(f, 0, 0);
}

/* Wine takes tens of milliseconds for a process. */
#if defined(_WIN32)
enum { MANY = 100, AT_ONCE = 10 };
#else
enum { MANY = 1000, AT_ONCE = 100 };
#endif

static struct {
  uv_process_t handles[MANY];
  int started;
  int ended;
} many;

static void spawn_one_of_many(uv_loop_t* loop);

static void on_exit_of_many(uv_process_t* handle, int64_t status, int signum) {
  assert_int_equal(status, (handle - many.handles) % 256);
  assert_int_equal(signum, 0);
  many.ended++;
  uv_close((uv_handle_t*) handle, NULL);
  if (many.started < MANY)
    spawn_one_of_many(handle->loop);
}

static void spawn_one_of_many(uv_loop_t* loop) {
  char number[16];

  snprintf(number, sizeof(number), "%d", many.started);
  prepare("exit", number);
  options.exit_cb = on_exit_of_many;
  assert_int_equal(spawn_try(loop, &many.handles[many.started++], &options), 0);
}

static void many_children_are_all_told(void** state) {
  struct loop_fixture* f = *state;
  int fds;

  memset(&many, 0, sizeof(many));
  warm_up(f);
  fds = count_descriptors();
  while (many.started < AT_ONCE)
    spawn_one_of_many(&f->loop);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(many.ended, MANY);
  assert_int_equal(count_descriptors(), fds);
}

static void count_failure(uv_process_t* handle, int64_t status, int signum) {
  if (status != 0 || signum != 0)
    ++*(int*) handle->data;
}

static void spawn_in_own_loop(void* arg) {
  enum { TIMES = 20 };
  char* words[] = {(char*) (uintptr_t) CHILD_PROGRAM, NULL};
  uv_process_options_t own = {.file = CHILD_PROGRAM, .args = words, .exit_cb = count_failure};
  uv_process_t handle = {.data = arg};
  uv_loop_t loop;

  if (uv_loop_init(&loop) != 0)
    abort();
  for (int i = 0; i < TIMES; i++) {
    if (spawn_try(&loop, &handle, &own) != 0)
      abort();
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t*) &handle, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  if (uv_loop_close(&loop) != 0)
    abort();
}

static void threads_may_spawn_at_the_same_time(void** state) {
  enum { THREADS = 4 };
  uv_thread_t threads[THREADS];
  int failures[THREADS] = {0};

  (void) state;
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], spawn_in_own_loop, &failures[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    uv_thread_join(&threads[i]);
    assert_int_equal(failures[i], 0);
  }
}

static void close_and_run(struct loop_fixture* f) {
  uv_close((uv_handle_t*) &process, NULL);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(exits, 0);
}

static void closing_a_live_child_calls_nothing(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  close_and_run(f);
}

static void closing_a_child_that_has_just_ended_calls_nothing(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 20; i++) {
    prepare("echo");
    give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
    spawn_well(f);
    assert_int_equal(uv_process_kill(&process, SIGKILL), 0);
    for (int spin = 0; spin < i; spin++)
      uv_sleep(0);
    close_and_run(f);
  }
}

/* -- Signals ----------------------------------------------------------------------------------- */

static void child_can_be_killed(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  assert_int_equal(uv_process_kill(&process, 0), 0);
  assert_int_equal(uv_process_kill(&process, -1), UV_EINVAL);
  assert_int_equal(uv_process_kill(&process, 4096), UV_EINVAL);
  assert_int_equal(uv_process_kill(&process, SIGTERM), 0);
  wait_exit(f, STATUS_OF_KILLED, SIGTERM);
}

/* On Windows the handle knows of signals that it was asked to send. */
#if defined(_WIN32)
enum { SIGNAL_BY_ID = 0 };
#else
enum { SIGNAL_BY_ID = SIGKILL };
#endif

static void child_can_be_killed_by_its_id(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  assert_int_equal(uv_kill(process.pid, 0), 0);
  assert_int_equal(uv_kill(process.pid, NSIG), UV_EINVAL);
  assert_int_equal(uv_kill(process.pid, SIGKILL), 0);
  wait_exit(f, STATUS_OF_KILLED, SIGNAL_BY_ID);
}

/* -- Want of resources ------------------------------------------------------------------------- */

static void prepare_with_pipes(struct loop_fixture* f) {
  prepare("exit", "0");
  for (int i = 0; i < 3; i++)
    give_pipe(f, i, &pipes[i], i == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
}

static void close_pipes(struct loop_fixture* f) {
  for (int i = 0; i < 3; i++)
    uv_close((uv_handle_t*) &pipes[i], NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

static void assert_no_pipe_open(void) {
  uv_os_fd_t fd;

  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_fileno((uv_handle_t*) &pipes[i], &fd), UV_EBADF);
}

static void without_memory_it_fails_and_leaves_nothing(void** state) {
  struct loop_fixture f;
  int failures = 0;
  int err = -1;

  (void) state;
  for (long fail_at = 1; err != 0; fail_at++) {
    int fds = count_descriptors();
    memset(&f, 0, sizeof(f));
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&f.loop), 0);
    f.loop.data = &f;
    prepare_with_pipes(&f);
    fill_table(&f.loop);
    test_allocator.calls = 0;
    test_allocator.fail_at = fail_at;
    err = spawn(&f);
    test_allocator.fail_at = 0;
    empty_table();
    if (err == 0) {
      wait_exit(&f, 0, 0);
    } else {
      assert_int_equal(err, UV_ENOMEM);
      assert_int_equal(process.pid, 0);
      assert_no_pipe_open();
      close_process(&f);
      failures++;
    }
    close_pipes(&f);
    assert_int_equal(uv_loop_close(&f.loop), 0);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
    assert_int_equal(count_descriptors(), fds);
  }
  assert_true(failures >= 3);
}

/* -- Running ----------------------------------------------------------------------------------- */

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(exit_status_is_told),
      loop_test(handle_is_inactive_and_child_reaped_in_the_callback),
      loop_test(callback_may_be_null),
      loop_test(handle_may_be_closed_in_the_callback),
      loop_test(unreferenced_child_does_not_keep_the_loop),
      loop_test(many_children_are_all_told),
      cmocka_unit_test(threads_may_spawn_at_the_same_time),
      loop_test(closing_a_live_child_calls_nothing),
      loop_test(closing_a_child_that_has_just_ended_calls_nothing),
      loop_test(child_can_be_killed),
      loop_test(child_can_be_killed_by_its_id),
      newer_plain_test(without_memory_it_fails_and_leaves_nothing),
  };
  return run_spawn_tests("process", tests);
}
