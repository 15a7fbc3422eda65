/* Signal handles: which callback runs for which signal, how often, in what order, on which loop,
 * and what the process does about the signal otherwise. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/loop_fixture.h"
#include "support/peer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
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

static uv_signal_t signals[8];
static int calls[8];
static uv_timer_t timer;

static void count_call(uv_signal_t* handle, int signum) {
  ptrdiff_t i = handle - signals;

  assert_int_equal(signum, handle->signum);
  calls[i]++;
  test_log(handle->loop, (char) ('a' + i));
}

static uv_signal_t* init_signal(struct loop_fixture* f, int i) {
  calls[i] = 0;
  assert_int_equal(uv_signal_init(&f->loop, &signals[i]), 0);
  return &signals[i];
}

static uv_signal_t* start(struct loop_fixture* f, int i, int signum) {
  uv_signal_t* handle = init_signal(f, i);

  assert_int_equal(uv_signal_start(handle, count_call, signum), 0);
  return handle;
}

static uv_signal_t* start_oneshot(struct loop_fixture* f, int i, int signum) {
  uv_signal_t* handle = init_signal(f, i);

  assert_int_equal(uv_signal_start_oneshot(handle, count_call, signum), 0);
  return handle;
}

static void raise_times(int signum, int times) {
  for (int i = 0; i < times; i++)
    assert_int_equal(raise(signum), 0);
}

static struct sigaction action_of(int signum) {
  struct sigaction action;

  assert_int_equal(sigaction(signum, NULL, &action), 0);
  return action;
}

static void on_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

/* -- One handle -------------------------------------------------------------------------------- */

static void callback_runs_in_the_loop_once_per_signal(void** state) {
  struct loop_fixture* f = *state;
  uv_signal_t* handle = start(f, 0, SIGUSR1);

  assert_int_equal(handle->signum, SIGUSR1);
  assert_true(uv_is_active((uv_handle_t*) handle));
  raise_times(SIGUSR1, 3);
  assert_int_equal(calls[0], 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_int_equal(calls[0], 3);
  turn(f);
  assert_int_equal(calls[0], 3);
}

static void fresh_handle_is_inactive_and_watches_nothing(void** state) {
  struct loop_fixture* f = *state;
  uv_signal_t* handle;

  memset(signals, 0xee, sizeof(signals));
  handle = init_signal(f, 0);
  assert_int_equal(handle->signum, 0);
  assert_int_equal(handle->type, UV_SIGNAL);
  assert_false(uv_is_active((uv_handle_t*) handle));
  assert_true(uv_has_ref((uv_handle_t*) handle));
  assert_int_equal(uv_signal_stop(handle), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

static void what_is_no_signal_is_refused(void** state) {
  struct loop_fixture* f = *state;
  const int refused[] = {0, -1, -SIGUSR1, NSIG, NSIG + 1, 4096, SIGKILL, SIGSTOP};

  init_signal(f, 0);
  for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
    assert_int_equal(uv_signal_start(&signals[0], count_call, refused[i]), UV_EINVAL);
    assert_int_equal(uv_signal_start_oneshot(&signals[0], count_call, refused[i]), UV_EINVAL);
    assert_int_equal(signals[0].signum, 0);
    assert_false(uv_is_active((uv_handle_t*) &signals[0]));
  }
}

static void closing_handle_is_refused(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  uv_close((uv_handle_t*) &signals[0], NULL);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGUSR1), UV_EINVAL);
  assert_int_equal(uv_signal_start_oneshot(&signals[0], count_call, SIGUSR1), UV_EINVAL);
  assert_int_equal(uv_signal_stop(&signals[0]), UV_EINVAL);
}

static void count_other(uv_signal_t* handle, int signum) {
  (void) signum;
  test_log(handle->loop, 'o');
}

static void starting_again_with_the_same_signal_swaps_the_callback(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise(SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_other, SIGUSR1), 0);
  turn(f);
  assert_string_equal(f->log, "o");
}

static void starting_with_another_signal_stops_the_first(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise(SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGUSR2), 0);
  assert_int_equal(signals[0].signum, SIGUSR2);
  assert_true(action_of(SIGUSR1).sa_handler == SIG_DFL);
  turn(f);
  assert_int_equal(calls[0], 0);
  raise(SIGUSR2);
  turn(f);
  assert_int_equal(calls[0], 1);
}

static void refused_signal_leaves_the_handle_stopped(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGKILL), UV_EINVAL);
  assert_int_equal(signals[0].signum, 0);
  assert_false(uv_is_active((uv_handle_t*) &signals[0]));
  assert_true(action_of(SIGUSR1).sa_handler == SIG_DFL);
}

