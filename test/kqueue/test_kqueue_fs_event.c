/* Watching files and directories by EVFILT_VNODE: what is told exactly, limits, forks. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/watch_crowd.h"

static uv_fs_event_t a, b;

/* -- The life of a watch ----------------------------------------------------------------------- */

static void a_watch_holds_its_file_open_until_it_stops(void** state) {
  struct loop_fixture* f = *state;
  int before = count_descriptors();
  int fd = dup(0);

  close(fd); /* the number that the watch will have */
  watch(&f->loop, &a, temp_dir, 0);
  assert_int_equal(count_descriptors(), before + 1);
  assert_true(is_cloexec(fd));
  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_int_equal(count_descriptors(), before);
}

static int start_once(const char* path) {
  uv_loop_t loop;
  uv_fs_event_t handle;
  int err;

  if (uv_loop_init(&loop) != 0)
    return 1;
  uv_fs_event_init(&loop, &handle);
  err = uv_fs_event_start(&handle, note, path, 0);
  if (err != 0 && uv_is_active((uv_handle_t*) &handle))
    return 2;
  uv_close((uv_handle_t*) &handle, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop) == 0 ? err : 3;
}

static int start_as_nobody(void) {
  int err = become_nobody();

  return err == 0 ? start_once(temp_path("closed")) : err;
}

static void who_may_not_read_may_not_watch(void** state) {
  (void) state;
  make_dir("closed");
  assert_int_equal(chmod(temp_path("closed"), 0700), 0);
  assert_int_equal(chmod(temp_dir, 0755), 0);
  assert_child(start_as_nobody, UV_EACCES);
  remove_dir("closed");
}

static void out_of_descriptors_is_emfile_and_is_forgotten(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  before = limit_descriptors(0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), UV_EMFILE);
  unlimit_descriptors(&before);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), 0);
  new_file("x");
  tell_all(&f->loop);
  assert_told(0, &a, "x", UV_RENAME);
  remove_file("x");
}

static void a_fifo_can_be_watched_and_blocks_nobody(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(mkfifo(temp_path("fifo"), 0600), 0);
  watch(&f->loop, &a, temp_path("fifo"), 0);
  assert_int_equal(chmod(temp_path("fifo"), 0644), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "fifo", UV_CHANGE);
  remove_file("fifo");
}

/* -- Files ------------------------------------------------------------------------------------- */

static void a_file_tells_of_data_and_attributes_as_a_change(void** state) {
  struct loop_fixture* f = *state;
  int fd;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  write_file("file"); /* grows */
  tell_all(&f->loop);
  fd = open(temp_path("file"), O_WRONLY | O_CLOEXEC);
  assert_int_equal(write(fd, "y", 1), 1); /* does not */
  close(fd);
  tell_all(&f->loop);
  assert_int_equal(chmod(temp_path("file"), 0600), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 3);
  for (size_t i = 0; i < 3; i++)
    assert_told(i, &a, "file", UV_CHANGE);
  remove_file("file");
}

static void what_comes_between_two_turns_is_told_together(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  write_file("file");
  write_file("file");
  move("file", "other");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "file", UV_CHANGE | UV_RENAME);
  remove_file("other");
}

static void a_removed_file_is_told_and_then_silent(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  remove_file("file");
  new_file("file");
  write_file("file");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "file", UV_RENAME);
  assert_true(uv_is_active((uv_handle_t*) &a));

  assert_int_equal(uv_fs_event_stop(&a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("file"), 0), 0);
  forget_told();
  write_file("file");
  tell_all(&f->loop);
  assert_told(0, &a, "file", UV_CHANGE);
  remove_file("file");
}

static void a_watch_follows_a_renamed_file(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  move("file", "other");
  tell_all(&f->loop);
  write_file("other");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "file", UV_RENAME);
  assert_told(1, &a, "file", UV_CHANGE);
  remove_file("other");
}

