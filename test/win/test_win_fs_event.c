/* Watching files and directories: what is so on Windows alone. */
#include "support/descriptors.h"
#include "support/watch.h"

#include <wchar.h>

static uv_fs_event_t a, b;

/* -- Names ------------------------------------------------------------------------------------- */

static void a_file_is_known_by_any_spelling_of_its_name(void** state) {
  struct loop_fixture* f = *state;

  new_file("Some File.text");
  watch(&f->loop, &a, temp_path("SOME file.TEXT"), 0);
  write_file("sOME fILE.tEXT");
  tell_all(&f->loop);
  assert_true(count_told(&a, "SOME file.TEXT", UV_CHANGE) > 0);
  assert_int_equal(count_told(&a, "SOME file.TEXT", 0), told_count);
  remove_file("Some File.text");
}

/* The 8.3 name of a path, or false if the file system makes none. */
static bool find_short_name(const char* path, char name[64]) {
  WCHAR found[MAX_PATH];
  DWORD len = GetShortPathNameW(wide_name(path), found, MAX_PATH);
  const WCHAR* last = found;

  for (const WCHAR* at = found; len > 0 && len < MAX_PATH && *at != L'\0'; at++)
    if (*at == L'\\' || *at == L'/')
      last = at + 1;
  if (last == found || wcschr(last, L'~') == NULL)
    return false;
  snprintf(name, 64, "%ls", last);
  return true;
}

static void a_file_is_told_whichever_of_its_names_was_used(void** state) {
  struct loop_fixture* f = *state;
  char name[64];

  new_file("a rather long name.text");
  if (!find_short_name(temp_path("a rather long name.text"), name)) {
    print_message("this file system makes no 8.3 names\n");
    skip();
  }
  watch(&f->loop, &a, temp_path(name), 0);
  watch(&f->loop, &b, temp_path("a rather long name.text"), 0);
  write_file(name);
  write_file("a rather long name.text");
  tell_all(&f->loop);
  assert_true(count_told(&a, name, UV_CHANGE) > 0);
  assert_true(count_told(&b, "a rather long name.text", UV_CHANGE) > 0);
  assert_int_equal(count_told(&a, name, 0) + count_told(&b, "a rather long name.text", 0),
                   told_count);
  remove_file("a rather long name.text");
}

static void names_are_utf8(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  new_file("\xc3\xa4\xe2\x82\xac");
  tell_all(&f->loop);
  assert_told(0, &a, "\xc3\xa4\xe2\x82\xac", UV_RENAME);
  remove_file("\xc3\xa4\xe2\x82\xac");
}

/* -- What is told ------------------------------------------------------------------------------ */

/* By name: what comes back under it is told again. */
static void a_file_that_comes_back_is_watched_on(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  remove_file("file");
  new_file("file");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "file", UV_RENAME), 2);
  remove_file("file");
}

static void all_that_does_not_fit_is_told_as_one_loss(void** state) {
  struct loop_fixture* f = *state;
  enum { FILES = 300 };
  char name[80];

  watch(&f->loop, &a, temp_dir, 0);
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof(name), "%060d", i);
    new_file(name);
  }
  tell_all(&f->loop);
  assert_true(count_told(&a, NULL, UV_CHANGE) >= 1);
  assert_int_equal(count_told(&a, "(null)", UV_CHANGE), 1);
  forget_told();
  new_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 1);
  remove_all();
}

/* Wine does not tell of anything below. */
static void what_is_below_is_told_with_backslashes(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  make_dir("dir/sub");
  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  watch(&f->loop, &b, temp_dir, 0);
  new_file("dir/sub/file");
  tell_all(&f->loop);
  bool is_there = count_told(&a, "dir\\sub\\file", UV_RENAME) == 1;
  bool is_told_at_all = count_told(&a, NULL, 0) > 0;
  int flat = count_told(&b, "dir\\sub\\file", 0);

  remove_all();
  assert_int_equal(flat, 0);
  if (!is_told_at_all) {
    print_message("this system does not watch what is below\n");
    skip();
  }
  assert_true(is_there);
}

static void the_end_of_a_watched_directory_is_told_once(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  watch(&f->loop, &a, temp_path("dir"), 0);
  remove_dir("dir");
  tell_all(&f->loop);
  if (told_count == 0) {
    print_message("this system does not tell that a watched directory is gone\n");
    skip();
  }
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "dir", UV_RENAME);
  assert_int_equal(told[1].status, UV_ENOENT);
  assert_true(uv_is_active((uv_handle_t*) &a));
}

/* -- Handles ----------------------------------------------------------------------------------- */

static void starts_and_stops_leave_no_handles(void** state) {
  struct loop_fixture* f = *state;
  enum { ROUNDS = 100 };
  int before;

  watch(&f->loop, &a, temp_dir, 0);
  tell_all(&f->loop);
  before = count_descriptors();
  for (int i = 0; i < ROUNDS; i++) {
    assert_int_equal(uv_fs_event_stop(&a), 0);
    assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), 0);
  }
  tell_all(&f->loop);
  assert_true(count_descriptors() < before + ROUNDS / 2);
}

/* A close waits for the ends of all that was started. */
static void a_close_with_many_ends_to_come_is_told_once(void** state) {
  struct loop_fixture* f = *state;
  int closed = 0;

  watch(&f->loop, &a, temp_dir, 0);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(uv_fs_event_stop(&a), 0);
    assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), 0);
  }
  new_file("x");
  a.data = &closed;
  uv_close((uv_handle_t*) &a, count_closed);
  assert_int_equal(closed, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(closed, 1);
  assert_int_equal(told_count, 0);
  remove_file("x");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      watch_test(a_file_is_known_by_any_spelling_of_its_name),
      watch_test(a_file_is_told_whichever_of_its_names_was_used),
      watch_test(names_are_utf8),
      watch_test(a_file_that_comes_back_is_watched_on),
      watch_test(all_that_does_not_fit_is_told_as_one_loss),
      watch_test(what_is_below_is_told_with_backslashes),
      watch_test(the_end_of_a_watched_directory_is_told_once),
      watch_test(starts_and_stops_leave_no_handles),
      watch_test(a_close_with_many_ends_to_come_is_told_once),
  };
  return cmocka_run_group_tests_name("win_fs_event", tests, NULL, NULL);
}
