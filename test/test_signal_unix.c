/* Signal handles on POSIX: the signals of the kernel, what the process does about one otherwise,
 * forks, and what goes wrong. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/signals.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

/* ThreadSanitizer delivers no signal in the child of a fork with threads. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
enum { FORKS_GET_SIGNALS = 0 };
#else
enum { FORKS_GET_SIGNALS = 1 };
#endif

static uv_poll_t polls[2];

static void what_cannot_be_caught_is_refused(void** state) {
  struct loop_fixture* f = *state;
  const int refused[] = {SIGKILL, SIGSTOP};

  init_signal(f, 0);
  for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
    assert_int_equal(uv_signal_start(&signals[0], count_call, refused[i]), UV_EINVAL);
    assert_int_equal(uv_signal_start_oneshot(&signals[0], count_call, refused[i]), UV_EINVAL);
    assert_int_equal(signals[0].signum, 0);
    assert_false(uv_is_active((uv_handle_t*) &signals[0]));
  }
}

static void refused_signal_leaves_the_handle_stopped(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGKILL), UV_EINVAL);
  assert_int_equal(signals[0].signum, 0);
  assert_false(uv_is_active((uv_handle_t*) &signals[0]));
  assert_true(has_default_action(SIGUSR1));
}

static void signals_that_are_ignored_by_default_arrive(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGCHLD);
  start(f, 1, SIGWINCH);
  start(f, 2, SIGURG);
  raise(SIGWINCH);
  raise(SIGCHLD);
  raise(SIGURG);
  turn(f);
  assert_int_equal(calls[0], 1);
  assert_int_equal(calls[1], 1);
  assert_int_equal(calls[2], 1);
}

static void realtime_signals_arrive(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGRTMIN);
  start(f, 1, SIGRTMIN + 1);
  raise_times(SIGRTMIN, 2);
  raise_times(SIGRTMIN + 1, 3);
  turn(f);
  assert_int_equal(calls[0], 2);
  assert_int_equal(calls[1], 3);
}

static void handler_keeps_errno(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  errno = EDOM;
  raise(SIGUSR1);
  assert_int_equal(errno, EDOM);
}

static void system_calls_are_restarted(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  assert_true(action_of(SIGUSR1).sa_flags & SA_RESTART);
}

static bool resets_itself(int signum) {
  return ((unsigned int) action_of(signum).sa_flags & (unsigned int) SA_RESETHAND) != 0;
}

static void default_action_is_back_at_once_if_only_oneshot_ones_watch(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  assert_true(resets_itself(SIGUSR1));
  start(f, 1, SIGUSR1);
  assert_false(resets_itself(SIGUSR1));
  start_oneshot(f, 2, SIGUSR1);
  assert_false(resets_itself(SIGUSR1));
  uv_signal_stop(&signals[1]);
  assert_true(resets_itself(SIGUSR1));
  uv_signal_stop(&signals[2]);
  assert_true(resets_itself(SIGUSR1));
  raise(SIGUSR1);
  assert_true(action_of(SIGUSR1).sa_handler == SIG_DFL);
  turn(f);
  assert_int_equal(calls[0], 1);
}

static void on_readable(uv_poll_t* handle, int status, int events) {
  (void) status;
  (void) events;
  test_log(handle->loop, 'r');
  uv_poll_stop(handle);
}

/* One descriptor is made before the signal handle, one after it. */
static void signals_come_after_the_other_events_of_a_turn(void** state) {
  struct loop_fixture* f = *state;
  int before[2];
  int after[2];

  assert_int_equal(pipe(before), 0);
  start(f, 0, SIGUSR1);
  assert_int_equal(pipe(after), 0);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], before[0]), 0);
  assert_int_equal(uv_poll_init(&f->loop, &polls[1], after[0]), 0);
  uv_poll_start(&polls[0], UV_READABLE, on_readable);
  uv_poll_start(&polls[1], UV_READABLE, on_readable);
  raise(SIGUSR1);
  assert_int_equal(write(before[1], "x", 1), 1);
  assert_int_equal(write(after[1], "x", 1), 1);
  turn(f);
  assert_string_equal(f->log, "rra");
  uv_close((uv_handle_t*) &polls[0], NULL);
  uv_close((uv_handle_t*) &polls[1], NULL);
  turn(f);
  for (int i = 0; i < 2; i++) {
    close(before[i]);
    close(after[i]);
  }
}

static void ignore(uv_signal_t* handle, int signum) {
  (void) handle;
  (void) signum;
}

/* -- Forks ------------------------------------------------------------------------------------- */

/* The exit code of a child, which is killed where it does not end by itself. */
static int exit_code_of(pid_t pid) {
  int status;

  assert_int_equal(waitpid(pid, &status, 0), pid);
  if (!WIFEXITED(status))
    fail_msg("the child was ended by signal %d", WTERMSIG(status));
  return WEXITSTATUS(status);
}

