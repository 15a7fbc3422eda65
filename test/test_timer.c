/* Timers through the public interface. */
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"
#include "support/random.h"

#include <limits.h>

enum { NS_PER_MS = 1000000, TIMERS = 8 };

static uv_timer_t timers[TIMERS];

/* Writes down the timer's number as a letter: '0' for timers[0]. */
static void log_timer(uv_timer_t* timer) {
  test_log(timer->loop, (char) ('0' + (timer - timers)));
}

static void never_called(uv_timer_t* timer) {
  fail_msg("timer %d was called", (int) (timer - timers));
}

static void init_timers(struct loop_fixture* f, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(uv_timer_init(&f->loop, &timers[i]), 0);
}

static void start(int number, uv_timer_cb cb, uint64_t timeout, uint64_t repeat) {
  assert_int_equal(uv_timer_start(&timers[number], cb, timeout, repeat), 0);
}

static int is_active(int number) {
  return uv_is_active((uv_handle_t*) &timers[number]);
}

/* Lets time pass without the loop's noticing. */
static void spin_ms(uint64_t ms) {
  uint64_t end = uv_hrtime() + ms * NS_PER_MS;

  while (uv_hrtime() < end)
    continue;
}

/* Lets time pass, and the loop's time with it. */
static void pass_ms(struct loop_fixture* f, uint64_t ms) {
  spin_ms(ms + 1);
  uv_update_time(&f->loop);
}

/* Lets a turn pass: what is new to the kernel, such as the loop itself, is not told to it before,
 * and as long as that is so uv_backend_timeout() is 0. */
static void settle(struct loop_fixture* f) {
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, never_called, 60000, 0);
  assert_int_equal(turn(f), 1);
  uv_timer_stop(&timer);
}

/* -- Init, start, stop ------------------------------------------------------------------------- */

static void a_new_timer_is_inactive_and_nothing_is_due(void** state) {
  struct loop_fixture* f = *state;
  char datum;

  memset(&timers[0], 0xab, sizeof(timers[0]));
  timers[0].data = &datum;
  init_timers(f, 1);
  assert_ptr_equal(timers[0].data, &datum);
  assert_ptr_equal(timers[0].loop, &f->loop);
  assert_int_equal(timers[0].type, UV_TIMER);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_is_closing((uv_handle_t*) &timers[0]), 0);
  assert_int_equal(uv_has_ref((uv_handle_t*) &timers[0]), 1);
  assert_int_equal(uv_timer_get_repeat(&timers[0]), 0);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void a_timer_fires_once(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, log_timer, 1, 0);
  assert_int_equal(is_active(0), 1);
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(is_active(0), 0);
  pass_ms(f, 3);
  assert_int_equal(turn(f), 0);
  assert_string_equal(f->log, "0");
}

static void start_without_callback_is_refused(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  assert_int_equal(uv_timer_start(&timers[0], NULL, 1, 1), UV_EINVAL);
  assert_int_equal(is_active(0), 0);

  /* An active timer is left as it was. */
  start(0, log_timer, 5, 0);
  assert_int_equal(uv_timer_start(&timers[0], NULL, 77, 88), UV_EINVAL);
  assert_int_equal(is_active(0), 1);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 5);
  assert_int_equal(uv_timer_get_repeat(&timers[0]), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "0");
}

static void a_closing_timer_cannot_be_started(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, never_called, 0, 1);
  uv_close((uv_handle_t*) &timers[0], NULL);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_timer_start(&timers[0], never_called, 0, 0), UV_EINVAL);
  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_timer_start(&timers[0], never_called, 0, 0), UV_EINVAL);
}

static void stop_is_always_possible(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  assert_int_equal(uv_timer_stop(&timers[0]), 0);
  start(0, never_called, 0, 0);
  assert_int_equal(uv_timer_stop(&timers[0]), 0);
  assert_int_equal(uv_timer_stop(&timers[0]), 0);
  assert_int_equal(is_active(0), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  pass_ms(f, 1);
  assert_int_equal(turn(f), 0);

  uv_close((uv_handle_t*) &timers[0], NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_timer_stop(&timers[0]), 0);
}

static void stop_keeps_callback_repeat_and_deadline(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, log_timer, 60000, 1);
  uv_timer_stop(&timers[0]);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 60000);
  assert_int_equal(uv_timer_get_repeat(&timers[0]), 1);
  pass_ms(f, 2);
  assert_in_range(uv_timer_get_due_in(&timers[0]), 1, 59998);

  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "0");
}

