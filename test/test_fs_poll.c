/* Watching a file by asking for its state: what is told, and when no more.
 *
 * All questions go to the pool, which has one thread, so they are answered in the order in which
 * they were asked: what a later one tells shows that those before it have been answered. */
#include "support/allocator.h"
#include "support/pool_gate.h"
#include "support/watch.h"
#include "support/wine.h"

/* The error of a path with a file where a directory should be. */
#if defined(_WIN32)
static const int below_a_file = UV_ENOENT;
#else
static const int below_a_file = UV_ENOTDIR;
#endif

enum { SOON_MS = 2, NEVER_MS = 1000000, REPORTS_MAX = 64 };

struct report {
  const uv_fs_poll_t* handle;
  int status;
  bool is_active; /* as the callback saw it */
  uv_stat_t prev;
  uv_stat_t curr;
};

static uv_fs_poll_t a, b;
static struct report reports[REPORTS_MAX];
static int report_count;
static int close_count;
static const uv_stat_t zeros;

static void report(uv_fs_poll_t* handle, int status, const uv_stat_t* prev, const uv_stat_t* curr) {
  struct report* entry = &reports[report_count++];

  assert_true(report_count < REPORTS_MAX);
  assert_non_null(prev);
  assert_non_null(curr);
  entry->handle = handle;
  entry->status = status;
  entry->is_active = uv_is_active((uv_handle_t*) handle);
  entry->prev = *prev;
  entry->curr = *curr;
}

static void count_close(uv_handle_t* handle) {
  (void) handle;
  close_count++;
}

static void close_counted(uv_fs_poll_t* handle) {
  uv_close((uv_handle_t*) handle, count_close);
}

static bool are_equal(const uv_stat_t* x, const uv_stat_t* y) {
  return memcmp(x, y, sizeof(*x)) == 0;
}

static bool is_reported(const void* count) {
  return report_count >= *(const int*) count;
}

static void wait_reports(uv_loop_t* loop, int count) {
  if (!run_until(loop, is_reported, &count))
    fail_msg("%d reports instead of %d", report_count, count);
}

/* Waits for the next report, and answers it. While a file is being moved Wine may not find the
 * volume that it is on, and tells of that first. */
static const struct report* wait_status(uv_loop_t* loop, int status) {
  const struct report* last;

  do {
    wait_reports(loop, report_count + 1);
    last = &reports[report_count - 1];
  } while (is_wine() && last->status != status && last->curr.st_dev == 0);
  assert_int_equal(last->status, status);
  return last;
}

static void ask_for(uv_loop_t* loop, uv_fs_poll_t* handle, const char* path,
                    unsigned int interval) {
  memset(handle, 0xA5, sizeof(*handle));
  assert_int_equal(uv_fs_poll_init(loop, handle), 0);
  assert_int_equal(uv_fs_poll_start(handle, report, path, interval), 0);
}

static void set_true(uv_fs_poll_t* handle, int status, const uv_stat_t* prev,
                     const uv_stat_t* curr) {
  (void) status;
  (void) prev;
  (void) curr;
  *(bool*) handle->data = true;
}

static bool is_true(const void* flag) {
  return *(const bool*) flag;
}

/* Runs the loop until all questions asked so far have been answered, and those answers told. */
static void get_answers(uv_loop_t* loop) {
  static uv_fs_poll_t last;
  bool is_answered = false;
  int closed = 0;

  assert_int_equal(uv_fs_poll_init(loop, &last), 0);
  last.data = &is_answered;
  assert_int_equal(uv_fs_poll_start(&last, set_true, temp_path("never there"), NEVER_MS), 0);
  assert_true(run_until(loop, is_true, &is_answered));
  last.data = &closed;
  uv_close((uv_handle_t*) &last, count_closed);
  while (closed == 0)
    uv_run(loop, UV_RUN_NOWAIT);
}

static void post(uv_work_t* work) {
  uv_sem_post(work->data);
}

static void free_work(uv_work_t* work, int status) {
  (void) status;
  free(work);
}

/* Waits until the pool has answered what it was asked; the loop does not know the answers yet, and
 * they cannot be cancelled any more. */
static void pass_pool(uv_loop_t* loop) {
  uv_work_t* work = malloc(sizeof(*work));
  uv_sem_t is_passed;

  assert_non_null(work);
  assert_int_equal(uv_sem_init(&is_passed, 0), 0);
  work->data = &is_passed;
  assert_int_equal(uv_queue_work(loop, work, post, free_work), 0);
  uv_sem_wait(&is_passed);
  uv_sem_destroy(&is_passed);
}

