/* Watching files and directories, where that depends on the kernel: what is told exactly, limits,
 * links, forks. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/watch_crowd.h"

#include <sys/inotify.h>

static uv_fs_event_t a, b, c;

/* -- The life of a handle ---------------------------------------------------------------------- */

static void the_descriptor_comes_with_the_first_watch_and_goes_with_the_last(void** state) {
  struct loop_fixture* f = *state;
  int before;

  uv_close((uv_handle_t*) &mark_watch, NULL);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(f->loop.inotify_fd, -1);
  before = count_descriptors();
  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, "/", 0);
  assert_int_equal(count_descriptors(), before + 1);
  assert_true(is_cloexec(f->loop.inotify_fd));
  assert_true(is_nonblocking(f->loop.inotify_fd));
  uv_fs_event_stop(&a);
  assert_int_equal(count_descriptors(), before + 1);
  uv_fs_event_stop(&b);
  assert_int_equal(count_descriptors(), before);
}

/* -- Errors ------------------------------------------------------------------------------------ */

static int start_once(const char* path, unsigned int flags) {
  uv_loop_t loop;
  uv_fs_event_t handle;
  int err;

  if (uv_loop_init(&loop) != 0)
    return 1;
  uv_fs_event_init(&loop, &handle);
  err = uv_fs_event_start(&handle, note, path, flags);
  if (err != 0 && uv_is_active((uv_handle_t*) &handle))
    return 2;
  uv_close((uv_handle_t*) &handle, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop) == 0 ? err : 3;
}

static int start_as_nobody(void) {
  int err = become_nobody();

  if (err == 0)
    err = start_once(temp_path("closed"), 0);
  return err == UV_EACCES ? start_once(temp_path("closed"), UV_FS_EVENT_RECURSIVE) : err;
}

static void who_may_not_read_may_not_watch(void** state) {
  (void) state;
  make_dir("closed");
  assert_int_equal(chmod(temp_path("closed"), 0700), 0);
  assert_int_equal(chmod(temp_dir, 0755), 0);
  assert_child(start_as_nobody, UV_EACCES);
  remove_dir("closed");
}

static int start_without_watches(void) {
  return limit_in_namespace("max_inotify_watches", "0") ? start_once("/", 0) : CHILD_CANNOT;
}

static int start_without_instances(void) {
  return limit_in_namespace("max_inotify_instances", "0") ? start_once("/", 0) : CHILD_CANNOT;
}

static void out_of_watches_is_enospc(void** state) {
  (void) state;
  assert_child(start_without_watches, UV_ENOSPC);
}

static void out_of_instances_is_emfile(void** state) {
  (void) state;
  assert_child(start_without_instances, UV_EMFILE);
}

static void out_of_descriptors_is_emfile_and_is_forgotten(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before;
  uv_loop_t loop;

  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_fs_event_init(&loop, &a), 0);
  before = limit_descriptors(0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), UV_EMFILE);
  unlimit_descriptors(&before);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, 0), 0);
  uv_close((uv_handle_t*) &a, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  (void) f;
}

/* -- What is told ------------------------------------------------------------------------------ */

static void a_change_of_a_subdirectory_is_both(void** state) {
  struct loop_fixture* f = *state;

  make_dir("sub");
  watch(&f->loop, &a, temp_dir, 0);
  assert_int_equal(chmod(temp_path("sub"), 0700), 0);
  new_file("sub/deep");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "sub", UV_RENAME | UV_CHANGE);
  remove_file("sub/deep");
  remove_dir("sub");
}

static void a_directory_tells_of_itself_by_its_last_component(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  watch(&f->loop, &a, temp_path("dir"), 0);
  watch(&f->loop, &b, temp_path("dir/"), 0);
  assert_int_equal(chmod(temp_path("dir"), 0700), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "dir", UV_RENAME | UV_CHANGE);
  if (!IS_OLDER_PEER) /* which has one spelling for all */
    assert_told(1, &b, "", UV_RENAME | UV_CHANGE);
  remove_dir("dir");
}

static void the_removal_of_a_watched_directory_is_told_twice(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  watch(&f->loop, &a, temp_path("dir"), 0);
  remove_dir("dir");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "dir", UV_RENAME);
  assert_told(1, &a, "dir", UV_RENAME);
}