/* -- Deadlines and order ----------------------------------------------------------------------- */

static void equal_deadlines_fire_in_start_order(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 4);
  start(2, log_timer, 10, 0);
  start(0, log_timer, 10, 0);
  start(3, log_timer, 10, 0);
  start(1, log_timer, 10, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "2031");
}

static void deadlines_come_before_start_order(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 4);
  start(0, log_timer, 140, 0);
  start(1, log_timer, 70, 0);
  start(2, log_timer, 3, 0);
  start(3, log_timer, 0, 0);
  pass_ms(f, 150);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "3210");
}

static void restarting_moves_behind_equal_deadlines(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  for (int i = 0; i < 3; i++)
    start(i, log_timer, 5, 0);
  start(1, log_timer, 5, 0);
  start(0, log_timer, 5, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "210");
}

static void restarting_moves_the_deadline(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  start(0, log_timer, 0, 0);
  start(1, log_timer, 4, 0);
  start(0, log_timer, 9, 0);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 9);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "10");
}

static void zero_timeouts_fire_in_the_next_turn(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  for (int i = 0; i < 3; i++)
    start(i, log_timer, 0, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "012");
}

static void a_timeout_counts_from_loop_time(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  uv_update_time(&f->loop);
  spin_ms(12);
  start(0, log_timer, 10, 0);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 10);
  assert_int_equal(turn(f), 0);
  assert_string_equal(f->log, "0");
}

static void due_in_counts_down_to_zero(void** state) {
  struct loop_fixture* f = *state;
  uint64_t start_ms;

  init_timers(f, 1);
  uv_update_time(&f->loop);
  start_ms = uv_now(&f->loop);
  start(0, log_timer, 5, 0);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 5);
  while (uv_timer_get_due_in(&timers[0]) > 0) {
    uv_update_time(&f->loop);
    if (uv_now(&f->loop) < start_ms + 5)
      assert_int_equal(uv_timer_get_due_in(&timers[0]), start_ms + 5 - uv_now(&f->loop));
  }
  assert_true(uv_now(&f->loop) >= start_ms + 5);
  assert_string_equal(f->log, "");
}

static void deadlines_beyond_the_end_of_time_are_the_end_of_time(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 4);
  start(0, never_called, UINT64_MAX, 0);
  start(1, never_called, UINT64_MAX - uv_now(&f->loop) + 1, UINT64_MAX);
  start(2, never_called, (UINT64_C(1) << 48) - 1, 0);
  start(3, log_timer, 1, UINT64_MAX);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), UINT64_MAX - uv_now(&f->loop));
  assert_int_equal(uv_timer_get_due_in(&timers[1]), UINT64_MAX - uv_now(&f->loop));
  assert_int_equal(uv_timer_get_due_in(&timers[2]), (UINT64_C(1) << 48) - 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "3");
  assert_int_equal(uv_timer_get_due_in(&timers[3]), UINT64_MAX - uv_now(&f->loop));
  assert_int_equal(uv_backend_timeout(&f->loop), INT_MAX);
}

static void any_power_of_two_is_a_timeout(void** state) {
  static uv_timer_t distant[64];
  struct loop_fixture* f = *state;

  settle(f);
  for (unsigned int i = 0; i < 64; i++) {
    uv_timer_init(&f->loop, &distant[i]);
    assert_int_equal(uv_timer_start(&distant[i], never_called, UINT64_C(1) << i, 0), 0);
    assert_int_equal(uv_timer_get_due_in(&distant[i]), UINT64_C(1) << i);
  }
  for (unsigned int i = 0; i < 64; i++) {
    uint64_t next_ms = UINT64_C(1) << i;
    assert_int_equal(uv_backend_timeout(&f->loop), next_ms < INT_MAX ? (int) next_ms : INT_MAX);
    uv_timer_stop(&distant[i]);
  }
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
}