static int poll_setup(void** state) {
  report_count = 0;
  close_count = 0;
  temp_dir_make();
  return loop_setup(state);
}

static int poll_teardown(void** state) {
  int err = loop_teardown(state);

  temp_dir_remove();
  return err;
}

#define poll_test(function) cmocka_unit_test_setup_teardown(function, poll_setup, poll_teardown)
#define newer_poll_test(function) newer_test_with(function, poll_setup, poll_teardown)

/* -- The life of a handle ---------------------------------------------------------------------- */

static void a_handle_can_be_closed_without_a_start(void** state) {
  struct loop_fixture* f = *state;

  memset(&a, 0xA5, sizeof(a));
  a.data = f;
  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  assert_ptr_equal(a.data, f);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_poll_stop(&a), 0);
  close_counted(&a);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(close_count, 1);
}

static void bad_arguments_are_refused(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_poll_start(&a, NULL, temp_dir, SOON_MS), UV_EINVAL);
  assert_int_equal(uv_fs_poll_start(&a, report, NULL, SOON_MS), UV_EINVAL);
  assert_false(uv_is_active((uv_handle_t*) &a));
  uv_close((uv_handle_t*) &a, NULL);
  assert_int_equal(uv_fs_poll_start(&a, report, temp_dir, SOON_MS), UV_EINVAL);
}

static void do_nothing(uv_work_t* req) {
  (void) req;
}

static void use_thread(uv_loop_t* loop) {
  uv_work_t req;

  assert_int_equal(uv_queue_work(loop, &req, do_nothing, NULL), 0);
  while (loop->active_reqs.count > 0)
    uv_run(loop, UV_RUN_ONCE);
}

static void without_memory_a_start_fails_and_leaves_nothing(void** state) {
  struct loop_fixture* f = *state;
  int err = UV_ENOMEM;
  long fail_at;

  /* What the pool allocates once for all is no matter here. */
  get_answers(&f->loop);
  use_thread(&f->loop);
  for (fail_at = 1; err == UV_ENOMEM; fail_at++) {
    uv_loop_t loop;

    assert_true(fail_at < 30);
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_fs_poll_init(&loop, &a), 0);
    test_allocator.fail_at = test_allocator.calls + fail_at;
    err = uv_fs_poll_start(&a, report, temp_dir, SOON_MS);
    test_allocator.fail_at = 0;
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(uv_is_active((uv_handle_t*) &a), err == 0);
    assert_int_equal(uv_loop_alive(&loop), err == 0);
    uv_close((uv_handle_t*) &a, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
  }
  assert_true(fail_at > 2);
}

static void a_second_start_changes_nothing(void** state) {
  struct loop_fixture* f = *state;
  bool is_other_called = false;
  char path[512];
  size_t size = sizeof(path);

  ask_for(&f->loop, &a, temp_path("one"), NEVER_MS);
  a.data = &is_other_called;
  assert_int_equal(uv_fs_poll_start(&a, set_true, temp_path("two"), SOON_MS), 0);
  assert_int_equal(uv_fs_poll_getpath(&a, path, &size), 0);
  assert_string_equal(path, temp_path("one"));
  wait_reports(&f->loop, 1);
  assert_false(is_other_called);
}

static void polling_keeps_the_loop_alive_unless_unreferenced(void** state) {
  struct loop_fixture* f = *state;

  ask_for(&f->loop, &a, temp_dir, NEVER_MS);
  get_answers(&f->loop);
  assert_true(uv_loop_alive(&f->loop));
  uv_unref((uv_handle_t*) &a);
  assert_false(uv_loop_alive(&f->loop));
  uv_ref((uv_handle_t*) &a);
  assert_true(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_poll_stop(&a), 0);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_false(turn(f));
}

static void see(uv_handle_t* handle, void* arg) {
  assert_ptr_equal(handle, &a);
  ++*(int*) arg;
}

static void a_walk_sees_the_handle_alone(void** state) {
  struct loop_fixture* f = *state;
  int seen = 0;

  ask_for(&f->loop, &a, temp_dir, NEVER_MS);
  uv_walk(&f->loop, see, &seen);
  assert_int_equal(seen, 1);
  /* Now it waits for the timer. */
  get_answers(&f->loop);
  uv_walk(&f->loop, see, &seen);
  assert_int_equal(seen, 2);
}

