/* Loops: their life, the phases of a turn, what keeps them going, and what they tell of themselves.
 */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"
#include "support/open_count.h"
#include "uv.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void on_timer(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}
static void on_idle(uv_idle_t* idle) {
  test_log(idle->loop, 'i');
}
static void on_prepare(uv_prepare_t* prepare) {
  test_log(prepare->loop, 'p');
}
static void on_check(uv_check_t* check) {
  test_log(check->loop, 'c');
}
static void on_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}
static void on_async(uv_async_t* async) {
  test_log(async->loop, 'a');
}
/* -- Init and close ---------------------------------------------------------------------------- */

static void data_survives_init_and_close(void** state) {
  uv_loop_t loop;
  int mark;
  (void) state;

  memset(&loop, 0xa5, sizeof(loop));
  uv_loop_set_data(&loop, &mark);
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_ptr_equal(uv_loop_get_data(&loop), &mark);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_ptr_equal(loop.data, &mark);
}

static void close_is_busy_while_a_handle_is_left(void** state) {
  uv_loop_t loop;
  static uv_timer_t timer;
  (void) state;

  assert_int_equal(uv_loop_init(&loop), 0);
  uv_timer_init(&loop, &timer);
  assert_int_equal(uv_loop_close(&loop), UV_EBUSY); /* inactive, and yet not closed */
  uv_close((uv_handle_t*) &timer, NULL);
  assert_int_equal(uv_loop_close(&loop), UV_EBUSY); /* its close callback is due */
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void close_is_busy_while_a_request_is_active(void** state) {
  struct loop_fixture* f = *state;

  f->loop.active_reqs.count = 1;
  assert_int_equal(uv_loop_close(&f->loop), UV_EBUSY);
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  f->loop.active_reqs.count = 0;
}

static void init_without_memory_fails_and_leaves_nothing(void** state) {
  int open_before = count_open();
  uv_loop_t loop;
  long needed;
  (void) state;

  test_allocator_install(0, false);
  assert_int_equal(uv_loop_init(&loop), 0);
  needed = test_allocator.calls;
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(test_allocator.live, 0);
  assert_true(needed > 0);

  for (long fail_at = 1; fail_at <= needed; fail_at++) {
    test_allocator_install(fail_at, true);
    assert_int_equal(uv_loop_init(&loop), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
    assert_int_equal(count_open(), open_before);
  }
  test_allocator_remove();
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void the_default_loop_is_one_and_comes_back_after_a_close(void** state) {
  uv_loop_t* loop = uv_default_loop();
  (void) state;

  assert_non_null(loop);
  assert_ptr_equal(uv_default_loop(), loop);
  assert_int_equal(uv_loop_close(loop), 0);
  assert_ptr_equal(uv_default_loop(), loop);
  assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
  uv_loop_delete(loop); /* closes it; the memory is not the heap's */
}

static void new_loops_are_deleted(void** state) {
  uv_loop_t* loop;
  static uv_timer_t timer;
  (void) state;

  test_allocator_install(0, false);
  loop = uv_loop_new();
  assert_non_null(loop);
  uv_timer_init(loop, &timer);
  uv_loop_delete(loop); /* busy: nothing happens */
  uv_close((uv_handle_t*) &timer, NULL);
  assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
  uv_loop_delete(loop);
  assert_int_equal(test_allocator.live, 0);

  test_allocator_install(1, true);
  assert_null(uv_loop_new());
  test_allocator_remove();
}

#if defined(_WIN32)

static void configure_knows_its_options(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGINT), UV_ENOSYS);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_USE_IO_URING_SQPOLL), UV_ENOSYS);
  assert_int_equal(uv_loop_configure(&f->loop, (uv_loop_option) 99), UV_ENOSYS);
}

/* There is nothing that another loop could wait for. */
static void the_backends_descriptor_is_one_where_there_are_any(void** state) {
  struct loop_fixture* f = *state;
  assert_int_equal(uv_backend_fd(&f->loop), -1);
}

static void a_fork_is_told_from_none(void** state) {
  struct loop_fixture* f = *state;
  static uv_async_t async;

  uv_async_init(&f->loop, &async, on_async);
  uv_async_send(&async);
  assert_int_equal(uv_loop_fork(&f->loop), UV_ENOSYS);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  assert_string_equal(f->log, "a"); /* nothing was forgotten */
}

#else

