/* Watching a file by asking for its state, in the child of a fork, where questions are carried out
 * as the system likes best: the answer may be there already and wait for the loop's turn. */
#include "support/child.h"
#include "support/watch.h"

enum { SOON_MS = 2, NEVER_MS = 1000000, TURNS = 10 };

static struct loop_fixture* forked;
static uv_fs_poll_t poller;
static int reports;
static int last_status;
static int closed;

static void report(uv_fs_poll_t* handle, int status, const uv_stat_t* prev, const uv_stat_t* curr) {
  (void) handle;
  (void) prev;
  (void) curr;
  reports++;
  last_status = status;
}

static void on_close(uv_handle_t* handle) {
  (void) handle;
  closed++;
}

static bool is_reported(const void* arg) {
  (void) arg;
  return reports > 0;
}

static int set_up(void** state) {
  reports = 0;
  closed = 0;
  temp_dir_make();
  return loop_setup(state);
}

static int tear_down(void** state) {
  int err = loop_teardown(state);

  temp_dir_remove();
  return err;
}

static void start(void** state, unsigned int interval_ms) {
  forked = *state;
  assert_int_equal(uv_fs_poll_init(&forked->loop, &poller), 0);
  assert_int_equal(uv_fs_poll_start(&poller, report, temp_path("none"), interval_ms), 0);
}

/* Whether each answer was counted once shows in the end of the loop. */
static int end(void) {
  if (!uv_is_closing((uv_handle_t*) &poller))
    uv_close((uv_handle_t*) &poller, on_close);
  for (int i = 0; i < TURNS; i++)
    uv_run(&forked->loop, UV_RUN_NOWAIT);
  if (forked->loop.active_reqs.count != 0 || closed != 1)
    return -3;
  return uv_loop_close(&forked->loop);
}

static int watch_on(void) {
  if (uv_loop_fork(&forked->loop) != 0)
    return -1;
  if (!run_until(&forked->loop, is_reported, NULL) || last_status != UV_ENOENT)
    return -2;
  return end();
}

static void a_question_that_was_asked_is_answered(void** state) {
  start(state, SOON_MS);
  assert_child(watch_on, 0);
  assert_true(run_until(&forked->loop, is_reported, NULL));
}

static int only_close(void) {
  return uv_loop_fork(&forked->loop) == 0 ? end() : -1;
}

static void a_handle_may_be_closed_before_the_answer(void** state) {
  start(state, NEVER_MS);
  assert_child(only_close, 0);
}

static void a_close_before_the_fork_ends_after_it(void** state) {
  start(state, NEVER_MS);
  uv_close((uv_handle_t*) &poller, on_close);
  assert_child(only_close, 0);
  assert_int_equal(uv_run(&forked->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(closed, 1);
  assert_int_equal(reports, 0);
}

#define fork_test(function) newer_test_with(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      fork_test(a_question_that_was_asked_is_answered),
      fork_test(a_handle_may_be_closed_before_the_answer),
      fork_test(a_close_before_the_fork_ends_after_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
