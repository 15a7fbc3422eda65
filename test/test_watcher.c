/* Idle, prepare and check handles through the public interface: each test of what they share runs
 * for all three. */
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"

#include <stdbool.h>

/* -- One face for the three -------------------------------------------------------------------- */

union watcher {
  uv_handle_t handle;
  uv_idle_t idle;
  uv_prepare_t prepare;
  uv_check_t check;
};

typedef void (*watcher_cb)(union watcher* watcher);

enum { WATCHERS = 6 };

static union watcher watchers[WATCHERS];
static watcher_cb callbacks[WATCHERS];
static uv_handle_type type; /* of the watchers in the present test */

static void call(uv_handle_t* handle) {
  union watcher* watcher = (union watcher*) handle;
  callbacks[watcher - watchers](watcher);
}

static void on_idle(uv_idle_t* idle) {
  call((uv_handle_t*) idle);
}

static void on_prepare(uv_prepare_t* prepare) {
  call((uv_handle_t*) prepare);
}

static void on_check(uv_check_t* check) {
  call((uv_handle_t*) check);
}

static int init_one(uv_loop_t* loop, union watcher* watcher) {
  if (type == UV_IDLE)
    return uv_idle_init(loop, &watcher->idle);
  if (type == UV_PREPARE)
    return uv_prepare_init(loop, &watcher->prepare);
  return uv_check_init(loop, &watcher->check);
}

static int start_one(union watcher* watcher, bool with_callback) {
  if (type == UV_IDLE)
    return uv_idle_start(&watcher->idle, with_callback ? on_idle : NULL);
  if (type == UV_PREPARE)
    return uv_prepare_start(&watcher->prepare, with_callback ? on_prepare : NULL);
  return uv_check_start(&watcher->check, with_callback ? on_check : NULL);
}

static int stop_one(union watcher* watcher) {
  if (type == UV_IDLE)
    return uv_idle_stop(&watcher->idle);
  if (type == UV_PREPARE)
    return uv_prepare_stop(&watcher->prepare);
  return uv_check_stop(&watcher->check);
}

static void init(struct loop_fixture* f, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(init_one(&f->loop, &watchers[i]), 0);
}

static void start(int number, watcher_cb cb) {
  callbacks[number] = cb;
  assert_int_equal(start_one(&watchers[number], true), 0);
}

static void stop(int number) {
  assert_int_equal(stop_one(&watchers[number]), 0);
}

static int is_active(int number) {
  return uv_is_active(&watchers[number].handle);
}

/* Writes down the watcher's number. */
static void log_watcher(union watcher* watcher) {
  test_log(watcher->handle.loop, (char) ('0' + (watcher - watchers)));
}

static void never_called(union watcher* watcher) {
  fail_msg("watcher %d was called", (int) (watcher - watchers));
}

static uv_timer_t timer;

static void no_timer(uv_timer_t* handle) {
  (void) handle;
  fail_msg("the timer was called");
}

/* -- Init, start, stop ------------------------------------------------------------------------- */

static void a_new_watcher_is_inactive(void** state) {
  struct loop_fixture* f = *state;

  memset(&watchers[0], 0xab, sizeof(watchers[0]));
  watchers[0].handle.data = f;
  init(f, 1);
  assert_ptr_equal(watchers[0].handle.data, f);
  assert_ptr_equal(watchers[0].handle.loop, &f->loop);
  assert_int_equal(watchers[0].handle.type, type);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_has_ref(&watchers[0].handle), 1);
  assert_int_equal(uv_is_closing(&watchers[0].handle), 0);
  assert_int_equal(turn(f), 0);
}

static void a_started_watcher_runs_in_every_turn(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  start(0, log_watcher);
  assert_int_equal(is_active(0), 1);
  for (int i = 0; i < 3; i++)
    assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "000");

  stop(0);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(turn(f), 0);
  assert_string_equal(f->log, "000");
}

static void a_watcher_can_be_started_again(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  start(0, never_called);
  stop(0);
  start(0, log_watcher);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "0");
}

static void start_without_callback_is_refused(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  assert_int_equal(start_one(&watchers[0], false), UV_EINVAL);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void starting_an_active_watcher_changes_nothing(void** state) {
  struct loop_fixture* f = *state;

  init(f, 2);
  start(0, log_watcher);
  start(1, log_watcher);
  assert_int_equal(start_one(&watchers[0], false), 0);
  assert_int_equal(start_one(&watchers[0], true), 0);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "10");
  stop(0);
  assert_int_equal(is_active(0), 0);
}

static void second_idle(uv_idle_t* idle) {
  (void) idle;
  fail_msg("the second callback was called");
}

static void second_prepare(uv_prepare_t* prepare) {
  (void) prepare;
  fail_msg("the second callback was called");
}

static void second_check(uv_check_t* check) {
  (void) check;
  fail_msg("the second callback was called");
}