static void nobody_needs_a_callback(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start(&signals[0], NULL, SIGUSR1), 0);
  raise(SIGUSR1);
  turn(f);
  assert_true(uv_is_active((uv_handle_t*) &signals[0]));
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

/* -- Stopping and closing ---------------------------------------------------------------------- */

static void last_stop_restores_the_default_action(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  uv_signal_stop(&signals[0]);
  assert_true(action_of(SIGUSR1).sa_handler != SIG_DFL);
  uv_signal_stop(&signals[1]);
  assert_true(action_of(SIGUSR1).sa_handler == SIG_DFL);
  assert_int_equal(signals[0].signum, 0);
}

static void stopping_drops_what_was_caught(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  raise_times(SIGUSR1, 2);
  uv_signal_stop(&signals[0]);
  turn(f);
  assert_int_equal(calls[0], 0);
  assert_int_equal(calls[1], 2);
}

static void what_was_dropped_does_not_come_after_a_restart(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise_times(SIGUSR1, 2);
  uv_signal_stop(&signals[0]);
  uv_signal_start(&signals[0], count_call, SIGUSR1);
  raise(SIGUSR1);
  turn(f);
  assert_int_equal(calls[0], 1);
}

static void stop_all(uv_signal_t* handle, int signum) {
  count_call(handle, signum);
  for (int i = 0; i < 3; i++)
    uv_signal_stop(&signals[i]);
}

static void stopping_in_a_callback_drops_the_rest_and_others(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 3; i++) {
    init_signal(f, i);
    assert_int_equal(uv_signal_start(&signals[i], stop_all, SIGUSR1), 0);
  }
  raise_times(SIGUSR1, 3);
  turn(f);
  assert_int_equal(calls[0] + calls[1] + calls[2], 1);
}

static void closing_before_the_callback_drops_it(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise(SIGUSR1);
  uv_close((uv_handle_t*) &signals[0], on_close);
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "x");
}

static void close_self(uv_signal_t* handle, int signum) {
  count_call(handle, signum);
  uv_close((uv_handle_t*) handle, on_close);
}

static void handle_may_be_closed_in_its_callback(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start(&signals[0], close_self, SIGUSR1), 0);
  raise_times(SIGUSR1, 3);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "ax");
}

/* -- One-shot ---------------------------------------------------------------------------------- */

static void check_active_and_count(uv_signal_t* handle, int signum) {
  assert_true(uv_is_active((uv_handle_t*) handle));
  count_call(handle, signum);
}

static void oneshot_is_stopped_after_its_callback(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start_oneshot(&signals[0], check_active_and_count, SIGUSR1), 0);
  raise(SIGUSR1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(calls[0], 1);
  assert_int_equal(signals[0].signum, 0);
  assert_true(action_of(SIGUSR1).sa_handler == SIG_DFL);
}

static void plain_ones_come_first_and_oneshot_ones_once(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  start_oneshot(f, 2, SIGUSR1);
  start(f, 3, SIGUSR1);
  raise(SIGUSR1);
  turn(f);
  assert_int_equal(strlen(f->log), 4);
  assert_int_equal(strspn(f->log, "bd"), 2);
  raise_times(SIGUSR1, 3);
  turn(f);
  assert_int_equal(calls[0], 1);
  assert_int_equal(calls[1], 4);
  assert_int_equal(calls[2], 1);
  assert_int_equal(calls[3], 4);
}

static void oneshot_beside_a_plain_one_is_told_once_of_many(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  raise_times(SIGUSR1, 5);
  turn(f);
  assert_int_equal(calls[0], 1);
  assert_int_equal(calls[1], 5);
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

static void oneshot_started_after_the_handler_reset_itself_watches(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  raise(SIGUSR1);
  start_oneshot(f, 1, SIGUSR1);
  raise(SIGUSR1);
  turn(f);
  assert_int_equal(calls[0], 1);
  assert_int_equal(calls[1], 1);
}

static void start_again(uv_signal_t* handle, int signum) {
  test_log(handle->loop, '1');
  uv_signal_stop(handle);
  assert_int_equal(uv_signal_start(handle, count_call, signum), 0);
}

static void handle_started_again_in_its_last_callback_stays(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start_oneshot(&signals[0], start_again, SIGUSR1), 0);
  raise(SIGUSR1);
  turn(f);
  assert_true(uv_is_active((uv_handle_t*) &signals[0]));
  raise_times(SIGUSR1, 2);
  turn(f);
  assert_string_equal(f->log, "1aa");
}

static void plain_start_after_a_oneshot_one_is_plain(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  uv_signal_stop(&signals[0]);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGUSR1), 0);
  raise_times(SIGUSR1, 2);
  turn(f);
  raise(SIGUSR1);
  turn(f);
  assert_int_equal(calls[0], 3);
}

