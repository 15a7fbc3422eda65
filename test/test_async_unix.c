/* Async handles where POSIX has something of its own: descriptors that run out, signal handlers
 * that send, descriptors to wait on, forks. */
#include "support/allocator.h"
#include "support/asyncs.h"
#include "support/backend.h"
#include "support/descriptors.h"
#include "support/pool_gate.h"
#include "support/watchdog.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A lost wake would let a test wait for ever: it ends here. */
enum { WATCHDOG_S = 50 };

static void log_closed(uv_handle_t* handle) {
  test_log(handle->loop, 'C');
}

/* -- Resources --------------------------------------------------------------------------------- */

static void a_handle_needs_neither_descriptors_nor_memory(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);

  test_allocator_install(1, true);
  init_logging(f, 1);
  send_to("a");
  turn(f);
  test_allocator_remove();
  unlimit_descriptors(&before);
  assert_string_equal(f->log, "a");
}

/* -- Embedding --------------------------------------------------------------------------------- */

static void send_once(void* arg) {
  uv_async_send(arg);
}

static void a_send_makes_the_backends_descriptor_readable(void** state) {
  struct loop_fixture* f = *state;
  struct pollfd embedder = {.fd = uv_backend_fd(&f->loop), .events = POLLIN};
  uv_thread_t thread;

  need_backend_fd();
  init_logging(f, 1);
  turn(f);
  for (size_t i = 1; i <= 3; i++) {
    assert_int_equal(poll(&embedder, 1, 0), 0);
    start_thread(&thread, send_once, &asyncs[0]);
    assert_int_equal(poll(&embedder, 1, 1000 * WATCHDOG_S), 1);
    turn(f);
    assert_int_equal(strlen(f->log), i);
    join_thread(&thread);
  }
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
  if (strcmp(f->log, "ab") != 0)
    return 3;
  for (int i = 0; i < 2; i++)
    uv_close(as_handle(&asyncs[i]), log_closed);
  if (uv_run(&f->loop, UV_RUN_DEFAULT) != 0 || strcmp(f->log, "abCC") != 0)
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

static pid_t forked; /* what fork() answered in a callback */

static void fork_in_callback(uv_loop_t* loop) {
  test_log(loop, 'f');
  forked = fork();
  if (forked == 0 && uv_loop_fork(loop) != 0)
    _exit(1);
}

static void fork_in_async(uv_async_t* async) {
  async->async_cb = log_data;
  fork_in_callback(async->loop);
}

static void do_nothing(uv_work_t* req) {
  (void) req;
}

static void fork_after_work(uv_work_t* req, int status) {
  assert_int_equal(status, UV_ECANCELED);
  fork_in_callback(req->loop);
}

/* What is left of the turn, in both processes, then another one. `left` is what the parent is still
 * to see in the first; the child sees nothing of it. */
static void expect_rest(struct loop_fixture* f, const char* left) {
  int status;

  if (forked == 0) {
    alarm(WATCHDOG_S);
    if (strcmp(f->log, "f") != 0)
      _exit(2);
    send_to("ba");
    turn(f);
    _exit(strcmp(f->log, "fab") == 0 ? 0 : 3);
  }
  assert_int_equal(waitpid(forked, &status, 0), forked);
  assert_int_equal(status, 0);
  assert_string_equal(f->log, left);
}

static void a_child_forked_by_a_callback_forgets_those_that_were_to_come(void** state) {
  struct loop_fixture* f = *state;

  init_logging(f, 2);
  asyncs[0].async_cb = fork_in_async;
  send_to("ab");
  turn(f);
  expect_rest(f, "fb");
}

static void a_child_forked_after_work_forgets_what_came_with_it(void** state) {
  struct loop_fixture* f = *state;
  static struct pool_gate gate;
  static uv_work_t req;

  pool_gate_close(&gate, &f->loop, 4);
  init_logging(f, 2);
  send_to("ab");
  assert_int_equal(uv_queue_work(&f->loop, &req, do_nothing, fork_after_work), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  turn(f);
  if (forked != 0) {
    uv_unref(as_handle(&asyncs[0]));
    uv_unref(as_handle(&asyncs[1]));
    pool_gate_open(&gate);
  }
  expect_rest(f, "fab");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(a_handle_needs_neither_descriptors_nor_memory),
      loop_test(a_send_makes_the_backends_descriptor_readable),
      loop_test(a_signal_handler_may_send_and_keeps_errno),
      loop_test(signals_that_interrupt_the_wait_wake_the_loop),
      loop_test(a_send_may_be_interrupted_by_one_to_the_same_handle),
      loop_test(a_forked_child_forgets_the_parents_sends_and_leaves_them_to_it),
      loop_test(a_forked_child_may_close_its_loop_and_the_parent_is_still_woken),
      loop_test(a_child_forked_by_a_callback_forgets_those_that_were_to_come),
      loop_test(a_child_forked_after_work_forgets_what_came_with_it),
  };

  watchdog(WATCHDOG_S);
  return cmocka_run_group_tests_name("async_unix", tests, NULL, NULL);
}