static void members_that_programs_read_are_kept(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  start(0, log_timer, 30, 7);
  start(1, log_timer, 20, 0);
  assert_int_equal(timers[0].timeout, uv_now(&f->loop) + 30);
  assert_int_equal(timers[0].repeat, 7);
  assert_true(timers[0].timer_cb == log_timer);
  assert_true(timers[1].start_id > timers[0].start_id);
}

/* -- Never early ------------------------------------------------------------------------------- */

enum { PUNCTUAL_TIMERS = 400 };

struct punctual_timer {
  uv_timer_t timer;
  uint64_t timeout_ms;
  uint64_t earliest_ns;
  uint64_t earliest_loop_ms;
};

static struct {
  struct punctual_timer timers[PUNCTUAL_TIMERS];
  struct test_random random;
  int started;
  int fired;
} punctual;

static void start_punctual_timer(uv_loop_t* loop, uv_timer_cb cb) {
  struct punctual_timer* p = &punctual.timers[punctual.started++];
  uint64_t spin_ns = test_random_below(&punctual.random, 300000);
  uint64_t before_ns = uv_hrtime();

  /* Start at any moment within a millisecond. */
  while (uv_hrtime() < before_ns + spin_ns)
    continue;
  before_ns = uv_hrtime();
  uv_update_time(loop);
  p->timeout_ms = test_random_below(&punctual.random, 20);
  p->earliest_ns = before_ns + p->timeout_ms * NS_PER_MS;
  p->earliest_loop_ms = uv_now(loop) + p->timeout_ms;
  uv_timer_init(loop, &p->timer);
  assert_int_equal(uv_timer_start(&p->timer, cb, p->timeout_ms, 0), 0);
}

static void check_punctuality(uv_timer_t* timer) {
  const struct punctual_timer* p = (struct punctual_timer*) timer;
  uint64_t now_ns = uv_hrtime();

  if (now_ns < p->earliest_ns)
    fail_msg("a timer of %d ms fired %d ns early", (int) p->timeout_ms,
             (int) (p->earliest_ns - now_ns));
  assert_true(uv_now(timer->loop) >= p->earliest_loop_ms);
  punctual.fired++;
  for (int i = 0; i < 2 && punctual.started < PUNCTUAL_TIMERS; i++)
    start_punctual_timer(timer->loop, check_punctuality);
}

static void no_timer_fires_before_its_time(void** state) {
  struct loop_fixture* f = *state;

  punctual.random = test_random_seeded(4711);
  punctual.started = 0;
  punctual.fired = 0;
  start_punctual_timer(&f->loop, check_punctuality);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(punctual.fired, PUNCTUAL_TIMERS);
}

/* -- Repeating --------------------------------------------------------------------------------- */

static void stop_after_three(uv_timer_t* timer) {
  struct loop_fixture* f = timer->loop->data;

  assert_int_equal(uv_is_active((uv_handle_t*) timer), 1);
  assert_int_equal(uv_timer_get_due_in(timer), 2);
  log_timer(timer);
  if (strlen(f->log) == 3)
    uv_timer_stop(timer);
}

static void a_repeating_timer_is_armed_again_before_its_callback(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, stop_after_three, 1, 2);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "000");
}

static void expect_inactive(uv_timer_t* timer) {
  assert_int_equal(uv_is_active((uv_handle_t*) timer), 0);
  log_timer(timer);
}

static void a_timer_that_does_not_repeat_is_inactive_in_its_callback(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, expect_inactive, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "0");
}

static void missed_periods_are_lost(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, log_timer, 10, 10);
  pass_ms(f, 45);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "0");
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 10);
}

static void set_repeat_leaves_the_deadline(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  uv_timer_set_repeat(&timers[0], 3);
  assert_int_equal(uv_timer_get_repeat(&timers[0]), 3);
  assert_int_equal(is_active(0), 0);

  start(0, log_timer, 4, 1);
  uv_timer_set_repeat(&timers[0], 1000);
  assert_int_equal(uv_timer_get_repeat(&timers[0]), 1000);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 4);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "0");
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 1000);
}

static void end_repeating(uv_timer_t* timer) {
  struct loop_fixture* f = timer->loop->data;

  assert_int_equal(uv_is_active((uv_handle_t*) timer), strlen(f->log) == 0);
  log_timer(timer);
  uv_timer_set_repeat(timer, 0);
}