/* -- With the rest of the loop ----------------------------------------------------------------- */

static void note_timer(uv_timer_t* handle) {
  test_log(handle->loop, 't');
}

static void unreferenced_handle_is_told_and_does_not_keep_the_loop(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  uv_unref((uv_handle_t*) &signals[0]);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, note_timer, 10, 0);
  raise(SIGUSR1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "at");
}

static uv_poll_t polls[2];

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

static void raise_in_callback(uv_signal_t* handle, int signum) {
  count_call(handle, signum);
  if (calls[0] < 5)
    raise(signum);
}

static void signal_raised_in_a_callback_is_another_one(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start(&signals[0], raise_in_callback, SIGUSR1), 0);
  raise(SIGUSR1);
  while (calls[0] < 5)
    uv_run(&f->loop, UV_RUN_ONCE);
  turn(f);
  assert_int_equal(calls[0], 5);
}

/* -- Many -------------------------------------------------------------------------------------- */

static void thousands_are_all_told(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise_times(SIGUSR1, 3000);
  turn(f);
  while (calls[0] < 3000)
    assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  turn(f);
  assert_int_equal(calls[0], 3000);
}

static void no_number_is_too_large(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR2);
  for (int i = 0; i < 50000; i++) {
    raise(SIGUSR1);
    raise(SIGUSR2);
  }
  turn(f);
  assert_int_equal(calls[0], 50000);
  assert_int_equal(calls[1], 50000);
}

enum { RAISERS = 4, RAISES = 2500 };

static void* raise_many(void* arg) {
  (void) arg;
  for (int i = 0; i < RAISES; i++)
    raise(SIGUSR1);
  return NULL;
}

/* raise(3) returns when the handler of the calling thread has run: none is merged. */
static void signals_caught_in_other_threads_are_all_told(void** state) {
  struct loop_fixture* f = *state;
  pthread_t threads[RAISERS];

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  for (int i = 0; i < RAISERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, raise_many, NULL), 0);
  while (calls[0] < RAISERS * RAISES)
    assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  for (int i = 0; i < RAISERS; i++)
    pthread_join(threads[i], NULL);
  turn(f);
  assert_int_equal(calls[0], RAISERS * RAISES);
  assert_int_equal(calls[1], RAISERS * RAISES);
}

struct own_loop {
  pthread_t thread;
  pthread_barrier_t* started;
  pthread_t told_in;
  int told;
};

static void stop_when_told(uv_signal_t* handle, int signum) {
  struct own_loop* own = handle->data;

  (void) signum;
  own->told++;
  own->told_in = pthread_self();
  uv_close((uv_handle_t*) handle, NULL);
}

static void* run_own_loop(void* arg) {
  struct own_loop* own = arg;
  uv_loop_t loop;
  uv_signal_t handle;

  handle.data = own;
  if (uv_loop_init(&loop) != 0 || uv_signal_init(&loop, &handle) != 0 ||
      uv_signal_start(&handle, stop_when_told, SIGUSR1) != 0)
    abort();
  pthread_barrier_wait(own->started);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop) != 0)
    abort();
  return NULL;
}

static void every_loop_is_told_in_its_own_thread(void** state) {
  enum { LOOPS = 3 };
  struct loop_fixture* f = *state;
  struct own_loop loops[LOOPS];
  pthread_barrier_t started;

  start(f, 0, SIGUSR1);
  pthread_barrier_init(&started, NULL, LOOPS + 1);
  for (int i = 0; i < LOOPS; i++) {
    loops[i] = (struct own_loop){.started = &started};
    assert_int_equal(pthread_create(&loops[i].thread, NULL, run_own_loop, &loops[i]), 0);
  }
  pthread_barrier_wait(&started);
  raise(SIGUSR1);
  for (int i = 0; i < LOOPS; i++) {
    pthread_join(loops[i].thread, NULL);
    assert_int_equal(loops[i].told, 1);
    assert_true(pthread_equal(loops[i].told_in, loops[i].thread));
  }
  turn(f);
  assert_int_equal(calls[0], 1);
  pthread_barrier_destroy(&started);
}

enum { ROUNDS = 50 };

static void ignore(uv_signal_t* handle, int signum) {
  (void) handle;
  (void) signum;
}