static void symbolic_links_are_followed(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  assert_int_equal(symlink("file", temp_path("link")), 0);
  watch(&f->loop, &a, temp_path("link"), 0);
  write_file("file");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "link", UV_CHANGE);
  remove_file("link");
  remove_file("file");
}

static void many_files_are_told_apart(void** state) {
  struct loop_fixture* f = *state;
  enum { FILES = 300 };
  static uv_fs_event_t handles[FILES];
  char name[16];

  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof(name), "%d", i);
    new_file(name);
    watch(&f->loop, &handles[i], temp_path(name), 0);
  }
  for (int i = FILES - 1; i >= 0; i--) {
    snprintf(name, sizeof(name), "%d", i);
    write_file(name);
  }
  tell_all(&f->loop);
  assert_int_equal(told_count, FILES);
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof(name), "%d", i);
    assert_told((size_t) (FILES - 1 - i), &handles[i], name, UV_CHANGE);
    remove_file(name);
  }
}

/* -- Directories ------------------------------------------------------------------------------- */

static void a_directory_tells_the_names_that_went_then_those_that_came(void** state) {
  struct loop_fixture* f = *state;

  new_file("m");
  new_file("n");
  watch(&f->loop, &a, temp_dir, 0);
  move("m", "z");
  move("n", "b");
  make_dir("dir");
  tell_all(&f->loop);
  assert_int_equal(told_count, 5);
  assert_told(0, &a, "m", UV_RENAME);
  assert_told(1, &a, "n", UV_RENAME);
  assert_told(2, &a, "b", UV_RENAME);
  assert_told(3, &a, "dir", UV_RENAME);
  assert_told(4, &a, "z", UV_RENAME);
  remove_all();
}

static void a_name_that_means_another_file_is_told(void** state) {
  struct loop_fixture* f = *state;

  new_file("new");
  new_file("old");
  watch(&f->loop, &a, temp_dir, 0);
  move("new", "old");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "new", UV_RENAME);
  assert_told(1, &a, "old", UV_RENAME);
  remove_file("old");
}

static void what_happens_in_the_files_is_not_told(void** state) {
  struct loop_fixture* f = *state;

  new_file("x");
  make_dir("sub");
  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  write_file("x");
  assert_int_equal(chmod(temp_path("x"), 0600), 0);
  new_file("sub/deep");
  tell_all(&f->loop);
  assert_int_equal(told_count, 0);
  new_file("y");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "y", UV_RENAME);
  remove_all();
}

static void what_came_and_went_is_told_without_a_name(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  new_file("x");
  remove_file("x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "(null)", UV_RENAME);
}

static void a_directory_tells_of_itself_by_its_last_component(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  watch(&f->loop, &a, temp_path("dir"), 0);
  assert_int_equal(chmod(temp_path("dir"), 0700), 0);
  tell_all(&f->loop);
  remove_dir("dir");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "dir", UV_CHANGE);
  assert_told(1, &a, "dir", UV_RENAME);
}

static void make_many(int first, int count) {
  char name[16];

  for (int i = first; i < first + count; i++) {
    snprintf(name, sizeof(name), "%d", i);
    new_file(name);
  }
}

static void a_directory_of_too_many_entries_tells_no_names(void** state) {
  struct loop_fixture* f = *state;
  enum { MANY = 10000 };

  watch(&f->loop, &a, temp_dir, 0);
  make_many(0, MANY - 3); /* with "." and ".." one less than too many */
  tell_all(&f->loop);
  assert_int_equal(told_count, MANY - 3);
  forget_told();
  make_many(MANY, 4);
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "(null)", UV_RENAME);
  remove_all();
  tell_all(&f->loop);
  forget_told();
  new_file("x"); /* to be compared with an empty one again */
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "x", UV_RENAME);
  remove_file("x");
}

/* -- Callbacks that change what is watched ----------------------------------------------------- */

static void note_and_close_self(uv_fs_event_t* handle, const char* name, int events, int status) {
  uv_close((uv_handle_t*) handle, NULL);
  note(handle, name, events, status); /* the name is good until the call ends */
}

