/* Watching files and directories: what is told, to whom, and when no more. */
#include "support/allocator.h"
#include "support/child.h"
#include "support/descriptors.h"
#include "support/watch.h"

#include <sys/inotify.h>

static uv_fs_event_t a, b, c;

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

static void what_cannot_be_watched_is_refused(void** state) {
  struct loop_fixture* f = *state;
  char too_long[5000];

  new_file("file");
  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, "", 0), UV_ENOENT);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("none"), 0), UV_ENOENT);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("file/x"), 0), UV_ENOTDIR);
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

/* A user namespace has limits of its own, which count what is made in it. */
static bool limit_in_namespace(const char* name, const char* value) {
  char path[64];
  int fd;
  bool is_done;

  if (unshare(CLONE_NEWUSER) != 0)
    return false;
  snprintf(path, sizeof(path), "/proc/sys/user/%s", name);
  fd = open(path, O_WRONLY | O_CLOEXEC);
  is_done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t) strlen(value);
  close(fd);
  return is_done;
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

static void a_directory_tells_of_its_entries(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  new_file("x");
  write_file("x");
  move("x", "y");
  remove_file("y");
  tell_all(&f->loop);
  assert_int_equal(told_count, 5);
  assert_told(0, &a, "x", UV_RENAME);
  assert_told(1, &a, "x", UV_CHANGE);
  assert_told(2, &a, "x", UV_RENAME);
  assert_told(3, &a, "y", UV_RENAME);
  assert_told(4, &a, "y", UV_RENAME);
}

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
  assert_int_equal(told_count, 2);
  assert_told(0, &a, "file", UV_CHANGE);
  assert_told(1, &b, "file", UV_CHANGE);
  remove_file("file");
  assert_int_equal(chdir(before), 0);
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

static void stopping_one_leaves_the_others(void** state) {
  struct loop_fixture* f = *state;

  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, temp_dir, 0);
  uv_close((uv_handle_t*) &a, NULL);
  new_file("x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &b, "x", UV_RENAME);
  remove_file("x");
}

static void each_handle_of_a_path_has_its_own_spelling(void** state) {
  struct loop_fixture* f = *state;
  char spelled[128];
  char buffer[128];
  size_t size = sizeof(buffer);

  snprintf(spelled, sizeof(spelled), "%s/../%s/", temp_dir, strrchr(temp_dir, '/') + 1);
  watch(&f->loop, &a, temp_dir, 0);
  watch(&f->loop, &b, spelled, 0);
  assert_int_equal(uv_fs_event_getpath(&b, buffer, &size), 0);
  assert_string_equal(buffer, spelled);
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

static void loops_are_told_each(void** state) {
  struct loop_fixture* f = *state;
  uv_loop_t other;

  assert_int_equal(uv_loop_init(&other), 0);
  watch(&f->loop, &a, temp_dir, 0);
  watch(&other, &b, temp_dir, 0);
  new_file("x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  uv_run(&other, UV_RUN_ONCE);
  assert_int_equal(told_count, 2);
  assert_told(1, &b, "x", UV_RENAME);
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
  assert_int_equal(told_count, 1);
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

static void free_handle(uv_handle_t* handle) {
  free(handle);
}

/* Which of them are left; a closed one is freed in its close callback. */
static uv_fs_event_t* crowd[8];

static void note_and_close_all(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  for (int i = 0; i < 8; i++)
    if (crowd[i] != NULL && !uv_is_closing((uv_handle_t*) crowd[i]))
      uv_close((uv_handle_t*) crowd[i], free_handle);
  /* The name is good until the call ends. */
  note(handle, name, events, status);
}

static void start_crowd(uv_loop_t* loop, uv_fs_event_cb cb) {
  for (int i = 0; i < 8; i++) {
    crowd[i] = malloc(sizeof(*crowd[i]));
    assert_non_null(crowd[i]);
    assert_int_equal(uv_fs_event_init(loop, crowd[i]), 0);
    assert_int_equal(uv_fs_event_start(crowd[i], cb, temp_path(i % 2 ? "one" : "two"), 0), 0);
  }
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
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(uv_is_active((uv_handle_t*) crowd[i]), 0);
    assert_string_equal(told[i].name, i < 4 ? "one" : "two");
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
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "x", UV_RENAME);
  forget_told();
  remove_file("x");
  tell_all(&f->loop);
  assert_int_equal(count_told(&b, NULL, 0), 0);
  assert_int_equal(count_told(&c, "x", UV_RENAME), 1);
}

/* -- getpath ----------------------------------------------------------------------------------- */

static void getpath_tells_what_was_given(void** state) {
  struct loop_fixture* f = *state;
  char path[128];
  char buffer[128];
  size_t size;

  snprintf(path, sizeof(path), "%s//../%s/./", temp_dir, strrchr(temp_dir, '/') + 1);
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

/* -- Storms ------------------------------------------------------------------------------------ */

static long max_queued_events(void) {
  FILE* file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  long value = 0;

  if (file == NULL)
    return 0;
  if (fscanf(file, "%ld", &value) != 1)
    value = 0;
  fclose(file);
  return value;
}

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
      watch_test(a_handle_can_be_closed_without_a_start),
      watch_test(a_second_start_is_refused_and_changes_nothing),
      watch_test(a_watch_keeps_the_loop_alive_unless_unreferenced),
      watch_test(a_stopped_handle_can_watch_something_else),
      watch_test(all_flags_are_accepted),
      newer_watch_test(the_descriptor_comes_with_the_first_watch_and_goes_with_the_last),
      watch_test(what_cannot_be_watched_is_refused),
      newer_watch_test(bad_arguments_are_refused),
      watch_test(who_may_not_read_may_not_watch),
      watch_test(out_of_watches_is_enospc),
      watch_test(out_of_instances_is_emfile),
      watch_test(out_of_descriptors_is_emfile_and_is_forgotten),
      newer_watch_test(without_memory_a_start_fails_and_leaves_nothing),
      watch_test(a_directory_tells_of_its_entries),
      watch_test(a_change_of_a_subdirectory_is_both),
      watch_test(a_directory_tells_of_itself_by_its_last_component),
      watch_test(the_removal_of_a_watched_directory_is_told_twice),
      watch_test(a_file_is_told_by_its_last_component),
      watch_test(a_removed_file_is_told_three_times_and_then_silent),
      watch_test(a_watch_follows_a_renamed_file),
      watch_test(names_that_begin_alike_are_told_apart),
      watch_test(symbolic_links_are_followed),
      watch_test(names_of_any_bytes_are_told),
      watch_test(all_handles_of_a_path_are_told_in_the_order_of_their_starts),
      watch_test(stopping_one_leaves_the_others),
      newer_watch_test(each_handle_of_a_path_has_its_own_spelling),
      watch_test(many_files_are_told_apart),
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
      newer_watch_test(lost_events_are_told_to_every_watcher),
      newer_watch_test(a_callback_about_lost_events_may_close_all),
      watch_test(a_forked_loop_watches_on),
      watch_test(a_fork_without_the_path_says_so),
      newer_watch_test(a_fork_inside_a_callback_has_only_its_own_events),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