static void configure_knows_its_options(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF), 0);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGINT), UV_EINVAL);
  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_USE_IO_URING_SQPOLL), 0);
  assert_int_equal(uv_loop_configure(&f->loop, (uv_loop_option) 99), UV_ENOSYS);
}

static void the_backends_descriptor_is_one_where_there_are_any(void** state) {
  struct loop_fixture* f = *state;
  assert_int_equal(uv_backend_fd(&f->loop) != -1, loops_have_descriptors);
}

static void a_fork_is_told_from_none(void** state) {
  struct loop_fixture* f = *state;
  assert_int_equal(uv_loop_fork(&f->loop), 0);
}

#endif

/* -- Phases ------------------------------------------------------------------------------------ */

static void phases_run_in_order(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;
  static uv_prepare_t prepare;
  static uv_check_t check;
  static uv_async_t async;
  static uv_timer_t closed;

  uv_timer_init(&f->loop, &timer);
  uv_idle_init(&f->loop, &idle);
  uv_prepare_init(&f->loop, &prepare);
  uv_check_init(&f->loop, &check);
  uv_async_init(&f->loop, &async, on_async);
  uv_timer_init(&f->loop, &closed);

  uv_timer_start(&timer, on_timer, 0, 0);
  uv_check_start(&check, on_check);
  uv_prepare_start(&prepare, on_prepare);
  uv_idle_start(&idle, on_idle);
  uv_async_send(&async);
  uv_close((uv_handle_t*) &closed, on_close);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  assert_string_equal(f->log, "ipacxt");
}

static void stop_loop(uv_idle_t* idle) {
  test_log(idle->loop, 'i');
  uv_stop(idle->loop);
}

static void default_mode_runs_due_timers_before_the_first_turn(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;

  uv_timer_init(&f->loop, &timer);
  uv_idle_init(&f->loop, &idle);
  uv_timer_start(&timer, on_timer, 0, 0);
  uv_idle_start(&idle, stop_loop);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 1);
  assert_string_equal(f->log, "ti");
}

static void a_lone_zero_timer_makes_one_turn(void** state) {
  struct loop_fixture* f = *state;
  uv_metrics_t metrics;
  static uv_timer_t timer;

  uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 0, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.loop_count, 1);
  assert_int_equal(uv_metrics_idle_time(&f->loop), 0);
  assert_string_equal(f->log, "t");
}

static void close_from_check(uv_check_t* check) {
  test_log(check->loop, 'c');
  uv_close((uv_handle_t*) check, on_close);
}

static void closing_in_check_ends_in_the_same_turn(void** state) {
  struct loop_fixture* f = *state;
  static uv_check_t check;

  uv_check_init(&f->loop, &check);
  uv_check_start(&check, close_from_check);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0);
  assert_string_equal(f->log, "cx");
}

static char close_name(const uv_handle_t* handle) {
  return *(const char*) handle->data;
}

static void on_named_close(uv_handle_t* handle) {
  test_log(handle->loop, close_name(handle));
}

static void close_callbacks_run_last_closed_first(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timers[3];
  static char names[] = "012";

  for (int i = 0; i < 3; i++) {
    uv_timer_init(&f->loop, &timers[i]);
    timers[i].data = &names[i];
    uv_close((uv_handle_t*) &timers[i], on_named_close);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0);
  assert_string_equal(f->log, "210");
}

static uv_timer_t close_later;

static void close_another(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
  uv_close((uv_handle_t*) &close_later, on_close);
}

static void what_a_close_callback_closes_waits_for_the_next_turn(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_init(&f->loop, &close_later);
  uv_close((uv_handle_t*) &timer, close_another);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  assert_string_equal(f->log, "x");
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0);
  assert_string_equal(f->log, "xx");
}

static void on_second_close(uv_handle_t* handle) {
  test_log(handle->loop, 'y');
}

static void a_second_close_changes_nothing(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_close((uv_handle_t*) &timer, on_close);
  uv_close((uv_handle_t*) &timer, on_second_close);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "x");
}

/* -- Modes and liveness ------------------------------------------------------------------------ */

static void once_waits_for_a_timer(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 1, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  assert_string_equal(f->log, "t");
}

static void nowait_does_not_wait(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 60 * 1000, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  assert_string_equal(f->log, "");
}

static void once_does_not_wait_with_idle_work(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 60 * 1000, 0);
  uv_idle_init(&f->loop, &idle);
  uv_idle_start(&idle, on_idle);
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
  assert_string_equal(f->log, "i");
}