static void getpath_tells_what_was_given(void** state) {
  struct loop_fixture* f = *state;
  char path[] = "/./etc//passwd";
  size_t len = strlen(path);
  char buffer[64];
  size_t size = sizeof(buffer);

  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, &size), UV_EINVAL);
  assert_int_equal(size, 0);

  assert_int_equal(uv_fs_poll_start(&a, report, path, NEVER_MS), 0);
  path[0] = 'x';
  size = len;
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, &size), UV_ENOBUFS);
  assert_int_equal(size, len + 1);
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, &size), 0);
  assert_int_equal(size, len);
  assert_string_equal(buffer, "/./etc//passwd");

  uv_fs_poll_stop(&a);
  size = sizeof(buffer);
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, &size), UV_EINVAL);
  assert_int_equal(size, 0);
}

static void getpath_needs_a_buffer(void** state) {
  struct loop_fixture* f = *state;
  char buffer[64];
  size_t size = sizeof(buffer);

  ask_for(&f->loop, &a, temp_dir, NEVER_MS);
  assert_int_equal(uv_fs_poll_getpath(&a, NULL, &size), UV_EINVAL);
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, NULL), UV_EINVAL);
  size = 0;
  assert_int_equal(uv_fs_poll_getpath(&a, buffer, &size), UV_EINVAL);
}

/* -- What is told ------------------------------------------------------------------------------ */

static void a_change_is_told_with_both_states(void** state) {
  struct loop_fixture* f = *state;

  new_file("x");
  ask_for(&f->loop, &a, temp_path("x"), SOON_MS);
  get_answers(&f->loop);
  assert_int_equal(report_count, 0);
  write_file("x");
  wait_reports(&f->loop, 1);
  assert_ptr_equal(reports[0].handle, &a);
  assert_int_equal(reports[0].status, 0);
  assert_true(reports[0].is_active);
  assert_int_equal(reports[0].prev.st_size, 0);
  assert_int_equal(reports[0].prev.st_ino, reports[0].curr.st_ino);
  /* The write may have been seen in two steps, the times before the size or after it. */
  while (reports[report_count - 1].curr.st_size != 1)
    wait_reports(&f->loop, report_count + 1);
  remove_file("x");
}

static void an_interval_of_nothing_is_a_short_one(void** state) {
  struct loop_fixture* f = *state;

  new_file("x");
  ask_for(&f->loop, &a, temp_path("x"), 0);
  get_answers(&f->loop);
  assert_int_equal(chmod(temp_path("x"), 0444), 0);
  wait_reports(&f->loop, 1);
  assert_int_equal(reports[0].prev.st_mode & 0777, shown_mode(0644));
  assert_int_equal(reports[0].curr.st_mode & 0777, shown_mode(0444));
  assert_int_equal(chmod(temp_path("x"), 0644), 0);
  remove_file("x");
}

static int count_reports(const uv_fs_poll_t* handle) {
  int count = 0;

  for (int i = 0; i < report_count; i++)
    count += reports[i].handle == handle;
  return count;
}

static void an_error_is_told_once_until_it_is_another(void** state) {
  struct loop_fixture* f = *state;
  const struct report* last;

  new_file("file");
  ask_for(&f->loop, &a, temp_path("x/y"), SOON_MS);
  wait_reports(&f->loop, 1);
  assert_int_equal(reports[0].status, UV_ENOENT);
  assert_true(are_equal(&reports[0].prev, &zeros));
  assert_true(are_equal(&reports[0].curr, &zeros));

  /* Another handle asks as often, and finds a change each time. */
  ask_for(&f->loop, &b, temp_path("file"), SOON_MS);
  for (int i = 0; i < 5; i++) {
    get_answers(&f->loop);
    assert_int_equal(chmod(temp_path("file"), i % 2 == 0 ? 0444 : 0644), 0);
    wait_reports(&f->loop, report_count + 1);
  }
  uv_fs_poll_stop(&b);
  assert_int_equal(count_reports(&a), 1);
  assert_int_equal(chmod(temp_path("file"), 0644), 0);

  move("file", "x");
  if (below_a_file != UV_ENOENT) {
    wait_reports(&f->loop, report_count + 1);
    assert_int_equal(count_reports(&a), 2);
    last = &reports[report_count - 1];
    assert_int_equal(last->status, below_a_file);
    assert_true(are_equal(&last->curr, &zeros));
  }
  remove_file("x");
}

