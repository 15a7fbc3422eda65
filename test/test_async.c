/* Async handles: callbacks in the loop's thread for what other threads and signal handlers send. */
#include "support/asyncs.h"
#include "support/pool_gate.h"
#include "support/watchdog.h"

/* A lost wake would let a test wait for ever: it ends here. */
enum { WATCHDOG_S = 50 };

/* -- One thread -------------------------------------------------------------------------------- */

static void an_async_is_active_and_referenced_from_init_to_close(void** state) {
  struct loop_fixture* f = *state;

  assert_false(uv_loop_alive(&f->loop));
  init_logging(f, 1);
  assert_int_equal(uv_is_active(as_handle(&asyncs[0])), 1);
  assert_int_equal(uv_has_ref(as_handle(&asyncs[0])), 1);
  assert_int_equal(asyncs[0].type, UV_ASYNC);
  assert_ptr_equal(asyncs[0].loop, &f->loop);
  assert_true(uv_loop_alive(&f->loop));
  assert_true(turn(f));
  assert_int_equal(uv_is_active(as_handle(&asyncs[0])), 1);
  uv_close(as_handle(&asyncs[0]), NULL);
  assert_int_equal(uv_is_active(as_handle(&asyncs[0])), 0);
  assert_false(turn(f));
  assert_string_equal(f->log, "");
}

static void a_send_from_the_loops_own_thread_is_seen_by_a_turn_that_does_not_wait(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 1);
  send_to("a");
  assert_string_equal(f->log, "");
  turn(f);
  assert_string_equal(f->log, "a");
  turn(f);
  assert_string_equal(f->log, "a");
}

static void sends_before_the_callback_are_merged_into_one(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 1);
  for (int i = 0; i < 1000; i++)
    send_to("a");
  turn(f);
  assert_string_equal(f->log, "a");
  send_to("aa");
  turn(f);
  assert_string_equal(f->log, "aa");
}

static void callbacks_come_in_the_order_of_the_inits(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 4);
  send_to("cadacb");
  turn(f);
  assert_string_equal(f->log, "abcd");
  send_to("db");
  turn(f);
  assert_string_equal(f->log, "abcdbd");
}

static uv_async_t* last_called;
static int calls;

static void expect_younger(uv_async_t* async) {
  assert_true(last_called < async);
  last_called = async;
  calls++;
}

static void any_number_comes_in_the_order_of_the_inits(void** state) {
  enum { HANDLES = 1000, STEP = 371 };
  struct loop_fixture* f = *state;
  static uv_async_t many[HANDLES];

  for (int i = 0; i < HANDLES; i++)
    assert_int_equal(uv_async_init(&f->loop, &many[i], expect_younger), 0);
  for (int sends = HANDLES; sends > 0; sends /= 3) {
    last_called = NULL;
    calls = 0;
    for (int i = 0; i < sends; i++)
      uv_async_send(&many[i * STEP % HANDLES]);
    turn(f);
    assert_int_equal(calls, sends);
  }
}

static void do_nothing(uv_work_t* req) {
  (void) req;
}

static void log_work(uv_work_t* req, int status) {
  assert_int_equal(status, UV_ECANCELED);
  test_log(req->loop, 'W');
}

static void work_that_ended_comes_before_what_was_sent_earlier(void** state) {
  struct loop_fixture* f = *state;
  static struct pool_gate gate;
  static uv_work_t req;

  pool_gate_close(&gate, &f->loop, 4);
  init_logging(f, 1);
  send_to("a");
  assert_int_equal(uv_queue_work(&f->loop, &req, do_nothing, log_work), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  turn(f);
  assert_string_equal(f->log, "Wa");
  uv_unref(as_handle(&asyncs[0]));
  pool_gate_open(&gate);
}

static void many_sends_are_one_event_for_the_loop(void** state) {
  struct loop_fixture* f = *state;
  uv_metrics_t metrics;

  init_logging(f, 4);
  for (int i = 0; i < 100; i++)
    send_to("abcd");
  turn(f);
  assert_string_equal(f->log, "abcd");
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.events, 1);
}

static void resend(uv_async_t* async) {
  log_data(async);
  uv_async_send(async);
}

static void a_send_inside_the_callback_gives_another_in_the_next_turn(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 1);
  assert_int_equal(uv_async_init(&f->loop, &asyncs[1], resend), 0);
  asyncs[1].data = "r";
  send_to("b");
  turn(f);
  assert_string_equal(f->log, "r");
  send_to("a");
  turn(f);
  assert_string_equal(f->log, "rar");
  turn(f);
  assert_string_equal(f->log, "rarr");
}

static void log_check(uv_check_t* check) {
  test_log(check->loop, '.');
}