static void a_loop_without_work_refreshes_its_clock_and_runs_no_timer(void** state) {
  struct loop_fixture* f = *state;
  uint64_t before = uv_now(&f->loop);
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 0, 0);
  uv_unref((uv_handle_t*) &timer);
  uint64_t until = uv_hrtime() + 3 * 1000 * 1000;
  while (uv_hrtime() < until) {
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0);
  assert_true(uv_now(&f->loop) >= before + 2);
  assert_string_equal(f->log, "");
}

static void stop_before_run_lets_nothing_run(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 0, 0);
  uv_stop(&f->loop);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 1);
  assert_string_equal(f->log, "");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0); /* the stop was for one run */
  assert_string_equal(f->log, "t");
}

static void a_counted_up_stop_flag_stops_too(void** state) {
  struct loop_fixture* f = *state;
  static uv_idle_t idle;

  uv_idle_init(&f->loop, &idle);
  uv_idle_start(&idle, on_idle);
  f->loop.stop_flag += 3;
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 1);
  assert_string_equal(f->log, "");
}

static void the_turn_of_a_stop_is_finished(void** state) {
  struct loop_fixture* f = *state;
  static uv_idle_t idle;
  static uv_prepare_t prepare;
  static uv_check_t check;

  uv_idle_init(&f->loop, &idle);
  uv_prepare_init(&f->loop, &prepare);
  uv_check_init(&f->loop, &check);
  uv_idle_start(&idle, stop_loop);
  uv_prepare_start(&prepare, on_prepare);
  uv_check_start(&check, on_check);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 1);
  assert_string_equal(f->log, "ipc");
}

static void closing_handles_keep_the_loop_alive(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  assert_int_equal(uv_loop_alive(&f->loop), 0);
  uv_timer_init(&f->loop, &timer);
  uv_unref((uv_handle_t*) &timer);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  uv_close((uv_handle_t*) &timer, on_close);
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  assert_string_equal(f->log, "x");
}

static void references_count_only_while_active(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  assert_int_equal(uv_has_ref((uv_handle_t*) &timer), 1);
  assert_int_equal(f->loop.active_handles, 0);
  uv_timer_start(&timer, on_timer, 60 * 1000, 0);
  assert_int_equal(f->loop.active_handles, 1);
  uv_unref((uv_handle_t*) &timer);
  uv_unref((uv_handle_t*) &timer);
  assert_int_equal(uv_has_ref((uv_handle_t*) &timer), 0);
  assert_int_equal(f->loop.active_handles, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &timer), 1);
  uv_ref((uv_handle_t*) &timer);
  uv_ref((uv_handle_t*) &timer);
  assert_int_equal(f->loop.active_handles, 1);
  uv_timer_stop(&timer);
  assert_int_equal(f->loop.active_handles, 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void tests_may_count_handles_themselves(void** state) {
  struct loop_fixture* f = *state;

  f->loop.active_handles++;
  assert_int_equal(uv_loop_alive(&f->loop), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  f->loop.active_handles--;
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

#if defined(_WIN32) || defined(RONDO_BACKEND_KQUEUE)
enum { TIMEOUT_BEFORE_THE_FIRST_TURN = 1000 };
#else
enum { TIMEOUT_BEFORE_THE_FIRST_TURN = 0 }; /* the kernel does not know yet what wakes the loop */
#endif

static void make_first_turn(struct loop_fixture* f) {
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 60 * 1000, 0);
  assert_int_equal(turn(f), 1);
  uv_close((uv_handle_t*) &timer, NULL);
  turn(f);
}

static void backend_timeout_says_how_long_a_wait_may_be(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;
  static uv_async_t async;

  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 1000, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), TIMEOUT_BEFORE_THE_FIRST_TURN);
  make_first_turn(f);
  uv_timer_start(&timer, on_timer, 1000, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 1000);
  uv_timer_start(&timer, on_timer, UINT64_MAX, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), INT32_MAX);

  uv_idle_init(&f->loop, &idle);
  uv_idle_start(&idle, on_idle);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  uv_idle_stop(&idle);
  uv_close((uv_handle_t*) &idle, NULL);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  uv_timer_stop(&timer);
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0);

  uv_async_init(&f->loop, &async, NULL);
  assert_int_equal(uv_backend_timeout(&f->loop), -1);
}

static void unreferenced_timers_count_for_the_timeout(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t sooner;
  static uv_timer_t later;

  make_first_turn(f);
  uv_timer_init(&f->loop, &sooner);
  uv_timer_init(&f->loop, &later);
  uv_timer_start(&sooner, on_timer, 500, 0);
  uv_timer_start(&later, on_timer, 1000, 0);
  uv_unref((uv_handle_t*) &sooner);
  assert_int_equal(uv_backend_timeout(&f->loop), 500);
}