static void success_after_failure_is_told_even_without_a_change(void** state) {
  struct loop_fixture* f = *state;
  const struct report* gone;
  const struct report* back;

  make_dir("one");
  new_file("one/x");
  ask_for(&f->loop, &a, temp_path("one/x"), SOON_MS);
  get_answers(&f->loop);
  move("one", "two");
  gone = wait_status(&f->loop, UV_ENOENT);
  assert_int_not_equal(gone->prev.st_ino, 0);
  assert_true(are_equal(&gone->curr, &zeros));
  move("two", "one");
  back = wait_status(&f->loop, 0);
  assert_true(are_equal(&back->prev, &gone->prev));
  assert_int_equal(back->curr.st_ino, gone->prev.st_ino);
  assert_int_equal(back->curr.st_ctim.tv_nsec, gone->prev.st_ctim.tv_nsec);
  remove_file("one/x");
  remove_dir("one");
}

static void a_file_that_appears_is_told_with_nothing_before(void** state) {
  struct loop_fixture* f = *state;

  ask_for(&f->loop, &a, temp_path("x"), SOON_MS);
  wait_reports(&f->loop, 1);
  assert_int_equal(reports[0].status, UV_ENOENT);
  new_file("x");
  wait_reports(&f->loop, 2);
  assert_int_equal(reports[1].status, 0);
  assert_true(are_equal(&reports[1].prev, &zeros));
  assert_int_not_equal(reports[1].curr.st_ino, 0);
  remove_file("x");
}

