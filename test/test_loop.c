/* Loops: their life, the phases of a turn, what keeps them going, and what they tell of themselves.
 */
#include "support/allocator.h"
#include "support/child.h"
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"
#include "uv.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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
static void on_poll(uv_poll_t* poll, int status, int events) {
  assert_int_equal(status, 0);
  assert_int_not_equal(events, 0);
  test_log(poll->loop, 'e');
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
  }
  test_allocator_remove();
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void init_without_descriptors_fails_and_leaves_nothing(void** state) {
  struct rlimit old;
  struct rlimit none = {0, 0};
  uv_loop_t loop;
  (void) state;

  assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
  none.rlim_max = old.rlim_max;
  test_allocator_install(0, false);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  int err = uv_loop_init(&loop);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
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

static void configure_knows_its_options(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF), 0);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGINT), UV_EINVAL);
  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  assert_int_equal(uv_loop_configure(&f->loop, UV_LOOP_USE_IO_URING_SQPOLL), 0);
  assert_int_equal(uv_loop_configure(&f->loop, (uv_loop_option) 99), UV_ENOSYS);
}

static void on_sigprof(int signum) {
  (void) signum;
}

static void raise_sigprof(uv_prepare_t* prepare) {
  raise(SIGPROF); /* outside the wait: delivered */
  uv_prepare_stop(prepare);
}

static void a_blocked_signal_is_blocked_during_the_wait_alone(void** state) {
  struct loop_fixture* f = *state;
  struct sigaction action = {.sa_handler = on_sigprof};
  static uv_prepare_t prepare;
  static uv_timer_t timer;
  sigset_t mask;

  sigaction(SIGPROF, &action, NULL);
  uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF);
  uv_prepare_init(&f->loop, &prepare);
  uv_prepare_start(&prepare, raise_sigprof);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 5, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  assert_false(sigismember(&mask, SIGPROF));
  assert_string_equal(f->log, "t");
}

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

static void backend_timeout_says_how_long_a_wait_may_be(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;
  static uv_idle_t idle;
  static uv_async_t async;

  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  uv_timer_init(&f->loop, &timer);
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
  assert_int_equal(uv_backend_timeout(&f->loop), 0); /* the kernel does not know of it yet */
  assert_int_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 1);
  assert_int_equal(uv_backend_timeout(&f->loop), -1);
}