static void starting_an_active_watcher_keeps_its_callback(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  start(0, log_watcher);
  if (type == UV_IDLE)
    assert_int_equal(uv_idle_start(&watchers[0].idle, second_idle), 0);
  else if (type == UV_PREPARE)
    assert_int_equal(uv_prepare_start(&watchers[0].prepare, second_prepare), 0);
  else
    assert_int_equal(uv_check_start(&watchers[0].check, second_check), 0);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "0");
}

static void stop_is_always_possible(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  stop(0);
  start(0, never_called);
  stop(0);
  stop(0);
  assert_int_equal(turn(f), 0);

  uv_close(&watchers[0].handle, NULL);
  stop(0);
  assert_int_equal(turn(f), 0);
  stop(0);
}

static void a_closing_watcher_cannot_be_started(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  start(0, never_called);
  uv_close(&watchers[0].handle, NULL);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(start_one(&watchers[0], true), UV_EINVAL);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(start_one(&watchers[0], true), UV_EINVAL);
}

static void an_unreferenced_watcher_does_not_keep_the_loop_alive(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  uv_unref(&watchers[0].handle);
  start(0, log_watcher);
  assert_int_equal(is_active(0), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "");

  /* It runs as long as something else does. */
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, no_timer, 60000, 0);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "0");
}

static void unref_self(union watcher* watcher) {
  log_watcher(watcher);
  uv_unref(&watcher->handle);
}

static void unref_in_the_callback_counts_in_the_same_turn(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  start(0, unref_self);
  assert_int_equal(turn(f), 0);
  assert_string_equal(f->log, "0");
}

/* -- Order ------------------------------------------------------------------------------------- */

static void the_one_started_last_runs_first(void** state) {
  struct loop_fixture* f = *state;

  init(f, 4);
  start(2, log_watcher);
  start(0, log_watcher);
  start(3, log_watcher);
  start(1, log_watcher);
  turn(f);
  turn(f);
  assert_string_equal(f->log, "13021302");
}

static void start_two_others(union watcher* watcher) {
  log_watcher(watcher);
  if (!is_active(1)) {
    start(1, log_watcher);
    start(2, log_watcher);
  }
}

static void those_started_in_their_phase_wait_for_the_next_turn(void** state) {
  struct loop_fixture* f = *state;

  init(f, 4);
  start(3, log_watcher);
  start(0, start_two_others);
  turn(f);
  assert_string_equal(f->log, "03");
  turn(f);
  assert_string_equal(f->log, "032103");
}

static void stop_0(union watcher* watcher) {
  log_watcher(watcher);
  stop(0);
}

static void one_that_is_stopped_before_its_turn_came_does_not_run(void** state) {
  struct loop_fixture* f = *state;

  init(f, 3);
  start(2, log_watcher);
  start(0, never_called);
  start(1, stop_0);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "12");
}

static void stop_after_its_turn(union watcher* watcher) {
  log_watcher(watcher);
  stop(1);
}

static void one_that_ran_can_be_stopped_by_one_behind_it(void** state) {
  struct loop_fixture* f = *state;

  init(f, 2);
  start(0, stop_after_its_turn);
  start(1, log_watcher);
  turn(f);
  turn(f);
  assert_string_equal(f->log, "100");
}

static void restart_0_once(union watcher* watcher) {
  struct loop_fixture* f = watcher->handle.loop->data;

  log_watcher(watcher);
  if (strlen(f->log) == 1) {
    stop(0);
    start(0, log_watcher);
  }
}

static void one_that_is_restarted_in_its_phase_runs_in_the_next_turn(void** state) {
  struct loop_fixture* f = *state;

  init(f, 3);
  start(2, log_watcher);
  start(0, never_called);
  start(1, restart_0_once);
  turn(f);
  assert_string_equal(f->log, "12");
  turn(f);
  assert_string_equal(f->log, "12012");
}

static void stop_self(union watcher* watcher) {
  log_watcher(watcher);
  assert_int_equal(stop_one(watcher), 0);
}

static void a_watcher_can_stop_itself(void** state) {
  struct loop_fixture* f = *state;

  init(f, 3);
  for (int i = 0; i < 3; i++)
    start(i, stop_self);
  assert_int_equal(turn(f), 0);
  assert_string_equal(f->log, "210");
}

/* -- Close ------------------------------------------------------------------------------------- */

static void log_closed(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
  /* The memory is the user's again. */
  memset(handle, 0xcd, sizeof(union watcher));
}

static void close_all(union watcher* watcher) {
  log_watcher(watcher);
  for (int i = 0; i < 3; i++)
    uv_close(&watchers[i].handle, log_closed);
}

static void closing_in_a_callback_ends_those_that_did_not_run_yet(void** state) {
  struct loop_fixture* f = *state;

  init(f, 4);
  start(3, log_watcher);
  start(0, never_called);
  start(1, close_all);
  start(2, log_watcher);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "213ccc");
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "213ccc3");
}