static void repeat_zero_in_a_callback_leaves_one_more_firing(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, end_repeating, 1, 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "00");
}

static void repeat_once_more(uv_timer_t* timer) {
  struct loop_fixture* f = timer->loop->data;

  log_timer(timer);
  uv_timer_set_repeat(timer, strlen(f->log) < 3 ? 2 : 0);
  assert_int_equal(uv_timer_again(timer), 0);
}

static void again_in_a_callback_makes_a_timer_repeat(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, repeat_once_more, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  /* The third call found itself armed already. */
  assert_string_equal(f->log, "0000");
}

static void again_needs_a_start(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  uv_timer_set_repeat(&timers[0], 5);
  assert_int_equal(uv_timer_again(&timers[0]), UV_EINVAL);
  assert_int_equal(uv_timer_start(&timers[0], NULL, 1, 1), UV_EINVAL);
  assert_int_equal(uv_timer_again(&timers[0]), UV_EINVAL);
  assert_int_equal(is_active(0), 0);
}

static void again_without_repeat_does_nothing(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, log_timer, 3, 0);
  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(is_active(0), 1);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 3);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "0");

  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(is_active(0), 0);
}

static void again_restarts_with_the_repeat_value(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  start(0, log_timer, 1000, 6);
  start(1, log_timer, 6, 0);
  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 6);
  uv_timer_stop(&timers[0]);
  assert_int_equal(uv_timer_again(&timers[0]), 0);
  assert_int_equal(is_active(0), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "10");
  assert_int_equal(uv_timer_get_due_in(&timers[0]), 6);
}

/* -- In callbacks ------------------------------------------------------------------------------ */

static void stop_next(uv_timer_t* timer) {
  log_timer(timer);
  uv_timer_stop(timer + 1);
}

static void one_that_is_stopped_by_another_that_is_due_does_not_fire(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  start(0, stop_next, 1, 0);
  start(1, never_called, 1, 5);
  start(2, log_timer, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "02");
}

static void close_next(uv_timer_t* timer) {
  log_timer(timer);
  uv_close((uv_handle_t*) (timer + 1), NULL);
}

static void one_that_is_closed_by_another_that_is_due_does_not_fire(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  start(0, close_next, 1, 0);
  start(1, never_called, 1, 5);
  start(2, log_timer, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "02");
}

static void delay_next(uv_timer_t* timer) {
  log_timer(timer);
  assert_int_equal(uv_timer_start(timer + 1, log_timer, 10, 0), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) (timer + 1)), 1);
}

static void one_that_is_restarted_by_another_that_is_due_waits_anew(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  start(0, delay_next, 1, 0);
  start(1, never_called, 1, 0);
  start(2, log_timer, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "02");
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "021");
}

static void start_at_once(uv_timer_t* timer) {
  log_timer(timer);
  assert_int_equal(uv_timer_start(timer, log_timer, 0, 0), 0);
  assert_int_equal(uv_timer_start(&timers[1], log_timer, 0, 0), 0);
}

static void zero_timers_started_in_a_callback_wait_for_the_next_turn(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  start(0, start_at_once, 0, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "0");
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "001");
}

static void expect_batch_inactive(uv_timer_t* timer) {
  log_timer(timer);
  for (int i = 0; i < 3; i++)
    assert_int_equal(is_active(i), 0);
  assert_int_equal(timer->loop->active_handles, 0);
}

static void none_that_is_due_is_active_when_the_first_is_called(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  for (int i = 0; i < 3; i++)
    start(i, expect_batch_inactive, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "012");
}

static void close_self(uv_timer_t* timer) {
  log_timer(timer);
  uv_close((uv_handle_t*) timer, NULL);
}

static void a_repeating_timer_can_close_itself(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, close_self, 1, 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "0");
}

static void stop_loop(uv_timer_t* timer) {
  log_timer(timer);
  uv_stop(timer->loop);
}

static void uv_stop_lets_the_due_ones_fire(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 3);
  start(0, stop_loop, 1, 0);
  start(1, log_timer, 1, 0);
  start(2, never_called, 60000, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 1);
  assert_string_equal(f->log, "01");
}

static size_t count(const char* text, char letter) {
  size_t found = 0;

  for (; *text != '\0'; text++)
    found += *text == letter;
  return found;
}