static void the_first_of_several_names_may_be_the_last(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note_and_close_self, temp_dir, 0), 0);
  watch(&f->loop, &b, temp_dir, 0);
  new_file("one");
  new_file("two");
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, NULL, 0), 1);
  assert_int_equal(count_told(&b, NULL, 0), 2);
  remove_all();
}

static void note_and_restart(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  if (told_count > 1)
    return;
  assert_int_equal(uv_fs_event_stop(handle), 0);
  assert_int_equal(uv_fs_event_start(handle, note_and_restart, temp_dir, 0), 0);
}

static void a_restart_in_the_callback_begins_anew(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note_and_restart, temp_dir, 0), 0);
  new_file("one");
  new_file("two");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  new_file("three");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(1, &a, "three", UV_RENAME);
  remove_all();
}

/* -- Forks ------------------------------------------------------------------------------------- */

static struct loop_fixture* forked;

static int see_events_in_the_child(void) {
  int err = uv_loop_fork(&forked->loop);

  if (err != 0)
    return err;
  new_file("child");
  while (count_told(&a, "child", UV_RENAME) == 0 || count_told(&b, "child", UV_RENAME) == 0)
    uv_run(&forked->loop, UV_RUN_ONCE);
  uv_walk(&forked->loop, close_handle, NULL);
  uv_run(&forked->loop, UV_RUN_DEFAULT);
  return uv_loop_close(&forked->loop);
}

static void a_forked_loop_watches_on(void** state) {
  forked = *state;
  watch(&forked->loop, &a, temp_dir, 0);
  watch(&forked->loop, &b, temp_dir, 0);
  assert_int_equal(in_child(see_events_in_the_child), 0);
  tell_all(&forked->loop);
  assert_int_equal(count_told(&a, "child", UV_RENAME), 1);
  assert_int_equal(count_told(&b, "child", UV_RENAME), 1);
  remove_file("child");
}

static void note_in_a_fork(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  if (told_count == 1)
    assert_int_equal(in_child(see_events_in_the_child), 0);
}

static void a_fork_inside_a_callback_has_a_queue_of_its_own(void** state) {
  forked = *state;
  assert_int_equal(uv_fs_event_init(&forked->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note_in_a_fork, temp_dir, 0), 0);
  watch(&forked->loop, &b, temp_dir, 0);
  new_file("x");
  new_file("y");
  tell_all(&forked->loop);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 1);
  assert_int_equal(count_told(&a, "y", UV_RENAME), 1);
  assert_int_equal(count_told(&a, "child", UV_RENAME), 1);
  remove_all();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      watch_test(a_watch_holds_its_file_open_until_it_stops),
      watch_test(who_may_not_read_may_not_watch),
      watch_test(out_of_descriptors_is_emfile_and_is_forgotten),
      watch_test(a_fifo_can_be_watched_and_blocks_nobody),
      watch_test(a_file_tells_of_data_and_attributes_as_a_change),
      watch_test(what_comes_between_two_turns_is_told_together),
      watch_test(a_removed_file_is_told_and_then_silent),
      watch_test(a_watch_follows_a_renamed_file),
      watch_test(symbolic_links_are_followed),
      watch_test(many_files_are_told_apart),
      watch_test(a_directory_tells_the_names_that_went_then_those_that_came),
      watch_test(a_name_that_means_another_file_is_told),
      watch_test(what_happens_in_the_files_is_not_told),
      watch_test(what_came_and_went_is_told_without_a_name),
      watch_test(a_directory_tells_of_itself_by_its_last_component),
      watch_test(a_directory_of_too_many_entries_tells_no_names),
      watch_test(the_first_of_several_names_may_be_the_last),
      watch_test(a_restart_in_the_callback_begins_anew),
      watch_test(a_forked_loop_watches_on),
      watch_test(a_fork_inside_a_callback_has_a_queue_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
