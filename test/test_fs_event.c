/* Watching files and directories: what is told, to whom, and when no more. */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/watch_crowd.h"

static uv_fs_event_t a, b, c;

static const char* last_component(const char* path) {
  const char* last = path;

  for (; *path != '\0'; path++)
    if (*path == '/' || *path == '\\')
      last = path + 1;
  return last;
}

/* -- The life of a handle ---------------------------------------------------------------------- */

static void a_handle_can_be_closed_without_a_start(void** state) {
  struct loop_fixture* f = *state;

  memset(&a, 0xA5, sizeof(a));
  a.data = f;
  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_ptr_equal(a.data, f);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_stop(&a), 0);
  uv_close((uv_handle_t*) &a, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

static void a_second_start_is_refused_and_changes_nothing(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  assert_true(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_start(&a, note, "/", 0), UV_EINVAL);
  new_file("here");
  tell_all(&f->loop);
  assert_told(0, &a, "here", UV_RENAME);
  remove_file("here");
}

static void a_watch_keeps_the_loop_alive_unless_unreferenced(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  assert_true(uv_loop_alive(&f->loop));
  uv_unref((uv_handle_t*) &a);
  assert_false(uv_loop_alive(&f->loop));
  uv_ref((uv_handle_t*) &a);
  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_false(uv_loop_alive(&f->loop));
}

static void a_stopped_handle_can_watch_something_else(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("two");
  watch(&f->loop, &a, temp_path("one"), 0);
  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("two"), 0), 0);
  new_file("one/x");
  new_file("two/y");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "x", 0), 0);
  assert_int_equal(count_told(&a, "y", UV_RENAME), 1);
  remove_file("one/x");
  remove_file("two/y");
  remove_dir("one");
  remove_dir("two");
}

static void all_flags_are_accepted(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_WATCH_ENTRY | UV_FS_EVENT_STAT | 0x4000);
  new_file("x");
  tell_all(&f->loop);
  assert_told(0, &a, "x", UV_RENAME);
  remove_file("x");
}

/* -- Errors ------------------------------------------------------------------------------------ */

static void what_cannot_be_watched_is_refused(void** state) {
  struct loop_fixture* f = *state;
  char too_long[5000];

  new_file("file");
  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, "", 0), UV_ENOENT);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("none"), 0), UV_ENOENT);
  memset(too_long, 'x', sizeof(too_long));
  too_long[sizeof(too_long) - 1] = '\0';
  assert_int_equal(uv_fs_event_start(&a, note, too_long, 0), UV_ENAMETOOLONG);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("file"), 0), 0);
  remove_file("file");
}

static void bad_arguments_are_refused(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, NULL, temp_dir, 0), UV_EINVAL);
  assert_int_equal(uv_fs_event_start(&a, note, NULL, 0), UV_EINVAL);
  uv_close((uv_handle_t*) &a, NULL);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), UV_EINVAL);
}

static void without_memory_a_start_fails_and_leaves_nothing(void** state) {
  int err = UV_ENOMEM;

  (void) state;
  for (long fail_at = 2; err == UV_ENOMEM; fail_at++) {
    uv_loop_t loop;
    assert_true(fail_at < 30);
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_fs_event_init(&loop, &a), 0);
    test_allocator.fail_at = test_allocator.calls + fail_at - 1;
    err = uv_fs_event_start(&a, note, temp_dir, 0);
    test_allocator.fail_at = 0;
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(uv_is_active((uv_handle_t*) &a), err == 0);
    uv_close((uv_handle_t*) &a, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
  }
}

/* -- What is told ------------------------------------------------------------------------------ */

/* What comes and goes again before the directory is looked at cannot be found by comparing. */
static void end_step(uv_loop_t* loop) {
  if (directories_are_compared)
    tell_all(loop);
}

static void a_directory_tells_of_its_entries(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  new_file("x");
  end_step(&f->loop);
  write_file("x");
  move("x", "y");
  end_step(&f->loop);
  remove_file("y");
  tell_all(&f->loop);
  assert_told(0, &a, "x", UV_RENAME);
  if (!directories_are_compared)
    assert_told(1, &a, "x", UV_CHANGE);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 2);
  assert_int_equal(count_told(&a, "y", UV_RENAME), 2);
  assert_told(told_count - 1, &a, "y", UV_RENAME);
}

