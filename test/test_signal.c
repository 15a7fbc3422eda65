/* Signal handles: which callback runs for which signal, how often, in what order, on which loop. */
#include "support/peer.h"
#include "support/signals.h"

#include <stdlib.h>

static uv_timer_t timer;

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
  const int refused[] = {0, -1, -SIGUSR1, NSIG, NSIG + 1, 4096};

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
  raise_signal(SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_other, SIGUSR1), 0);
  turn(f);
  assert_string_equal(f->log, "o");
}

static void starting_with_another_signal_stops_the_first(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  raise_signal(SIGUSR1);
  assert_int_equal(uv_signal_start(&signals[0], count_call, SIGUSR2), 0);
  assert_int_equal(signals[0].signum, SIGUSR2);
  assert_true(has_default_action(SIGUSR1));
  turn(f);
  assert_int_equal(calls[0], 0);
  raise_signal(SIGUSR2);
  turn(f);
  assert_int_equal(calls[0], 1);
}

static void nobody_needs_a_callback(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start(&signals[0], NULL, SIGUSR1), 0);
  raise_signal(SIGUSR1);
  turn(f);
  assert_true(uv_is_active((uv_handle_t*) &signals[0]));
}

/* -- Stopping and closing ---------------------------------------------------------------------- */

static void last_stop_restores_the_default_action(void** state) {
  struct loop_fixture* f = *state;

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  uv_signal_stop(&signals[0]);
  assert_false(has_default_action(SIGUSR1));
  uv_signal_stop(&signals[1]);
  assert_true(has_default_action(SIGUSR1));
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
  raise_signal(SIGUSR1);
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
  raise_signal(SIGUSR1);
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
  raise_signal(SIGUSR1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(calls[0], 1);
  assert_int_equal(signals[0].signum, 0);
  assert_true(has_default_action(SIGUSR1));
}

static void plain_ones_come_first_and_oneshot_ones_once(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  start_oneshot(f, 2, SIGUSR1);
  start(f, 3, SIGUSR1);
  raise_signal(SIGUSR1);
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

static void oneshot_started_after_the_handler_reset_itself_watches(void** state) {
  struct loop_fixture* f = *state;

  start_oneshot(f, 0, SIGUSR1);
  raise_signal(SIGUSR1);
  start_oneshot(f, 1, SIGUSR1);
  raise_signal(SIGUSR1);
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
  raise_signal(SIGUSR1);
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
  raise_signal(SIGUSR1);
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
  raise_signal(SIGUSR1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "at");
}

static void raise_in_callback(uv_signal_t* handle, int signum) {
  count_call(handle, signum);
  if (calls[0] < 5)
    raise_signal(signum);
}

static void signal_raised_in_a_callback_is_another_one(void** state) {
  struct loop_fixture* f = *state;

  init_signal(f, 0);
  assert_int_equal(uv_signal_start(&signals[0], raise_in_callback, SIGUSR1), 0);
  raise_signal(SIGUSR1);
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
    raise_signal(SIGUSR1);
    raise_signal(SIGUSR2);
  }
  turn(f);
  assert_int_equal(calls[0], 50000);
  assert_int_equal(calls[1], 50000);
}

enum { RAISERS = 4, RAISES = 2500 };

static void raise_many(void* arg) {
  (void) arg;
  for (int i = 0; i < RAISES; i++)
    raise_signal(SIGUSR1);
}

/* Raising returns when the handler of the calling thread has run: none is merged. */
static void signals_caught_in_other_threads_are_all_told(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t threads[RAISERS];

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR1);
  for (int i = 0; i < RAISERS; i++)
    assert_int_equal(uv_thread_create(&threads[i], raise_many, NULL), 0);
  while (calls[0] < RAISERS * RAISES)
    assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  for (int i = 0; i < RAISERS; i++)
    uv_thread_join(&threads[i]);
  turn(f);
  assert_int_equal(calls[0], RAISERS * RAISES);
  assert_int_equal(calls[1], RAISERS * RAISES);
}

struct own_loop {
  uv_thread_t thread;
  uv_barrier_t* started;
  uv_thread_t self; /* as the thread sees it */
  int told;
};

static void stop_when_told(uv_signal_t* handle, int signum) {
  struct own_loop* own = handle->data;

  (void) signum;
  own->told++;
  uv_thread_t told_in = uv_thread_self();
  assert_true(uv_thread_equal(&told_in, &own->self));
  uv_close((uv_handle_t*) handle, NULL);
}

