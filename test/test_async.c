/* Async handles: callbacks in the loop's thread for what other threads and signal handlers send. */
#include "support/allocator.h"
#include "support/loop_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A lost wake would let a test wait for ever: it ends here. */
enum { WATCHDOG_S = 50 };

#define as_handle(h) ((uv_handle_t*) (h))

/* Data that threads hand over by nothing but the library are plain; what is only counted is read
 * and written by these, which order nothing. */
#define peek(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define bump(ptr) __atomic_add_fetch(ptr, 1, __ATOMIC_RELAXED)

/* Handles of one test at a time. `data` is the letter that its callback logs. */
static uv_async_t asyncs[4];

static void log_data(uv_async_t* async) {
  test_log(async->loop, *(const char*) async->data);
}

static void init_logging(struct loop_fixture* f, int count) {
  static const char letters[] = "abcd";

  for (int i = 0; i < count; i++) {
    asyncs[i].data = (void*) &letters[i];
    assert_int_equal(uv_async_init(&f->loop, &asyncs[i], log_data), 0);
  }
}

static void send_to(const char* letters) {
  for (; *letters != '\0'; letters++)
    assert_int_equal(uv_async_send(&asyncs[*letters - 'a']), 0);
}

static void clear_log(struct loop_fixture* f) {
  memset(f->log, 0, sizeof(f->log));
}

static void start_thread(uv_thread_t* thread, uv_thread_cb entry, void* arg) {
  assert_int_equal(uv_thread_create(thread, entry, arg), 0);
}

static void join_thread(uv_thread_t* thread) {
  assert_int_equal(uv_thread_join(thread), 0);
}

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

static void callbacks_come_in_the_order_of_the_first_sends(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 4);
  send_to("cadacb");
  turn(f);
  assert_string_equal(f->log, "cadb");
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
  assert_string_equal(f->log, "rra");
  turn(f);
  assert_string_equal(f->log, "rrar");
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
  assert_string_equal(f->log, "dcCC");
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
  assert_string_equal(f->log, "bc");
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

/* -- Failure ----------------------------------------------------------------------------------- */

static int lowest_free_descriptor(void) {
  int fd = dup(STDERR_FILENO);

  assert_true(fd >= 0);
  close(fd);
  return fd;
}

static void without_descriptors_init_fails_and_leaves_nothing_behind(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before;
  struct rlimit none;

  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = (rlim_t) lowest_free_descriptor();
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  int err = uv_async_init(&f->loop, &asyncs[0], log_data);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);

  assert_int_equal(err, UV_EMFILE);
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(uv_loop_close(&f->loop), 0);
  assert_int_equal(uv_loop_init(&f->loop), 0);

  init_logging(f, 1);
  send_to("a");
  turn(f);
  assert_string_equal(f->log, "a");
}

static void without_memory_init_fails_and_leaves_nothing_behind(void** state) {
  (void) state;
  struct loop_fixture own = {.log = ""};
  bool failed = false;

  for (long fail_at = 1;; fail_at++) {
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&own.loop), 0);
    own.loop.data = &own;

    int fd = lowest_free_descriptor();
    test_allocator.fail_at = test_allocator.calls + fail_at;
    int err = uv_async_init(&own.loop, &asyncs[0], log_data);
    test_allocator.fail_at = 0;
    if (err == 0) {
      close_handle(as_handle(&asyncs[0]), NULL);
    } else {
      assert_int_equal(err, UV_ENOMEM);
      assert_int_equal(lowest_free_descriptor(), fd);
      failed = true;
    }
    assert_int_equal(uv_run(&own.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&own.loop), 0);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
    if (err == 0)
      break;
  }
  assert_true(failed);
}

/* -- Signal handlers --------------------------------------------------------------------------- */

static int errno_in_handler;

static void send_in_handler(int signum) {
  (void) signum;
  int before = errno;
  errno = EDOM;
  uv_async_send(&asyncs[0]);
  uv_async_send(&asyncs[1]);
  errno_in_handler = errno;
  errno = before;
}

static void handle_signal(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
}

static void a_signal_handler_may_send_and_keeps_errno(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 2);
  handle_signal(send_in_handler);
  assert_int_equal(raise(SIGUSR1), 0);
  handle_signal(SIG_DFL);
  assert_int_equal(errno_in_handler, EDOM);
  turn(f);
  assert_string_equal(f->log, "ab");
}

/* Signals that hit the loop's thread, wherever it is, 1,000 times. */
struct shooter {
  pthread_t victim;
  int hits;
};

enum { SHOTS = 1000 };

static struct shooter shooter;

static void count_hit_and_send(int signum) {
  send_in_handler(signum);
  bump(&shooter.hits);
}