/* -- Walking ----------------------------------------------------------------------------------- */

struct walk {
  uv_handle_t* visited[8];
  int count;
  uv_timer_t made_inside;
};

static void on_walk(uv_handle_t* handle, void* arg) {
  struct walk* walk = arg;

  assert_true(walk->count < 8);
  if (walk->count == 0)
    uv_timer_init(handle->loop, &walk->made_inside);
  walk->visited[walk->count++] = handle;
  uv_close(handle, NULL);
}

static void walk_visits_all_oldest_first_and_none_made_inside(void** state) {
  struct loop_fixture* f = *state;
  struct walk walk = {.count = 0};
  static uv_timer_t timer;
  static uv_idle_t idle;
  static uv_check_t check;

  uv_timer_init(&f->loop, &timer);
  uv_idle_init(&f->loop, &idle);
  uv_check_init(&f->loop, &check);
  uv_close((uv_handle_t*) &idle, NULL); /* visited all the same */
  uv_walk(&f->loop, on_walk, &walk);
  assert_int_equal(walk.count, 3);
  assert_ptr_equal(walk.visited[0], &timer);
  assert_ptr_equal(walk.visited[1], &idle);
  assert_ptr_equal(walk.visited[2], &check);

  uv_close((uv_handle_t*) &walk.made_inside, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  walk.count = 0;
  uv_walk(&f->loop, on_walk, &walk);
  assert_int_equal(walk.count, 0);
  uv_walk(&f->loop, NULL, NULL);
}

/* -- Time and metrics -------------------------------------------------------------------------- */

static void the_clock_stands_until_it_is_refreshed(void** state) {
  struct loop_fixture* f = *state;
  uint64_t before = uv_now(&f->loop);

  assert_true(before > 0);
  uint64_t until = uv_hrtime() + 3 * 1000 * 1000;
  while (uv_hrtime() < until) {
  }
  assert_int_equal(uv_now(&f->loop), before);
  uv_update_time(&f->loop);
  assert_true(uv_now(&f->loop) >= before + 2);
}

static void spin_in_timer(uv_timer_t* timer) {
  uint64_t until = uv_hrtime() + 60 * 1000 * 1000;

  test_log(timer->loop, 't');
  while (uv_hrtime() < until) {
  }
}

static void idle_time_is_the_time_spent_waiting(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, spin_in_timer, 50, 0);
  uint64_t start = uv_hrtime();
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  uint64_t all = uv_hrtime() - start;
  uint64_t idle = uv_metrics_idle_time(&f->loop);
  assert_true(idle >= 40 * 1000 * 1000);
  assert_true(idle <= all - 60 * 1000 * 1000); /* the spinning does not count */
}

static void idle_time_is_not_counted_unasked(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 2, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_metrics_idle_time(&f->loop), 0);
}

static void turns_and_events_are_counted(void** state) {
  struct loop_fixture* f = *state;
  uv_metrics_t metrics;
  static uv_async_t async;

  uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME);
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.loop_count, 0);
  uv_async_init(&f->loop, &async, on_async);
  uv_async_send(&async);
  uv_run(&f->loop, UV_RUN_ONCE);
  uv_metrics_info(&f->loop, &metrics);
  assert_int_equal(metrics.loop_count, 1);
  assert_int_equal(metrics.events, 1);
  assert_int_equal(metrics.events_waiting, 1);
  for (size_t i = 0; i < sizeof(metrics.reserved) / sizeof(metrics.reserved[0]); i++)
    assert_null(metrics.reserved[i]);
}

/* -- Printing ---------------------------------------------------------------------------------- */

#if defined(_WIN32)

/* There are no streams in memory: a file in the test's own directory. */
static char* printed(void (*print)(uv_loop_t*, FILE*), uv_loop_t* loop) {
  char* text = calloc(1, 1024);
  FILE* stream = fopen("printed.txt", "w+b");

  assert_non_null(stream);
  print(loop, stream);
  rewind(stream);
  fread(text, 1, 1023, stream);
  fclose(stream);
  remove("printed.txt");
  return text;
}

#else

static char* printed(void (*print)(uv_loop_t*, FILE*), uv_loop_t* loop) {
  char* text = NULL;
  size_t len = 0;
  FILE* stream = open_memstream(&text, &len);

  print(loop, stream);
  fclose(stream);
  return text;
}