static void run_own_loop(void* arg) {
  struct own_loop* own = arg;
  uv_loop_t loop;
  uv_signal_t handle;

  own->self = uv_thread_self();
  handle.data = own;
  if (uv_loop_init(&loop) != 0 || uv_signal_init(&loop, &handle) != 0 ||
      uv_signal_start(&handle, stop_when_told, SIGUSR1) != 0)
    abort();
  uv_barrier_wait(own->started);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop) != 0)
    abort();
}

static void every_loop_is_told_in_its_own_thread(void** state) {
  enum { LOOPS = 3 };
  struct loop_fixture* f = *state;
  struct own_loop loops[LOOPS];
  uv_barrier_t started;

  start(f, 0, SIGUSR1);
  assert_int_equal(uv_barrier_init(&started, LOOPS + 1), 0);
  for (int i = 0; i < LOOPS; i++) {
    loops[i] = (struct own_loop){.started = &started};
    assert_int_equal(uv_thread_create(&loops[i].thread, run_own_loop, &loops[i]), 0);
  }
  uv_barrier_wait(&started);
  raise_signal(SIGUSR1);
  for (int i = 0; i < LOOPS; i++) {
    uv_thread_join(&loops[i].thread);
    assert_int_equal(loops[i].told, 1);
  }
  turn(f);
  assert_int_equal(calls[0], 1);
  uv_barrier_destroy(&started);
}

enum { ROUNDS = 50 };

static void ignore(uv_signal_t* handle, int signum) {
  (void) handle;
  (void) signum;
}

/* Another handle keeps the signals from being deadly. */
static void make_and_close_loops(void* arg) {
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
    raise_signal(SIGUSR1);
    uv_run(&loop, UV_RUN_NOWAIT);
    raise_signal(SIGUSR2);
    for (int i = 0; i < 3; i++)
      uv_close((uv_handle_t*) &handles[i], NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0)
      abort();
  }
}

static void loops_come_and_go_in_many_threads(void** state) {
  enum { THREADS = 6 };
  struct loop_fixture* f = *state;
  uv_thread_t threads[THREADS];

  start(f, 0, SIGUSR1);
  start(f, 1, SIGUSR2);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], make_and_close_loops, NULL), 0);
  for (int i = 0; i < THREADS; i++)
    uv_thread_join(&threads[i]);
  while (calls[0] < THREADS * ROUNDS || calls[1] < THREADS * ROUNDS)
    assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_int_equal(calls[0], THREADS * ROUNDS);
  assert_int_equal(calls[1], THREADS * ROUNDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(callback_runs_in_the_loop_once_per_signal),
      loop_test(fresh_handle_is_inactive_and_watches_nothing),
      loop_test(what_is_no_signal_is_refused),
      newer_loop_test(closing_handle_is_refused),
      loop_test(starting_again_with_the_same_signal_swaps_the_callback),
      loop_test(starting_with_another_signal_stops_the_first),
      newer_loop_test(nobody_needs_a_callback),
      loop_test(last_stop_restores_the_default_action),
      loop_test(stopping_drops_what_was_caught),
      newer_loop_test(what_was_dropped_does_not_come_after_a_restart),
      loop_test(stopping_in_a_callback_drops_the_rest_and_others),
      loop_test(closing_before_the_callback_drops_it),
      loop_test(handle_may_be_closed_in_its_callback),
      loop_test(oneshot_is_stopped_after_its_callback),
      loop_test(plain_ones_come_first_and_oneshot_ones_once),
      loop_test(oneshot_beside_a_plain_one_is_told_once_of_many),
      newer_loop_test(oneshot_started_after_the_handler_reset_itself_watches),
      newer_loop_test(handle_started_again_in_its_last_callback_stays),
      newer_loop_test(plain_start_after_a_oneshot_one_is_plain),
      loop_test(unreferenced_handle_is_told_and_does_not_keep_the_loop),
      loop_test(signal_raised_in_a_callback_is_another_one),
      loop_test(thousands_are_all_told),
      newer_loop_test(no_number_is_too_large),
      newer_loop_test(signals_caught_in_other_threads_are_all_told),
      loop_test(every_loop_is_told_in_its_own_thread),
      loop_test(loops_come_and_go_in_many_threads),
  };
  return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