static void unreferenced_timers_count_for_the_timeout(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t near;
  static uv_timer_t far;

  uv_timer_init(&f->loop, &near);
  uv_timer_init(&f->loop, &far);
  uv_timer_start(&near, on_timer, 500, 0);
  uv_timer_start(&far, on_timer, 1000, 0);
  uv_unref((uv_handle_t*) &near);
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

/* -- Embedding --------------------------------------------------------------------------------- */

struct embedding {
  uv_loop_t* inner;
  uv_poll_t poll;
};

static void run_inner(uv_poll_t* poll, int status, int events) {
  struct embedding* e = poll->data;

  (void) events;
  assert_int_equal(status, 0);
  uv_run(e->inner, UV_RUN_NOWAIT);
  if (!uv_loop_alive(e->inner))
    uv_close((uv_handle_t*) poll, NULL);
}

static void close_async(uv_async_t* async) {
  test_log(async->loop, 'a');
  uv_close((uv_handle_t*) async, NULL);
}

static void send_async(void* arg) {
  uv_async_send(arg);
}

static void another_loop_can_wait_for_this_one(void** state) {
  struct loop_fixture* f = *state;
  struct embedding e = {.inner = &f->loop};
  uv_loop_t outer;
  static uv_async_t async;
  uv_thread_t thread;

  assert_int_equal(uv_loop_init(&outer), 0);
  uv_async_init(&f->loop, &async, close_async);
  while (uv_backend_timeout(&f->loop) == 0)
    uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_int_equal(uv_poll_init(&outer, &e.poll, uv_backend_fd(&f->loop)), 0);
  e.poll.data = &e;
  assert_int_equal(uv_poll_start(&e.poll, UV_READABLE, run_inner), 0);
  assert_int_equal(uv_thread_create(&thread, send_async, &async), 0);
  assert_int_equal(uv_run(&outer, UV_RUN_DEFAULT), 0);
  uv_thread_join(&thread);
  assert_string_equal(f->log, "a");
  assert_int_equal(uv_loop_close(&outer), 0);
}

/* -- Fork -------------------------------------------------------------------------------------- */

struct fork_case {
  uv_timer_t timer;
  uv_poll_t poll;
  uv_async_t async;
  int fds[2];
};

static void stop_poll(uv_poll_t* poll, int status, int events) {
  on_poll(poll, status, events);
  uv_poll_stop(poll);
}

/* In the child: 0 if the loop works there and its parent's wake is not seen. */
static int child_of_fork(struct loop_fixture* f, struct fork_case* c) {
  if (uv_loop_fork(&f->loop) != 0)
    return 1;
  if (uv_run(&f->loop, UV_RUN_NOWAIT) != 1 || strchr(f->log, 'a') != NULL)
    return 2;
  f->log[0] = '\0';
  uv_async_send(&c->async);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  if (strcmp(f->log, "a") != 0)
    return 3;
  uv_unref((uv_handle_t*) &c->async);
  if (write(c->fds[1], "x", 1) != 1 || !uv_is_active((uv_handle_t*) &c->timer))
    return 4;
  uv_timer_start(&c->timer, on_timer, 1, 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  if (strchr(f->log, 't') == NULL || strchr(f->log, 'e') == NULL)
    return 5;
  return 0;
}

static void a_loop_works_in_a_forked_child(void** state) {
  struct loop_fixture* f = *state;
  struct fork_case c;
  int status;

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c.fds), 0);
  uv_timer_init(&f->loop, &c.timer);
  uv_timer_start(&c.timer, on_timer, 60 * 1000, 0);
  uv_poll_init(&f->loop, &c.poll, c.fds[0]);
  uv_poll_start(&c.poll, UV_READABLE, stop_poll);
  uv_async_init(&f->loop, &c.async, on_async);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  f->log[0] = '\0';
  uv_async_send(&c.async); /* pending when the process forks */

  pid_t pid = fork();
  assert_int_not_equal(pid, -1);
  if (pid == 0)
    _exit(child_of_fork(f, &c));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);

  /* The parent's loop has lost nothing. */
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_non_null(strchr(f->log, 'a'));
  uv_close((uv_handle_t*) &c.poll, NULL);
  uv_close((uv_handle_t*) &c.timer, NULL);
  uv_close((uv_handle_t*) &c.async, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  close(c.fds[0]);
  close(c.fds[1]);
}

static uv_loop_t* parents_loop;

static int forbid_descriptors(void) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return CHILD_CANNOT;
  limit.rlim_cur = 0;
  return setrlimit(RLIMIT_NOFILE, &limit);
}

child_function(fork_without_descriptors, forbid_descriptors(), uv_loop_fork(parents_loop));
child_function(fork_without_memory, fail_syscall(SYS_epoll_create1, ENOMEM),
               uv_loop_fork(parents_loop));

static void what_a_forked_child_lacks_for_its_loop_is_told(void** state) {
  struct loop_fixture* f = *state;

  parents_loop = &f->loop;
  assert_child(fork_without_descriptors, UV_EMFILE);
  assert_child(fork_without_memory, UV_ENOMEM);
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

static char* printed(void (*print)(uv_loop_t*, FILE*), uv_loop_t* loop) {
  char* text = NULL;
  size_t len = 0;
  FILE* stream = open_memstream(&text, &len);

  print(loop, stream);
  fclose(stream);
  return text;
}

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
      cmocka_unit_test(init_without_descriptors_fails_and_leaves_nothing),
      cmocka_unit_test(the_default_loop_is_one_and_comes_back_after_a_close),
      cmocka_unit_test(new_loops_are_deleted),
      loop_test(configure_knows_its_options),
      loop_test(a_blocked_signal_is_blocked_during_the_wait_alone),
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
      loop_test(another_loop_can_wait_for_this_one),
      cmocka_unit_test(two_loops_run_in_two_threads),
      loop_test(a_loop_works_in_a_forked_child),
      loop_test(what_a_forked_child_lacks_for_its_loop_is_told),
      loop_test(the_clock_stands_until_it_is_refreshed),
      loop_test(idle_time_is_the_time_spent_waiting),
      loop_test(idle_time_is_not_counted_unasked),
      loop_test(turns_and_events_are_counted),
      loop_test(handles_are_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