static void shoot(void* arg) {
  (void) arg;
  for (int i = 1; i <= SHOTS; i++) {
    assert_int_equal(pthread_kill(shooter.victim, SIGUSR1), 0);
    while (peek(&shooter.hits) < i)
      uv_sleep(0);
  }
}

static void stop_after_last_hit(uv_async_t* async) {
  if (peek(&shooter.hits) == SHOTS)
    uv_stop(async->loop);
}

static void signals_that_interrupt_the_wait_wake_the_loop(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;

  init_logging(f, 2);
  asyncs[1].async_cb = stop_after_last_hit;
  shooter = (struct shooter){.victim = pthread_self()};
  handle_signal(count_hit_and_send);
  start_thread(&thread, shoot, NULL);
  while (peek(&shooter.hits) < SHOTS)
    uv_run(&f->loop, UV_RUN_ONCE);
  join_thread(&thread);
  handle_signal(SIG_DFL);
  clear_log(f);
  send_to("a");
  turn(f);
  assert_string_equal(f->log, "a");
}

static void a_send_may_be_interrupted_by_one_to_the_same_handle(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;

  init_logging(f, 3);
  shooter = (struct shooter){.victim = pthread_self()};
  handle_signal(count_hit_and_send);
  start_thread(&thread, shoot, NULL);
  while (peek(&shooter.hits) < SHOTS) {
    clear_log(f);
    send_to("abc");
    turn(f);
    assert_non_null(strchr(f->log, 'a'));
    assert_non_null(strchr(f->log, 'b'));
    assert_non_null(strchr(f->log, 'c'));
    clear_log(f);
  }
  join_thread(&thread);
  handle_signal(SIG_DFL);
  turn(f);
}

/* -- Fork -------------------------------------------------------------------------------------- */

/* The child's part: 0, or where it went wrong. */
static int use_loop_in_child(struct loop_fixture* f) {
  alarm(WATCHDOG_S);
  if (uv_loop_fork(&f->loop) != 0)
    return 1;
  turn(f);
  if (strcmp(f->log, "") != 0) /* sent by the parent */
    return 2;
  send_to("ba");
  turn(f);
  if (strcmp(f->log, "ba") != 0)
    return 3;
  for (int i = 0; i < 2; i++)
    uv_close(as_handle(&asyncs[i]), log_closed);
  if (uv_run(&f->loop, UV_RUN_DEFAULT) != 0 || strcmp(f->log, "baCC") != 0)
    return 4;
  return uv_loop_close(&f->loop) == 0 ? 0 : 5;
}

static void a_forked_child_forgets_the_parents_sends_and_leaves_them_to_it(void** state) {
  struct loop_fixture* f = *state;
  int status;

  init_logging(f, 2);
  turn(f);
  send_to("a");
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    _exit(use_loop_in_child(f));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);

  turn(f);
  assert_string_equal(f->log, "a");
  send_to("b");
  turn(f);
  assert_string_equal(f->log, "ab");
}

static int close_loop_in_child(struct loop_fixture* f) {
  uv_close((uv_handle_t*) &asyncs[0], NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  return uv_loop_close(&f->loop) == 0 ? 0 : 1;
}

/* Without uv_loop_fork() the child's loop waits on what is the parent's. */
static void a_forked_child_may_close_its_loop_and_the_parent_is_still_woken(void** state) {
  struct loop_fixture* f = *state;
  int status;

  init_logging(f, 1);
  turn(f);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    _exit(close_loop_in_child(f));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);

  send_to("a");
  turn(f);
  assert_string_equal(f->log, "a");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(an_async_is_active_and_referenced_from_init_to_close),
      loop_test(a_send_from_the_loops_own_thread_is_seen_by_a_turn_that_does_not_wait),
      loop_test(sends_before_the_callback_are_merged_into_one),
      loop_test(callbacks_come_in_the_order_of_the_first_sends),
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
      loop_test(without_descriptors_init_fails_and_leaves_nothing_behind),
      cmocka_unit_test(without_memory_init_fails_and_leaves_nothing_behind),
      loop_test(a_signal_handler_may_send_and_keeps_errno),
      loop_test(signals_that_interrupt_the_wait_wake_the_loop),
      loop_test(a_send_may_be_interrupted_by_one_to_the_same_handle),
      loop_test(a_forked_child_forgets_the_parents_sends_and_leaves_them_to_it),
      loop_test(a_forked_child_may_close_its_loop_and_the_parent_is_still_woken),
  };

  alarm(WATCHDOG_S);
  return cmocka_run_group_tests_name("async", tests, NULL, NULL);
}