static void want_of_memory_is_told_and_passes(void** state) {
  struct loop_fixture* f = *state;
  uv_loop_t loop;
  int wanted = 1;

  get_answers(&f->loop);
  test_allocator_install(0, true);
  assert_int_equal(uv_loop_init(&loop), 0);
  ask_for(&loop, &a, temp_dir, SOON_MS);
  get_answers(&loop);
  test_allocator.fail_at = 1;
  assert_true(run_until(&loop, is_reported, &wanted));
  assert_int_equal(reports[0].status, UV_ENOMEM);
  assert_true(are_equal(&reports[0].curr, &zeros));
  test_allocator.fail_at = 0;
  wait_reports(&loop, 2);
  assert_int_equal(reports[1].status, 0);
  uv_close((uv_handle_t*) &a, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

/* -- When it is asked -------------------------------------------------------------------------- */

/* Asks, and runs the loop for some time in which there can be no answer. */
static void ask_in_vain(struct loop_fixture* f, struct pool_gate* gate, unsigned int interval,
                        unsigned int time_ms) {
  static uv_timer_t timer;
  bool is_over = false;

  pool_gate_close(gate, &f->loop, 1);
  ask_for(&f->loop, &a, temp_dir, interval);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  timer.data = &is_over;
  assert_int_equal(uv_timer_start(&timer, on_limit, time_ms, 0), 0);
  assert_true(run_until(&f->loop, is_true, &is_over));
}

static void get_late_answers(struct pool_gate* gate) {
  uv_unref((uv_handle_t*) &a);
  pool_gate_open(gate);
  uv_ref((uv_handle_t*) &a);
}

static void nothing_is_asked_before_the_last_answer(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;

  ask_in_vain(f, &gate, SOON_MS, 20 * SOON_MS);
  /* The gate's and one question. */
  assert_int_equal(f->loop.active_reqs.count, 2);
  get_late_answers(&gate);
  assert_int_equal(f->loop.active_reqs.count, 0);
}

static void questions_come_at_multiples_of_the_interval(void** state) {
  enum { INTERVAL_MS = 200, LATE_MS = 250 };
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uint64_t asked_at;
  int left;

  uv_update_time(&f->loop);
  asked_at = uv_now(&f->loop);
  ask_in_vain(f, &gate, INTERVAL_MS, LATE_MS);
  get_late_answers(&gate);
  left = uv_backend_timeout(&f->loop);
  assert_in_range(left, 1, INTERVAL_MS);
  assert_int_equal((uv_now(&f->loop) - asked_at + (uint64_t) left) % INTERVAL_MS, 0);
}

/* -- Stopping and closing ---------------------------------------------------------------------- */

/* The first answer for a file that is not there would be told. */
static void nothing_is_told_after_a_stop(void** state) {
  struct loop_fixture* f = *state;

  ask_for(&f->loop, &a, temp_path("none"), SOON_MS);
  pass_pool(&f->loop);
  assert_int_equal(uv_fs_poll_stop(&a), 0);
  assert_int_equal(uv_fs_poll_stop(&a), 0);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(report_count, 0);
}

static void a_question_that_the_pool_has_not_begun_is_withdrawn(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;

  pool_gate_close(&gate, &f->loop, 1);
  ask_for(&f->loop, &a, temp_path("none"), SOON_MS);
  close_counted(&a);
  assert_int_equal(close_count, 0);
  for (int i = 0; close_count == 0 && i < 10; i++)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(close_count, 1);
  pool_gate_open(&gate);
  assert_int_equal(report_count, 0);
}

static void a_restarted_handle_polls_something_else(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  ask_for(&f->loop, &a, temp_path("none"), SOON_MS);
  pass_pool(&f->loop);
  uv_fs_poll_stop(&a);
  assert_int_equal(uv_fs_poll_start(&a, report, temp_path("file/x"), SOON_MS), 0);
  wait_reports(&f->loop, 1);
  get_answers(&f->loop);
  assert_int_equal(report_count, 1);
  assert_int_equal(reports[0].status, below_a_file);
  remove_file("file");
}

static void start_and_stop_ten_times(struct loop_fixture* f, bool is_answered) {
  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(uv_fs_poll_start(&a, report, temp_path("none"), SOON_MS), 0);
    if (is_answered)
      pass_pool(&f->loop);
    assert_int_equal(uv_fs_poll_stop(&a), 0);
  }
  close_counted(&a);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(report_count, 0);
  assert_int_equal(close_count, 1);
}

static void after_ten_starts_and_stops_a_close_is_told_once(void** state) {
  start_and_stop_ten_times(*state, false);
}

static void after_ten_answered_questions_a_close_is_told_once(void** state) {
  start_and_stop_ten_times(*state, true);
}

static void a_close_waits_for_an_answer(void** state) {
  struct loop_fixture* f = *state;

  ask_for(&f->loop, &a, temp_path("none"), SOON_MS);
  pass_pool(&f->loop);
  close_counted(&a);
  assert_int_equal(close_count, 0);
  assert_true(uv_is_closing((uv_handle_t*) &a));
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_true(uv_loop_alive(&f->loop));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(close_count, 1);
  assert_int_equal(report_count, 0);
}

static void a_stopped_handle_closes_in_one_turn(void** state) {
  struct loop_fixture* f = *state;

  ask_for(&f->loop, &a, temp_path("none"), SOON_MS);
  pass_pool(&f->loop);
  uv_fs_poll_stop(&a);
  uv_run(&f->loop, UV_RUN_ONCE);
  close_counted(&a);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(close_count, 1);
  assert_int_equal(report_count, 0);
}

static void close_and_free(uv_handle_t* handle) {
  close_count++;
  free(handle);
}

static void report_and_close(uv_fs_poll_t* handle, int status, const uv_stat_t* prev,
                             const uv_stat_t* curr) {
  report(handle, status, prev, curr);
  uv_close((uv_handle_t*) handle, close_and_free);
}

static uv_fs_poll_t* new_handle(uv_loop_t* loop, const char* path) {
  uv_fs_poll_t* handle = malloc(sizeof(*handle));

  assert_non_null(handle);
  assert_int_equal(uv_fs_poll_init(loop, handle), 0);
  assert_int_equal(uv_fs_poll_start(handle, report_and_close, path, NEVER_MS), 0);
  return handle;
}

static void a_handle_may_be_freed_once_closed(void** state) {
  struct loop_fixture* f = *state;
  uv_fs_poll_t* waiting = new_handle(&f->loop, temp_dir);
  uv_fs_poll_t* asking;

  get_answers(&f->loop);
  asking = new_handle(&f->loop, temp_dir);
  pass_pool(&f->loop);
  uv_close((uv_handle_t*) waiting, close_and_free);
  uv_close((uv_handle_t*) asking, close_and_free);
  /* This one closes itself. */
  new_handle(&f->loop, temp_path("none"));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(close_count, 3);
  assert_int_equal(report_count, 1);
}

static void report_and_stop(uv_fs_poll_t* handle, int status, const uv_stat_t* prev,
                            const uv_stat_t* curr) {
  report(handle, status, prev, curr);
  uv_fs_poll_stop(handle);
}

static void a_callback_may_stop_its_handle(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_poll_start(&a, report_and_stop, temp_path("none"), SOON_MS), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(report_count, 1);
  close_counted(&a);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(close_count, 1);
}

static void report_and_restart(uv_fs_poll_t* handle, int status, const uv_stat_t* prev,
                               const uv_stat_t* curr) {
  report_and_stop(handle, status, prev, curr);
  assert_int_equal(uv_fs_poll_start(handle, report_and_stop, temp_path("file/x"), SOON_MS), 0);
}

static void a_callback_may_restart_its_handle(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  assert_int_equal(uv_fs_poll_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_poll_start(&a, report_and_restart, temp_path("none"), SOON_MS), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(report_count, 2);
  assert_int_equal(reports[0].status, UV_ENOENT);
  assert_int_equal(reports[1].status, below_a_file);
  remove_file("file");
}

/* -- Forks ------------------------------------------------------------------------------------- */

#if defined(_WIN32)
#define FORK_TESTS
#else
#include "support/child.h"

static struct loop_fixture* forked;

static int poll_in_a_fork(void) {
  int wanted = 2;

  if (uv_loop_fork(&forked->loop) != 0 || chmod(temp_path("x"), 0600) != 0)
    return -1;
  if (!run_until(&forked->loop, is_reported, &wanted))
    return -2;
  return count_reports(&a) >= 1 && count_reports(&b) == 1;
}

/* One handle waits, the other has asked. */
static void a_forked_loop_polls_on(void** state) {
  forked = *state;
  new_file("x");
  ask_for(&forked->loop, &a, temp_path("x"), 100);
  get_answers(&forked->loop);
  ask_for(&forked->loop, &b, temp_path("none"), SOON_MS);
  pass_pool(&forked->loop);
  assert_child(poll_in_a_fork, 1);
  wait_reports(&forked->loop, 1);
  remove_file("x");
}

static int close_in_a_fork(void) {
  if (uv_loop_fork(&forked->loop) != 0)
    return -1;
  for (int i = 0; i < 10; i++)
    uv_run(&forked->loop, UV_RUN_NOWAIT);
  return close_count == 1;
}

/* The answers that the close waits for come to the parent alone. */
static void a_close_that_waits_for_answers_ends_in_a_fork_too(void** state) {
  forked = *state;
  ask_for(&forked->loop, &a, temp_path("one"), SOON_MS);
  uv_fs_poll_stop(&a);
  assert_int_equal(uv_fs_poll_start(&a, report, temp_path("two"), SOON_MS), 0);
  pass_pool(&forked->loop);
  close_counted(&a);
  assert_child(close_in_a_fork, 1);
  assert_int_equal(uv_run(&forked->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(close_count, 1);
  assert_int_equal(report_count, 0);
}

#define FORK_TESTS \
  newer_poll_test(a_forked_loop_polls_on), \
      newer_poll_test(a_close_that_waits_for_answers_ends_in_a_fork_too),
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      poll_test(a_handle_can_be_closed_without_a_start),
      newer_poll_test(bad_arguments_are_refused),
      newer_poll_test(without_memory_a_start_fails_and_leaves_nothing),
      poll_test(a_second_start_changes_nothing),
      poll_test(polling_keeps_the_loop_alive_unless_unreferenced),
      poll_test(a_walk_sees_the_handle_alone),
      poll_test(getpath_tells_what_was_given),
      newer_poll_test(getpath_needs_a_buffer),
      poll_test(a_change_is_told_with_both_states),
      poll_test(an_interval_of_nothing_is_a_short_one),
      poll_test(an_error_is_told_once_until_it_is_another),
      poll_test(success_after_failure_is_told_even_without_a_change),
      poll_test(a_file_that_appears_is_told_with_nothing_before),
      newer_poll_test(want_of_memory_is_told_and_passes),
      poll_test(nothing_is_asked_before_the_last_answer),
      poll_test(questions_come_at_multiples_of_the_interval),
      poll_test(nothing_is_told_after_a_stop),
      newer_poll_test(a_question_that_the_pool_has_not_begun_is_withdrawn),
      newer_poll_test(a_restarted_handle_polls_something_else),
      poll_test(after_ten_starts_and_stops_a_close_is_told_once),
      poll_test(after_ten_answered_questions_a_close_is_told_once),
      poll_test(a_close_waits_for_an_answer),
      poll_test(a_stopped_handle_closes_in_one_turn),
      poll_test(a_handle_may_be_freed_once_closed),
      poll_test(a_callback_may_stop_its_handle),
      newer_poll_test(a_callback_may_restart_its_handle),
      FORK_TESTS};

  /* Each question is the pool's, whose threads the tests hold and pass. */
  if (uv_os_setenv("UV_THREADPOOL_SIZE", "1") != 0 || uv_os_setenv("UV_USE_IO_URING", "0") != 0)
    return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