static void without_a_callback_a_send_just_wakes_the_loop(void** state) {
  struct loop_fixture* f = *state;
  static uv_check_t check;

  assert_int_equal(uv_check_init(&f->loop, &check), 0);
  assert_int_equal(uv_check_start(&check, log_check), 0);
  assert_int_equal(uv_async_init(&f->loop, &asyncs[0], NULL), 0);
  send_to("a");
  assert_true(uv_run(&f->loop, UV_RUN_ONCE));
  assert_string_equal(f->log, ".");
}

static void send_in_prepare(uv_prepare_t* prepare) {
  uv_async_send(prepare->data);
}

static void a_send_before_the_wait_ends_it(void** state) {
  struct loop_fixture* f = *state;
  static uv_prepare_t prepare;

  init_logging(f, 1);
  assert_int_equal(uv_prepare_init(&f->loop, &prepare), 0);
  prepare.data = &asyncs[0];
  assert_int_equal(uv_prepare_start(&prepare, send_in_prepare), 0);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "a");
}

static void an_unreferenced_async_keeps_no_loop_alive_but_is_called(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 2);
  uv_unref(as_handle(&asyncs[0]));
  uv_unref(as_handle(&asyncs[1]));
  send_to("b");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "");
  uv_ref(as_handle(&asyncs[0]));
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "b");
}

static void idle_handles_are_not_called(void** state) {
  enum { HANDLES = 10000 };
  struct loop_fixture* f = *state;
  static uv_async_t many[HANDLES];

  for (int i = 0; i < HANDLES; i++) {
    many[i].data = "m";
    assert_int_equal(uv_async_init(&f->loop, &many[i], log_data), 0);
  }
  for (int i = 0; i < 100; i++)
    uv_async_send(&many[i * 100]);
  turn(f);
  assert_int_equal(strlen(f->log), 100);
}

/* -- Closing ----------------------------------------------------------------------------------- */

static void log_closed(uv_handle_t* handle) {
  test_log(handle->loop, 'C');
}

static void a_close_takes_back_what_was_sent(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 4);
  send_to("dbca");
  uv_close(as_handle(&asyncs[1]), log_closed);
  uv_close(as_handle(&asyncs[0]), log_closed);
  send_to("ab");
  turn(f);
  assert_string_equal(f->log, "cdCC");
}

static void close_all(uv_async_t* async) {
  log_data(async);
  for (int i = 0; i < 4; i++)
    close_handle(as_handle(&asyncs[i]), NULL);
}

static void a_callback_may_close_its_own_and_others_that_were_to_come(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 4);
  asyncs[2].async_cb = close_all;
  send_to("bcda");
  turn(f);
  assert_string_equal(f->log, "abc");
  assert_false(uv_loop_alive(&f->loop));
}

static void send_a_and_close_b(uv_async_t* async) {
  log_data(async);
  uv_async_send(&asyncs[0]);
  uv_async_send(&asyncs[1]);
  close_handle(as_handle(&asyncs[1]), NULL);
}

static void a_close_loses_nothing_that_was_sent_to_others_meanwhile(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 4);
  asyncs[2].async_cb = send_a_and_close_b;
  send_to("cd");
  turn(f);
  assert_string_equal(f->log, "cd");
  turn(f);
  assert_string_equal(f->log, "cda");
}

static void init_again(uv_handle_t* handle) {
  assert_int_equal(uv_async_init(handle->loop, (uv_async_t*) handle, log_data), 0);
}

static void a_closed_handles_memory_may_serve_a_new_one(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 1);
  send_to("a");
  uv_close(as_handle(&asyncs[0]), init_again);
  turn(f);
  assert_string_equal(f->log, "");
  send_to("a");
  turn(f);
  assert_string_equal(f->log, "a");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(an_async_is_active_and_referenced_from_init_to_close),
      loop_test(a_send_from_the_loops_own_thread_is_seen_by_a_turn_that_does_not_wait),
      loop_test(sends_before_the_callback_are_merged_into_one),
      loop_test(callbacks_come_in_the_order_of_the_inits),
      loop_test(any_number_comes_in_the_order_of_the_inits),
      loop_test(work_that_ended_comes_before_what_was_sent_earlier),
      loop_test(many_sends_are_one_event_for_the_loop),
      loop_test(a_send_inside_the_callback_gives_another_in_the_next_turn),
      loop_test(without_a_callback_a_send_just_wakes_the_loop),
      loop_test(a_send_before_the_wait_ends_it),
      loop_test(an_unreferenced_async_keeps_no_loop_alive_but_is_called),
      loop_test(idle_handles_are_not_called),
      loop_test(a_close_takes_back_what_was_sent),
      loop_test(a_callback_may_close_its_own_and_others_that_were_to_come),
      loop_test(a_close_loses_nothing_that_was_sent_to_others_meanwhile),
      loop_test(a_closed_handles_memory_may_serve_a_new_one),
  };

  watchdog(WATCHDOG_S);
  return cmocka_run_group_tests_name("async", tests, NULL, NULL);
}