static void closing_needs_no_callback(void** state) {
  struct loop_fixture* f = *state;

  init(f, 2);
  start(0, never_called);
  uv_close(&watchers[0].handle, NULL);
  uv_close(&watchers[1].handle, NULL);
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

/* -- The three together ------------------------------------------------------------------------ */

static uv_idle_t idle;
static uv_prepare_t prepare;
static uv_check_t check;

static void log_idle(uv_idle_t* handle) {
  test_log(handle->loop, 'i');
}

static void log_prepare(uv_prepare_t* handle) {
  test_log(handle->loop, 'p');
}

static void log_check(uv_check_t* handle) {
  test_log(handle->loop, 'c');
}

static void log_timer(uv_timer_t* handle) {
  test_log(handle->loop, 't');
}

static void init_all(struct loop_fixture* f) {
  assert_int_equal(uv_idle_init(&f->loop, &idle), 0);
  assert_int_equal(uv_prepare_init(&f->loop, &prepare), 0);
  assert_int_equal(uv_check_init(&f->loop, &check), 0);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
}

static void a_turn_runs_idle_then_prepare_then_check(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_check_start(&check, log_check);
  uv_idle_start(&idle, log_idle);
  uv_prepare_start(&prepare, log_prepare);
  turn(f);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "ipcipc");
}

static void an_idle_handle_makes_the_loop_not_wait(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_timer_start(&timer, no_timer, 60000, 0);
  assert_int_equal(turn(f), 1);
  assert_in_range(uv_backend_timeout(&f->loop), 1, 60000);

  /* Also one that does not count for the loop. */
  uv_unref((uv_handle_t*) &idle);
  uv_idle_start(&idle, log_idle);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "i");

  uv_idle_stop(&idle);
  assert_in_range(uv_backend_timeout(&f->loop), 1, 60000);
}

static void stop_idle(uv_timer_t* handle) {
  log_timer(handle);
  uv_idle_stop(&idle);
}

static void an_idle_handle_does_not_starve_timers(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_idle_start(&idle, log_idle);
  uv_timer_start(&timer, stop_idle, 5, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &timer), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &idle), 0);
}

static void stop_idle_itself(uv_idle_t* handle) {
  log_idle(handle);
  uv_idle_stop(handle);
}

static void check_runs_in_the_turn_in_which_idle_stops(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_unref((uv_handle_t*) &check);
  uv_check_start(&check, log_check);
  uv_timer_start(&timer, no_timer, 60000, 0);
  uv_idle_start(&idle, stop_idle_itself);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "ic");
}

static void start_prepare_and_delay_timer(uv_check_t* handle) {
  log_check(handle);
  uv_check_stop(handle);
  uv_prepare_start(&prepare, log_prepare);
  uv_timer_start(&timer, log_timer, 200, 0);
}

static void a_prepare_started_in_check_runs_before_a_delayed_timer(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_unref((uv_handle_t*) &prepare);
  uv_check_start(&check, start_prepare_and_delay_timer);
  uv_timer_start(&timer, no_timer, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "c");
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "cpt");
}

static int idle_setup(void** state) {
  type = UV_IDLE;
  return loop_setup(state);
}

static int prepare_setup(void** state) {
  type = UV_PREPARE;
  return loop_setup(state);
}

static int check_setup(void** state) {
  type = UV_CHECK;
  return loop_setup(state);
}

/* A test that runs for each of the three. */
#define idle_test(test) \
  { "idle: " #test, test, idle_setup, loop_teardown, NULL }
#define prepare_test(test) \
  { "prepare: " #test, test, prepare_setup, loop_teardown, NULL }
#define check_test(test) \
  { "check: " #test, test, check_setup, loop_teardown, NULL }
#define watcher_test(test) idle_test(test), prepare_test(test), check_test(test)

int main(void) {
  const struct CMUnitTest tests[] = {
      watcher_test(a_new_watcher_is_inactive),
      watcher_test(a_started_watcher_runs_in_every_turn),
      watcher_test(a_watcher_can_be_started_again),
      watcher_test(start_without_callback_is_refused),
      watcher_test(starting_an_active_watcher_changes_nothing),
      watcher_test(starting_an_active_watcher_keeps_its_callback),
      watcher_test(stop_is_always_possible),
      watcher_test(a_closing_watcher_cannot_be_started),
      watcher_test(an_unreferenced_watcher_does_not_keep_the_loop_alive),
      watcher_test(unref_in_the_callback_counts_in_the_same_turn),
      watcher_test(the_one_started_last_runs_first),
      watcher_test(those_started_in_their_phase_wait_for_the_next_turn),
      watcher_test(one_that_is_stopped_before_its_turn_came_does_not_run),
      watcher_test(one_that_ran_can_be_stopped_by_one_behind_it),
      watcher_test(one_that_is_restarted_in_its_phase_runs_in_the_next_turn),
      watcher_test(a_watcher_can_stop_itself),
      watcher_test(closing_in_a_callback_ends_those_that_did_not_run_yet),
      watcher_test(closing_needs_no_callback),
      loop_test(a_turn_runs_idle_then_prepare_then_check),
      loop_test(an_idle_handle_makes_the_loop_not_wait),
      loop_test(an_idle_handle_does_not_starve_timers),
      loop_test(check_runs_in_the_turn_in_which_idle_stops),
      loop_test(a_prepare_started_in_check_runs_before_a_delayed_timer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