static void free_handle(uv_handle_t* handle) {
  test_log(handle->loop, 'f');
  free(handle);
}

static void close_and_free(uv_timer_t* timer) {
  test_log(timer->loop, 't');
  uv_close((uv_handle_t*) timer, free_handle);
}

static void close_callbacks_may_free_timers(void** state) {
  struct loop_fixture* f = *state;

  for (uint64_t i = 0; i < 6; i++) {
    uv_timer_t* timer = malloc(sizeof(*timer));
    assert_non_null(timer);
    uv_timer_init(&f->loop, timer);
    /* Due in one batch; waiting; repeating; never started. */
    if (i < 5)
      uv_timer_start(timer, close_and_free, i < 3 ? 0 : 3, i % 2);
    else
      uv_close((uv_handle_t*) timer, free_handle);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(count(f->log, 't'), 5);
  assert_int_equal(count(f->log, 'f'), 6);
}

/* -- The loop ---------------------------------------------------------------------------------- */

static void backend_timeout_is_the_time_to_the_next_timer(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  settle(f);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  start(0, log_timer, 1000, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 1000);
  start(1, log_timer, 1, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 1);
  start(1, log_timer, 0, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  uv_timer_stop(&timers[1]);
  assert_int_equal(uv_backend_timeout(&f->loop), 1000);
  start(0, log_timer, (uint64_t) INT_MAX + 1, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), INT_MAX);
}

static void log_one_of_many(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}

static void no_prepare(uv_prepare_t* prepare) {
  (void) prepare;
}

static void log_check(uv_check_t* check) {
  test_log(check->loop, 'c');
}

static void backend_timeout_is_without_limit_if_no_timer_runs(void** state) {
  static uv_prepare_t prepare;
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  settle(f);
  uv_prepare_init(&f->loop, &prepare);
  uv_prepare_start(&prepare, no_prepare);
  assert_int_equal(uv_backend_timeout(&f->loop), -1);

  /* A timer counts for the time even if it does not count for the loop. */
  uv_unref((uv_handle_t*) &timers[0]);
  start(0, log_timer, 50, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 50);
}

static void an_unreferenced_timer_does_not_keep_the_loop_alive(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 2);
  uv_unref((uv_handle_t*) &timers[0]);
  start(0, log_timer, 1, 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  pass_ms(f, 2);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "");

  start(1, log_timer, 3, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "01");
}

static void nowait_does_not_wait_for_a_timer(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, never_called, 100000, 0);
  assert_int_equal(turn(f), 1);
}

static void a_due_timer_fires_once_in_a_turn_that_does_not_wait(void** state) {
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  start(0, log_timer, 1, 1);
  pass_ms(f, 2);
  assert_int_equal(turn(f), 1);
  assert_string_equal(f->log, "0");
}