static void watches_go_on_in_the_child_of_a_fork(void** state) {
  struct loop_fixture* f = *state;
  pid_t pid;

  start(f, 0, SIGUSR1);
  raise_times(SIGUSR1, 2);
  pid = fork();
  if (pid == 0) {
    alarm(20);
    if (uv_loop_fork(&f->loop) != 0)
      _exit(1);
    turn(f);
    if (calls[0] != 0)
      _exit(2); /* what the parent caught */
    raise_times(SIGUSR1, 3);
    turn(f);
    _exit(calls[0] == 3 ? 0 : 3);
  }
  assert_int_equal(exit_code_of(pid), 0);
  turn(f);
  assert_int_equal(calls[0], 2);
}

static void signals_to_a_child_are_not_seen_by_the_parent(void** state) {
  struct loop_fixture* f = *state;
  pid_t pid;

  start(f, 0, SIGUSR1);
  pid = fork();
  if (pid == 0) {
    raise_times(SIGUSR1, 3);
    _exit(0);
  }
  assert_int_equal(exit_code_of(pid), 0);
  turn(f);
  assert_int_equal(calls[0], 0);
}

static void signals_between_fork_and_uv_loop_fork_do_no_harm(void** state) {
  struct loop_fixture* f = *state;
  pid_t pid;

  start(f, 0, SIGUSR1);
  raise(SIGUSR1);
  pid = fork();
  if (pid == 0) {
    alarm(20);
    raise_times(SIGUSR1, 3);
    if (uv_loop_fork(&f->loop) != 0)
      _exit(1);
    raise_times(SIGUSR1, 2);
    turn(f);
    if (calls[0] != 2)
      _exit(2);
    uv_close((uv_handle_t*) &signals[0], NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    _exit(uv_loop_close(&f->loop) == 0 ? 0 : 3);
  }
  assert_int_equal(exit_code_of(pid), 0);
}

static int is_changing;

static void* change_watches(void* arg) {
  uv_loop_t loop;
  uv_signal_t handle;

  (void) arg;
  if (uv_loop_init(&loop) != 0 || uv_signal_init(&loop, &handle) != 0)
    abort();
  while (__atomic_load_n(&is_changing, __ATOMIC_RELAXED)) {
    uv_signal_start(&handle, ignore, SIGUSR1);
    raise(SIGUSR1);
    uv_signal_stop(&handle);
  }
  uv_close((uv_handle_t*) &handle, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
  return NULL;
}

static void child_of_a_fork_amid_changes_can_catch_signals(void** state) {
  struct loop_fixture* f = *state;
  pthread_t thread;

  if (!FORKS_GET_SIGNALS)
    skip();
  start(f, 0, SIGUSR1);
  is_changing = 1;
  assert_int_equal(pthread_create(&thread, NULL, change_watches, NULL), 0);
  for (int i = 0; i < 50; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      alarm(20);
      if (uv_loop_fork(&f->loop) != 0)
        _exit(1);
      calls[0] = 0;
      raise(SIGUSR1);
      while (calls[0] == 0)
        uv_run(&f->loop, UV_RUN_ONCE);
      uv_signal_stop(&signals[0]);
      _exit(calls[0] == 1 ? 0 : 2);
    }
    assert_int_equal(exit_code_of(pid), 0);
  }
  __atomic_store_n(&is_changing, 0, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
}

/* -- Resources --------------------------------------------------------------------------------- */

static void handle_needs_neither_descriptors_nor_memory(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);
  int init_err;
  int start_err;

  test_allocator_install(1, true);
  init_err = uv_signal_init(&f->loop, &signals[0]);
  start_err = uv_signal_start(&signals[0], count_call, SIGUSR1);
  test_allocator_remove();
  raise(SIGUSR1);
  turn(f);
  unlimit_descriptors(&before);
  assert_int_equal(init_err, 0);
  assert_int_equal(start_err, 0);
  assert_int_equal(calls[0], 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(what_cannot_be_caught_is_refused),
      loop_test(refused_signal_leaves_the_handle_stopped),
      loop_test(signals_that_are_ignored_by_default_arrive),
      loop_test(realtime_signals_arrive),
      loop_test(handler_keeps_errno),
      loop_test(system_calls_are_restarted),
      loop_test(default_action_is_back_at_once_if_only_oneshot_ones_watch),
      loop_test(signals_come_after_the_other_events_of_a_turn),
      loop_test(watches_go_on_in_the_child_of_a_fork),
      newer_loop_test(signals_to_a_child_are_not_seen_by_the_parent),
      newer_loop_test(signals_between_fork_and_uv_loop_fork_do_no_harm),
      loop_test(child_of_a_fork_amid_changes_can_catch_signals),
      loop_test(handle_needs_neither_descriptors_nor_memory),
  };
  return cmocka_run_group_tests_name("signals of POSIX", tests, NULL, NULL);
}