/* Another handle keeps the signals from being deadly. */
static void* make_and_close_loops(void* arg) {
  (void) arg;
  for (int round = 0; round < ROUNDS; round++) {
    uv_loop_t loop;
    uv_signal_t handles[3];
    if (uv_loop_init(&loop) != 0)
      abort();
    for (int i = 0; i < 3; i++)
      if (uv_signal_init(&loop, &handles[i]) != 0 ||
          uv_signal_start(&handles[i], ignore, i == 0 ? SIGUSR2 : SIGUSR1) != 0)
        abort();
    raise(SIGUSR1);
    uv_run(&loop, UV_RUN_NOWAIT);
    raise(SIGUSR2);
    for (int i = 0; i < 3; i++)
      uv_close((uv_handle_t*) &handles[i], NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0)
      abort();
  }
  return NULL;
}

static void loops_come_and_go_in_many_threads(void** state) {
  enum { THREADS = 6 };
  struct loop_fixture* f = *state;
  pthread_t threads[THREADS];

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR2);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, make_and_close_loops, NULL), 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  while (calls[0] < THREADS * ROUNDS || calls[1] < THREADS * ROUNDS)
    assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_int_equal(calls[0], THREADS * ROUNDS);
  assert_int_equal(calls[1], THREADS * ROUNDS);
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

/* -- Failure ----------------------------------------------------------------------------------- */

static void init_without_descriptors_fails_and_leaves_nothing(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);
  int err = uv_signal_init(&f->loop, &signals[0]);

  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(uv_loop_close(&f->loop), 0);
  assert_int_equal(uv_loop_init(&f->loop), 0);
  f->loop.data = f;
  start(f, 0, SIGUSR1);
  raise(SIGUSR1);
  turn(f);
  assert_int_equal(calls[0], 1);
}

static void init_without_memory_fails_and_leaves_nothing(void** state) {
  uv_loop_t loop;
  int failures = 0;

  (void) state;
  for (long fail_at = 1;; fail_at++) {
    int fds = count_descriptors();
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    test_allocator.calls = 0;
    test_allocator.fail_at = fail_at;
    int err = uv_signal_init(&loop, &signals[0]);
    test_allocator.fail_at = 0;
    if (err == 0)
      uv_close((uv_handle_t*) &signals[0], NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
    assert_int_equal(count_descriptors(), fds);
    if (err == 0)
      break;
    assert_int_equal(err, UV_ENOMEM);
    failures++;
  }
  assert_true(failures > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(callback_runs_in_the_loop_once_per_signal),
      loop_test(fresh_handle_is_inactive_and_watches_nothing),
      loop_test(what_is_no_signal_is_refused),
      newer_loop_test(closing_handle_is_refused),
      loop_test(starting_again_with_the_same_signal_swaps_the_callback),
      loop_test(starting_with_another_signal_stops_the_first),
      loop_test(refused_signal_leaves_the_handle_stopped),
      newer_loop_test(nobody_needs_a_callback),
      loop_test(signals_that_are_ignored_by_default_arrive),
      loop_test(realtime_signals_arrive),
      loop_test(handler_keeps_errno),
      loop_test(system_calls_are_restarted),
      loop_test(last_stop_restores_the_default_action),
      loop_test(stopping_drops_what_was_caught),
      newer_loop_test(what_was_dropped_does_not_come_after_a_restart),
      loop_test(stopping_in_a_callback_drops_the_rest_and_others),
      loop_test(closing_before_the_callback_drops_it),
      loop_test(handle_may_be_closed_in_its_callback),
      loop_test(oneshot_is_stopped_after_its_callback),
      loop_test(plain_ones_come_first_and_oneshot_ones_once),
      loop_test(oneshot_beside_a_plain_one_is_told_once_of_many),
      loop_test(default_action_is_back_at_once_if_only_oneshot_ones_watch),
      newer_loop_test(oneshot_started_after_the_handler_reset_itself_watches),
      newer_loop_test(handle_started_again_in_its_last_callback_stays),
      newer_loop_test(plain_start_after_a_oneshot_one_is_plain),
      loop_test(unreferenced_handle_is_told_and_does_not_keep_the_loop),
      loop_test(signals_come_after_the_other_events_of_a_turn),
      loop_test(signal_raised_in_a_callback_is_another_one),
      loop_test(thousands_are_all_told),
      newer_loop_test(no_number_is_too_large),
      newer_loop_test(signals_caught_in_other_threads_are_all_told),
      loop_test(every_loop_is_told_in_its_own_thread),
      loop_test(loops_come_and_go_in_many_threads),
      loop_test(watches_go_on_in_the_child_of_a_fork),
      newer_loop_test(signals_to_a_child_are_not_seen_by_the_parent),
      newer_loop_test(signals_between_fork_and_uv_loop_fork_do_no_harm),
      loop_test(child_of_a_fork_amid_changes_can_catch_signals),
      newer_loop_test(init_without_descriptors_fails_and_leaves_nothing),
      newer_plain_test(init_without_memory_fails_and_leaves_nothing),
  };
  return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