#endif

static void handles_are_printed(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;
  static uv_pipe_t pipe;
  char expected[256];
  char* text;

  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 1000, 0);
  uv_idle_init(&f->loop, &idle);
  uv_unref((uv_handle_t*) &idle);
  uv_pipe_init(&f->loop, &pipe, 0);

  text = printed(uv_print_all_handles, &f->loop);
  snprintf(expected, sizeof(expected), "[RA-] timer    %p\n[---] idle     %p\n[R--] pipe     %p\n",
           (void*) &timer, (void*) &idle, (void*) &pipe);
  assert_string_equal(text, expected);
  free(text);

  text = printed(uv_print_active_handles, &f->loop);
  snprintf(expected, sizeof(expected), "[RA-] timer    %p\n", (void*) &timer);
  assert_string_equal(text, expected);
  free(text);
}

/* -- Two loops --------------------------------------------------------------------------------- */

struct ping_pong {
  uv_loop_t loop;
  uv_async_t async;
  struct ping_pong* other;
  int rounds;
};

enum { ROUNDS = 2000 };

static void on_ping(uv_async_t* async) {
  struct ping_pong* me = async->data;

  if (++me->rounds >= ROUNDS)
    uv_close((uv_handle_t*) async, NULL);
  if (me->rounds <= ROUNDS)
    uv_async_send(&me->other->async);
}

static void run_loop(void* arg) {
  struct ping_pong* me = arg;
  uv_run(&me->loop, UV_RUN_DEFAULT);
}

static void two_loops_run_in_two_threads(void** state) {
  struct ping_pong* pair = calloc(2, sizeof(*pair));
  uv_thread_t threads[2];
  (void) state;

  for (int i = 0; i < 2; i++) {
    pair[i].other = &pair[1 - i];
    assert_int_equal(uv_loop_init(&pair[i].loop), 0);
    assert_int_equal(uv_async_init(&pair[i].loop, &pair[i].async, on_ping), 0);
    pair[i].async.data = &pair[i];
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_thread_create(&threads[i], run_loop, &pair[i]), 0);
  uv_async_send(&pair[0].async);
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(pair[i].rounds, ROUNDS);
    assert_int_equal(uv_loop_close(&pair[i].loop), 0);
  }
  free(pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(data_survives_init_and_close),
      cmocka_unit_test(close_is_busy_while_a_handle_is_left),
      loop_test(close_is_busy_while_a_request_is_active),
      cmocka_unit_test(init_without_memory_fails_and_leaves_nothing),
      cmocka_unit_test(the_default_loop_is_one_and_comes_back_after_a_close),
      cmocka_unit_test(new_loops_are_deleted),
      loop_test(configure_knows_its_options),
      loop_test(the_backends_descriptor_is_one_where_there_are_any),
      loop_test(a_fork_is_told_from_none),
      loop_test(phases_run_in_order),
      loop_test(default_mode_runs_due_timers_before_the_first_turn),
      loop_test(a_lone_zero_timer_makes_one_turn),
      loop_test(closing_in_check_ends_in_the_same_turn),
      loop_test(close_callbacks_run_last_closed_first),
      loop_test(what_a_close_callback_closes_waits_for_the_next_turn),
      loop_test(a_second_close_changes_nothing),
      loop_test(once_waits_for_a_timer),
      loop_test(nowait_does_not_wait),
      loop_test(once_does_not_wait_with_idle_work),
      loop_test(a_loop_without_work_refreshes_its_clock_and_runs_no_timer),
      loop_test(stop_before_run_lets_nothing_run),
      loop_test(a_counted_up_stop_flag_stops_too),
      loop_test(the_turn_of_a_stop_is_finished),
      loop_test(closing_handles_keep_the_loop_alive),
      loop_test(references_count_only_while_active),
      loop_test(tests_may_count_handles_themselves),
      loop_test(backend_timeout_says_how_long_a_wait_may_be),
      loop_test(unreferenced_timers_count_for_the_timeout),
      loop_test(walk_visits_all_oldest_first_and_none_made_inside),
      cmocka_unit_test(two_loops_run_in_two_threads),
      loop_test(the_clock_stands_until_it_is_refreshed),
      loop_test(idle_time_is_the_time_spent_waiting),
      loop_test(idle_time_is_not_counted_unasked),
      loop_test(turns_and_events_are_counted),
      loop_test(handles_are_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