static void a_file_is_told_by_its_last_component(void** state) {
  struct loop_fixture* f = *state;
  char before[256];

  assert_non_null(getcwd(before, sizeof(before)));
  assert_int_equal(chdir(temp_dir), 0);
  new_file("file");
  watch(&f->loop, &a, "./file", 0);
  watch(&f->loop, &b, "file", 0);
  write_file("file");
  tell_all(&f->loop);
  assert_true(count_told(&a, "file", UV_CHANGE) > 0);
  assert_true(count_told(&b, "file", UV_CHANGE) > 0);
  assert_int_equal(count_told(NULL, "file", UV_CHANGE), told_count);
  remove_file("file");
  assert_int_equal(chdir(before), 0);
}

static void names_that_begin_alike_are_told_apart(void** state) {
  struct loop_fixture* f = *state;

  new_file("x.js");
  new_file("x.jsx");
  watch(&f->loop, &a, temp_path("x.jsx"), 0);
  write_file("x.js");
  remove_file("x.js");
  tell_all(&f->loop);
  assert_int_equal(told_count, 0);
  remove_file("x.jsx");
}

/* -- Several handles --------------------------------------------------------------------------- */

static void stopping_one_leaves_the_others(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, temp_dir, 0);
  uv_close((uv_handle_t*) &a, NULL);
  new_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, NULL, 0), 0);
  assert_int_equal(count_told(&b, "x", UV_RENAME), 1);
  remove_file("x");
}

static void each_handle_of_a_path_has_its_own_spelling(void** state) {
  struct loop_fixture* f = *state;
  char spelled[2 * sizeof(temp_dir) + 8];
  char buffer[128];
  size_t size = sizeof(buffer);

  snprintf(spelled, sizeof(spelled), "%s/../%s/", temp_dir, last_component(temp_dir));
  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, spelled, 0);
  assert_int_equal(uv_fs_event_getpath(&b, buffer, &size), 0);
  assert_string_equal(buffer, spelled);
}

static void loops_are_told_each(void** state) {
  struct loop_fixture* f = *state;
  uv_loop_t other;

  assert_int_equal(uv_loop_init(&other), 0);
  watch(&f->loop, &a, temp_dir, 0);
  watch(&other, &b, temp_dir, 0);
  new_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 1);
  assert_int_equal(count_told(&b, NULL, 0), 0);
  forget_told();
  wait_told(&other, "x");
  assert_int_equal(count_told(&b, "x", UV_RENAME), 1);
  uv_close((uv_handle_t*) &b, NULL);
  assert_int_equal(uv_run(&other, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&other), 0);
  remove_file("x");
}

/* -- Stopping ---------------------------------------------------------------------------------- */

static void nothing_is_told_after_a_stop(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, temp_dir, 0);
  new_file("x");
  assert_int_equal(uv_fs_event_stop(&a), 0);
  uv_close((uv_handle_t*) &b, NULL);
  tell_all(&f->loop);
  assert_int_equal(told_count, 0);
  remove_file("x");
}

static void a_restart_drops_what_was_pending(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  new_file("x");
  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 0);
  remove_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 1);
}

static void two_handles_of_a_file_close_without_events(void** state) {
  struct loop_fixture* f = *state;

  new_file("x");
  watch(&f->loop, &a, temp_path("x"), 0);
  watch(&f->loop, &b, temp_path("x"), 0);
  uv_close((uv_handle_t*) &a, NULL);
  uv_close((uv_handle_t*) &b, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  remove_file("x");
}

static void a_callback_may_close_all_handles(void** state) {
  struct loop_fixture* f = *state;

  new_file("one");
  new_file("two");
  start_crowd(&f->loop, note_and_close_all);
  write_file("two");
  write_file("one");
  remove_file("two");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_string_equal(told[0].name, "two");
  assert_string_equal(told[1].name, "two");
  remove_file("one");
}

static void note_and_close_mark_too(uv_fs_event_t* handle, const char* name, int events,
                                    int status) {
  uv_close((uv_handle_t*) &mark_watch, NULL);
  note_and_close_all(handle, name, events, status);
}

/* With the last watch the loop's descriptor is closed, while its events are being told. */
static void a_callback_may_close_the_last_watch(void** state) {
  struct loop_fixture* f = *state;

  new_file("one");
  new_file("two");
  start_crowd(&f->loop, note_and_close_mark_too);
  write_file("two");
  write_file("one");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(told_count, 2);
  remove_file("one");
  remove_file("two");
}

static void note_and_stop_self(uv_fs_event_t* handle, const char* name, int events, int status) {
  assert_int_equal(uv_fs_event_stop(handle), 0);
  note(handle, name, events, status);
}

static void a_callback_may_stop_its_own_handle(void** state) {
  struct loop_fixture* f = *state;

  new_file("one");
  new_file("two");
  start_crowd(&f->loop, note_and_stop_self);
  write_file("one");
  write_file("two");
  write_file("one");
  tell_all(&f->loop);
  assert_int_equal(told_count, 8);
  assert_int_equal(count_told(NULL, "one", 0), 4);
  assert_int_equal(count_told(NULL, "two", 0), 4);
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(uv_is_active((uv_handle_t*) crowd[i]), 0);
    uv_close((uv_handle_t*) crowd[i], free_handle);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  remove_file("one");
  remove_file("two");
}

static void note_and_swap(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  if (handle != &a || uv_is_active((uv_handle_t*) &c))
    return;
  assert_int_equal(uv_fs_event_stop(&b), 0);
  assert_int_equal(uv_fs_event_start(&c, note, temp_dir, 0), 0);
}

static void who_stops_or_starts_in_the_round_is_not_told(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  uv_fs_event_stop(&a);
  assert_int_equal(uv_fs_event_start(&a, note_and_swap, temp_dir, 0), 0);
  watch(&f->loop, &b, temp_dir, 0);
  assert_int_equal(uv_fs_event_init(&f->loop, &c), 0);
  new_file("x");
  wait_told(&f->loop, "x");
  assert_told(0, &a, "x", UV_RENAME);
  assert_int_equal(count_told(&a, "x", 0), told_count);
  forget_told();
  remove_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&b, NULL, 0), 0);
  assert_int_equal(count_told(&c, "x", UV_RENAME), 1);
}