static void a_removed_file_is_told_three_times_and_then_silent(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch(&f->loop, &a, temp_path("file"), 0);
  remove_file("file");
  new_file("file");
  write_file("file");
  tell_all(&f->loop);
  assert_int_equal(told_count, 3);
  assert_told(0, &a, "file", UV_CHANGE);
  assert_told(1, &a, "file", UV_RENAME);
  assert_told(2, &a, "file", UV_RENAME);
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

static void names_of_any_bytes_are_told(void** state) {
  struct loop_fixture* f = *state;
  char longest[256];

  memset(longest, 'n', 255);
  longest[255] = '\0';
  watch(&f->loop, &a, temp_dir, 0);
  assert_int_equal(mkdir(temp_path("\xff\n\x01"), 0755), 0);
  tell_all(&f->loop);
  assert_told(0, &a, "\xff\n\x01", UV_RENAME);
  remove_dir("\xff\n\x01");
  assert_int_equal(chdir(temp_dir), 0);
  assert_int_equal(mkdir(longest, 0755), 0);
  tell_all(&f->loop);
  assert_told(2, &a, longest, UV_RENAME);
  watch(&f->loop, &b, longest, 0);
  forget_told();
  assert_int_equal(rmdir(longest), 0);
  assert_int_equal(chdir("/"), 0);
  tell_all(&f->loop);
  assert_int_equal(count_told(&b, longest, UV_RENAME), 2);
}

/* -- Several handles --------------------------------------------------------------------------- */

static void all_handles_of_a_path_are_told_in_the_order_of_their_starts(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &b, temp_dir, 0);
  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &c, temp_dir, 0);
  new_file("x");
  remove_file("x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 6);
  for (size_t i = 0; i < 6; i += 3) {
    assert_told(i, &b, "x", UV_RENAME);
    assert_told(i + 1, &a, "x", UV_RENAME);
    assert_told(i + 2, &c, "x", UV_RENAME);
  }
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

/* -- Storms ------------------------------------------------------------------------------------ */

/* Two files in turn, since the kernel joins equal events. */
static void cause_events(long count) {
  char one[128];
  char two[128];

  snprintf(one, sizeof(one), "%s/one", temp_dir);
  snprintf(two, sizeof(two), "%s/two", temp_dir);
  for (long i = 0; i < count; i++)
    assert_int_equal(chmod(i % 2 ? one : two, 0600), 0);
}

static void lost_events_are_told_to_every_watcher(void** state) {
  struct loop_fixture* f = *state;
  long most = max_queued_events();

  if (most == 0 || most > 100000)
    skip();
  new_file("one");
  new_file("two");
  make_dir("dir");
  watch(&f->loop, &a, temp_path("one"), 0);
  watch(&f->loop, &b, temp_dir, 0);
  watch(&f->loop, &c, temp_path("dir"), 0);
  uv_fs_event_stop(&c);
  assert_int_equal(uv_fs_event_start(&c, note, "/", 0), 0);
  cause_events(most + 10);
  tell_all(&f->loop);
  assert_int_equal(count_told(&a, "(null)", 0), 1);
  assert_int_equal(count_told(&b, "(null)", 0), 1);
  assert_int_equal(count_told(&c, "(null)", 0), 1);
  for (size_t i = 0; i < told_count; i++)
    if (strcmp(told[i].name, "(null)") == 0)
      assert_told(i, told[i].handle, "(null)", UV_CHANGE);
  assert_true(count_told(&b, NULL, 0) > most / 2);
  remove_file("one");
  remove_file("two");
  remove_dir("dir");
}

static void close_all_when_lost(uv_fs_event_t* handle, const char* name, int events, int status) {
  if (name == NULL)
    note_and_close_all(handle, name, events, status);
}

static void a_callback_about_lost_events_may_close_all(void** state) {
  struct loop_fixture* f = *state;
  long most = max_queued_events();

  if (most == 0 || most > 100000)
    skip();
  new_file("one");
  new_file("two");
  start_crowd(&f->loop, close_all_when_lost);
  cause_events(most + 10);
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  remove_file("one");
  remove_file("two");
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

static int fork_without_the_path(void) {
  return uv_loop_fork(&forked->loop);
}

static void a_fork_without_the_path_says_so(void** state) {
  forked = *state;
  make_dir("dir");
  watch(&forked->loop, &a, temp_path("dir"), 0);
  remove_dir("dir");
  assert_int_equal(in_child(fork_without_the_path), UV_ENOENT);
  tell_all(&forked->loop);
}

static void note_in_a_fork(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  if (told_count == 1)
    assert_int_equal(in_child(see_events_in_the_child), 0);
}

static void a_fork_inside_a_callback_has_only_its_own_events(void** state) {
  forked = *state;
  assert_int_equal(uv_fs_event_init(&forked->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note_in_a_fork, temp_dir, 0), 0);
  watch(&forked->loop, &b, temp_dir, 0);
  new_file("x");
  remove_file("x");
  tell_all(&forked->loop);
  assert_int_equal(count_told(&a, "x", UV_RENAME), 2);
  assert_int_equal(count_told(&a, "child", UV_RENAME), 1);
  remove_file("child");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      newer_watch_test(the_descriptor_comes_with_the_first_watch_and_goes_with_the_last),
      watch_test(who_may_not_read_may_not_watch),
      watch_test(out_of_watches_is_enospc),
      watch_test(out_of_instances_is_emfile),
      watch_test(out_of_descriptors_is_emfile_and_is_forgotten),
      watch_test(a_change_of_a_subdirectory_is_both),
      watch_test(a_directory_tells_of_itself_by_its_last_component),
      watch_test(the_removal_of_a_watched_directory_is_told_twice),
      watch_test(a_removed_file_is_told_three_times_and_then_silent),
      watch_test(a_watch_follows_a_renamed_file),
      watch_test(symbolic_links_are_followed),
      watch_test(names_of_any_bytes_are_told),
      watch_test(all_handles_of_a_path_are_told_in_the_order_of_their_starts),
      watch_test(many_files_are_told_apart),
      newer_watch_test(lost_events_are_told_to_every_watcher),
      newer_watch_test(a_callback_about_lost_events_may_close_all),
      watch_test(a_forked_loop_watches_on),
      watch_test(a_fork_without_the_path_says_so),
      newer_watch_test(a_fork_inside_a_callback_has_only_its_own_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