/* However the loop comes to its deadline, a turn that waits for a timer is one turn. */
static void waiting_for_one_of_many_timers_is_one_turn(void** state) {
  enum { COUNT = 200 };
  static uv_timer_t many[COUNT];
  static uv_check_t check;
  struct loop_fixture* f = *state;
  uint64_t start_ms;

  uv_check_init(&f->loop, &check);
  uv_check_start(&check, log_check);
  uv_update_time(&f->loop);
  start_ms = uv_now(&f->loop);
  for (int i = 0; i < COUNT; i++) {
    uv_timer_init(&f->loop, &many[i]);
    uv_timer_start(&many[i], log_one_of_many, 140, 0);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_true(uv_now(&f->loop) >= start_ms + 140);
  assert_int_equal(f->log[0], 'c');
  assert_int_equal(count(f->log, 'c'), 1);
  assert_int_equal(count(f->log, 't'), COUNT);
}

static void delay_due_timer(uv_check_t* check) {
  test_log(check->loop, 'c');
  assert_int_equal(uv_timer_start(&timers[0], never_called, 60000, 0), 0);
}

static void a_check_callback_can_delay_a_due_timer(void** state) {
  static uv_check_t check;
  struct loop_fixture* f = *state;

  init_timers(f, 1);
  uv_check_init(&f->loop, &check);
  uv_check_start(&check, delay_due_timer);
  start(0, never_called, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "c");
  assert_int_equal(is_active(0), 1);
}

/* -- Many -------------------------------------------------------------------------------------- */

enum { MANY = 100000 };

static struct {
  uint64_t last_deadline;
  uint64_t last_id;
  int fired;
} many_state;

static void check_order(uv_timer_t* timer) {
  if (timer->timeout == many_state.last_deadline)
    assert_true(timer->start_id > many_state.last_id);
  else
    assert_true(timer->timeout > many_state.last_deadline);
  many_state.last_deadline = timer->timeout;
  many_state.last_id = timer->start_id;
  many_state.fired++;
}

static void count_closed(uv_handle_t* handle) {
  (void) handle;
  many_state.fired--;
}

static void a_hundred_thousand_timers_fire_in_order(void** state) {
  struct loop_fixture* f = *state;
  struct test_random random = test_random_seeded(99);
  uv_timer_t* many = calloc(MANY, sizeof(*many));

  assert_non_null(many);
  memset(&many_state, 0, sizeof(many_state));
  for (size_t i = 0; i < MANY; i++) {
    uv_timer_init(&f->loop, &many[i]);
    uv_timer_start(&many[i], check_order, 1 + test_random_below(&random, 200), 0);
  }
  for (size_t i = 0; i < MANY; i += 10)
    uv_timer_stop(&many[i]);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(many_state.fired, MANY - MANY / 10);

  many_state.fired = MANY;
  for (size_t i = 0; i < MANY; i++)
    uv_close((uv_handle_t*) &many[i], count_closed);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(many_state.fired, 0);
  free(many);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(a_new_timer_is_inactive_and_nothing_is_due),
      loop_test(a_timer_fires_once),
      loop_test(start_without_callback_is_refused),
      loop_test(a_closing_timer_cannot_be_started),
      loop_test(stop_is_always_possible),
      loop_test(stop_keeps_callback_repeat_and_deadline),
      loop_test(equal_deadlines_fire_in_start_order),
      loop_test(deadlines_come_before_start_order),
      loop_test(restarting_moves_behind_equal_deadlines),
      loop_test(restarting_moves_the_deadline),
      loop_test(zero_timeouts_fire_in_the_next_turn),
      loop_test(a_timeout_counts_from_loop_time),
      loop_test(due_in_counts_down_to_zero),
      loop_test(deadlines_beyond_the_end_of_time_are_the_end_of_time),
      loop_test(any_power_of_two_is_a_timeout),
      loop_test(members_that_programs_read_are_kept),
      loop_test(no_timer_fires_before_its_time),
      loop_test(a_repeating_timer_is_armed_again_before_its_callback),
      loop_test(a_timer_that_does_not_repeat_is_inactive_in_its_callback),
      loop_test(missed_periods_are_lost),
      loop_test(set_repeat_leaves_the_deadline),
      loop_test(repeat_zero_in_a_callback_leaves_one_more_firing),
      loop_test(again_in_a_callback_makes_a_timer_repeat),
      loop_test(again_needs_a_start),
      loop_test(again_without_repeat_does_nothing),
      loop_test(again_restarts_with_the_repeat_value),
      loop_test(one_that_is_stopped_by_another_that_is_due_does_not_fire),
      loop_test(one_that_is_closed_by_another_that_is_due_does_not_fire),
      loop_test(one_that_is_restarted_by_another_that_is_due_waits_anew),
      loop_test(zero_timers_started_in_a_callback_wait_for_the_next_turn),
      loop_test(none_that_is_due_is_active_when_the_first_is_called),
      loop_test(a_repeating_timer_can_close_itself),
      loop_test(uv_stop_lets_the_due_ones_fire),
      loop_test(close_callbacks_may_free_timers),
      loop_test(backend_timeout_is_the_time_to_the_next_timer),
      loop_test(backend_timeout_is_without_limit_if_no_timer_runs),
      loop_test(an_unreferenced_timer_does_not_keep_the_loop_alive),
      loop_test(nowait_does_not_wait_for_a_timer),
      loop_test(a_due_timer_fires_once_in_a_turn_that_does_not_wait),
      loop_test(waiting_for_one_of_many_timers_is_one_turn),
      loop_test(a_check_callback_can_delay_a_due_timer),
      loop_test(a_hundred_thousand_timers_fire_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