/* -- getpath ----------------------------------------------------------------------------------- */

static void getpath_tells_what_was_given(void** state) {
  struct loop_fixture* f = *state;
  char path[2 * sizeof(temp_dir) + 8];
  char buffer[128];
  size_t size;

  snprintf(path, sizeof(path), "%s//../%s/./", temp_dir, last_component(temp_dir));
  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  size = sizeof(buffer);
  assert_int_equal(uv_fs_event_getpath(&a, buffer, &size), UV_EINVAL);
  assert_int_equal(size, 0);
  assert_int_equal(uv_fs_event_start(&a, note, path, 0), 0);

  size = strlen(path);
  assert_int_equal(uv_fs_event_getpath(&a, buffer, &size), UV_ENOBUFS);
  assert_int_equal(size, strlen(path) + 1);
  assert_int_equal(uv_fs_event_getpath(&a, buffer, &size), 0);
  assert_int_equal(size, strlen(path));
  assert_string_equal(buffer, path);
  assert_string_equal(a.path, path);
}

static void getpath_needs_a_buffer(void** state) {
  struct loop_fixture* f = *state;
  char buffer[8];
  size_t size = sizeof(buffer);

  watch(&f->loop, &a, temp_dir, 0);
  assert_int_equal(uv_fs_event_getpath(&a, NULL, &size), UV_EINVAL);
  assert_int_equal(uv_fs_event_getpath(&a, buffer, NULL), UV_EINVAL);
  size = 0;
  assert_int_equal(uv_fs_event_getpath(&a, buffer, &size), UV_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      watch_test(a_handle_can_be_closed_without_a_start),
      watch_test(a_second_start_is_refused_and_changes_nothing),
      watch_test(a_watch_keeps_the_loop_alive_unless_unreferenced),
      watch_test(a_stopped_handle_can_watch_something_else),
      watch_test(all_flags_are_accepted),
      watch_test(what_cannot_be_watched_is_refused),
      newer_watch_test(bad_arguments_are_refused),
      newer_watch_test(without_memory_a_start_fails_and_leaves_nothing),
      watch_test(a_directory_tells_of_its_entries),
      watch_test(a_file_is_told_by_its_last_component),
      watch_test(names_that_begin_alike_are_told_apart),
      watch_test(stopping_one_leaves_the_others),
      newer_watch_test(each_handle_of_a_path_has_its_own_spelling),
      watch_test(loops_are_told_each),
      watch_test(nothing_is_told_after_a_stop),
      watch_test(a_restart_drops_what_was_pending),
      watch_test(two_handles_of_a_file_close_without_events),
      watch_test(a_callback_may_close_all_handles),
      watch_test(a_callback_may_close_the_last_watch),
      watch_test(a_callback_may_stop_its_own_handle),
      watch_test(who_stops_or_starts_in_the_round_is_not_told),
      watch_test(getpath_tells_what_was_given),
      newer_watch_test(getpath_needs_a_buffer),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
