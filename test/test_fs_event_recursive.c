/* Watching a directory with all below it: whatever comes, goes and moves, each name is told, it is
 * the right one, and what is made in a new directory is told once. */
#include "support/allocator.h"
#include "support/child.h"
#include "support/pool_gate.h"
#include "support/random.h"
#include "support/watch.h"
#include "unix/fs_tree.h"

#include <ftw.h>
#include <limits.h>
#include <sys/resource.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

enum { POOL_THREADS = 4 };

/* ThreadSanitizer allows no threads in the child of a fork with threads. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
enum { FORKS_GET_THREADS = 0 };
#else
enum { FORKS_GET_THREADS = 1 };
#endif

static uv_fs_event_t a, b, c;

/* -- Helpers ----------------------------------------------------------------------------------- */

static bool is_walked(const void* handle) {
  const uv_fs_event_t* watcher = handle;
  return !uv__fs_tree_is_read_for(watcher->loop->inotify_watchers, (const uv_handle_t*) watcher);
}

/* Until all that happened so far has been told, and all directories have been read. */
static void settle(uv_loop_t* loop, const uv_fs_event_t* handle) {
  assert_true(run_until(loop, is_walked, handle));
  tell_all(loop);
  assert_true(run_until(loop, is_walked, handle));
}

static void watch_tree(uv_loop_t* loop, uv_fs_event_t* handle, const char* path) {
  watch(loop, handle, path, UV_FS_EVENT_RECURSIVE);
  /* Where programs run slowly, even a small tree may not have been walked in the start. */
  assert_true(run_until(loop, is_walked, handle));
}

static void remove_all_in(const char* name) {
  assert_int_equal(nftw(temp_path(name), remove_entry, 32, FTW_DEPTH | FTW_PHYS), 0);
}

static int exchange(const char* one, const char* other) {
  return (int) syscall(SYS_renameat2, AT_FDCWD, temp_path(one), AT_FDCWD, temp_path(other),
                       RENAME_EXCHANGE);
}

/* Directories 0/ to n-1/ with ten subdirectories each. */
static void make_wide_tree(int n) {
  char name[32];

  for (int i = 0; i < n; i++) {
    snprintf(name, sizeof(name), "%d", i);
    make_dir(name);
    for (int j = 0; j < 10; j++) {
      snprintf(name, sizeof(name), "%d/%d", i, j);
      make_dir(name);
    }
  }
}

static void assert_told_once(const uv_fs_event_t* handle, const char* name) {
  if (count_told(handle, name, UV_RENAME) != 1)
    fail_msg("%s: told %d times", name, count_told(handle, name, UV_RENAME));
}

/* Makes a file in a directory: whether its name is told, and no other. */
static void assert_watched(uv_loop_t* loop, const uv_fs_event_t* handle, const char* dir) {
  char name[256];

  snprintf(name, sizeof(name), "%s/probe", dir);
  settle(loop, handle);
  forget_told();
  new_file(name);
  tell_all(loop);
  assert_told_once(handle, name);
  assert_int_equal(count_told(handle, NULL, 0), 1);
  remove_file(name);
  tell_all(loop);
  forget_told();
}

/* -- What is told ------------------------------------------------------------------------------ */

static void entries_below_are_told_by_their_relative_names(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/two");
  watch_tree(&f->loop, &a, temp_dir);
  new_file("one/two/x");
  write_file("one/two/x");
  move("one/two/x", "one/y");
  remove_file("one/y");
  tell_all(&f->loop);
  assert_int_equal(told_count, 5);
  assert_told(0, &a, "one/two/x", UV_RENAME);
  assert_told(1, &a, "one/two/x", UV_CHANGE);
  assert_told(2, &a, "one/two/x", UV_RENAME);
  assert_told(3, &a, "one/y", UV_RENAME);
  assert_told(4, &a, "one/y", UV_RENAME);
  remove_all();
}

static void a_change_of_a_directory_below_is_told_once(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/two");
  watch_tree(&f->loop, &a, temp_dir);
  assert_int_equal(chmod(temp_path("one/two"), 0700), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "one/two", UV_RENAME | UV_CHANGE);
  remove_all();
}

static void the_root_is_told_as_by_a_plain_watch(void** state) {
  struct loop_fixture* f = *state;

  make_dir("dir");
  watch_tree(&f->loop, &a, temp_path("dir"));
  assert_int_equal(chmod(temp_path("dir"), 0700), 0);
  remove_dir("dir");
  tell_all(&f->loop);
  assert_int_equal(told_count, 3);
  assert_told(0, &a, "dir", UV_RENAME | UV_CHANGE);
  assert_told(1, &a, "dir", UV_RENAME);
  assert_told(2, &a, "dir", UV_RENAME);
}

static void a_file_is_watched_as_by_a_plain_watch(void** state) {
  struct loop_fixture* f = *state;

  new_file("file");
  watch_tree(&f->loop, &a, temp_path("file"));
  write_file("file");
  settle(&f->loop, &a);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "file", UV_CHANGE);
  remove_file("file");
}

static void a_start_fails_where_a_plain_one_does(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_start(&a, note, "", UV_FS_EVENT_RECURSIVE), UV_ENOENT);
  assert_int_equal(uv_fs_event_start(&a, note, temp_path("none"), UV_FS_EVENT_RECURSIVE),
                   UV_ENOENT);
  assert_false(uv_is_active((uv_handle_t*) &a));
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE), UV_EINVAL);
}

static void without_the_flag_nothing_below_is_told(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  watch(&f->loop, &a, temp_dir, 0);
  new_file("one/x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 0);
  remove_all();
}

static void symbolic_links_are_not_followed(void** state) {
  struct loop_fixture* f = *state;

  make_dir("tree");
  make_dir("outside");
  assert_int_equal(symlink("../outside", temp_path("tree/old")), 0);
  watch_tree(&f->loop, &a, temp_path("tree"));
  assert_int_equal(symlink("../outside", temp_path("tree/new")), 0);
  settle(&f->loop, &a);
  assert_int_equal(count_told(&a, "new", UV_RENAME), 1);
  new_file("outside/x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  remove_all();
}

static void a_link_to_the_root_is_followed(void** state) {
  struct loop_fixture* f = *state;

  make_dir("tree");
  make_dir("tree/sub");
  assert_int_equal(symlink("tree", temp_path("link")), 0);
  watch_tree(&f->loop, &a, temp_path("link"));
  remove_file("link");
  make_dir("tree/new");
  settle(&f->loop, &a);
  new_file("tree/new/x");
  new_file("tree/sub/y");
  tell_all(&f->loop);
  assert_told_once(&a, "new/x");
  assert_told_once(&a, "sub/y");
  remove_all();
}

/* -- New directories --------------------------------------------------------------------------- */

static void what_is_made_in_a_new_directory_is_told_once(void** state) {
  struct loop_fixture* f = *state;

  watch_tree(&f->loop, &a, temp_dir);
  make_dir("one");
  new_file("one/x");
  make_dir("one/two");
  make_dir("one/two/three");
  new_file("one/two/three/y");
  settle(&f->loop, &a);
  assert_int_equal(told_count, 5);
  assert_told_once(&a, "one");
  assert_told_once(&a, "one/x");
  assert_told_once(&a, "one/two");
  assert_told_once(&a, "one/two/three");
  assert_told_once(&a, "one/two/three/y");
  assert_watched(&f->loop, &a, "one/two/three");
  remove_all();
}

enum { STORM_DIRS = 100, STORM_FILES = 10 };

static void make_storm(void* arg) {
  char path[128];

  (void) arg;
  for (int i = 0; i < STORM_DIRS; i++) {
    snprintf(path, sizeof(path), "%s/%d", temp_dir, i);
    if (mkdir(path, 0755) != 0)
      return;
    for (int j = 0; j < STORM_FILES; j++) {
      snprintf(path, sizeof(path), "%s/%d/%d", temp_dir, i, j);
      close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
  }
}

static void a_storm_of_new_directories_loses_and_doubles_nothing(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;
  char name[32];

  watch_tree(&f->loop, &a, temp_dir);
  assert_int_equal(uv_thread_create(&thread, make_storm, NULL), 0);
  wait_told(&f->loop, "99/9");
  uv_thread_join(&thread);
  settle(&f->loop, &a);
  for (int i = 0; i < STORM_DIRS; i++) {
    for (int j = 0; j < STORM_FILES; j++) {
      snprintf(name, sizeof(name), "%d/%d", i, j);
      assert_told_once(&a, name);
    }
  }
  assert_int_equal(told_count, STORM_DIRS * (STORM_FILES + 1));
  remove_all();
}

static void a_directory_that_comes_again_is_watched_again(void** state) {
  struct loop_fixture* f = *state;

  watch_tree(&f->loop, &a, temp_dir);
  for (int i = 0; i < 5; i++) {
    make_dir("one");
    make_dir("one/two");
    remove_dir("one/two");
    remove_dir("one");
  }
  make_dir("one");
  make_dir("one/two");
  assert_watched(&f->loop, &a, "one/two");
  assert_watched(&f->loop, &a, "one");
  remove_all();
}

static void a_directory_with_many_entries_is_told_as_a_whole(void** state) {
  struct loop_fixture* f = *state;
  enum { FILES = 5000 };
  char name[64];

  make_dir("outside");
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof(name), "outside/a-file-with-a-long-name-%d", i);
    new_file(name);
  }
  make_dir("tree");
  watch_tree(&f->loop, &a, temp_path("tree"));
  move("outside", "tree/inside");
  settle(&f->loop, &a);
  assert_int_equal(told_count, FILES + 1);
  assert_told(0, &a, "inside", UV_RENAME);
  assert_told_once(&a, "inside/a-file-with-a-long-name-0");
  assert_told_once(&a, "inside/a-file-with-a-long-name-4999");
  remove_all();
}

/* -- Moves ------------------------------------------------------------------------------------- */

static void names_follow_a_directory_that_moves_inside(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/two");
  make_dir("one/two/three");
  make_dir("other");
  watch_tree(&f->loop, &a, temp_dir);
  move("one/two", "other/second");
  move("other", "another");
  new_file("another/second/three/x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 5);
  assert_told(0, &a, "one/two", UV_RENAME);
  assert_told(1, &a, "other/second", UV_RENAME);
  assert_told(2, &a, "other", UV_RENAME);
  assert_told(3, &a, "another", UV_RENAME);
  assert_told(4, &a, "another/second/three/x", UV_RENAME);
  remove_all();
}

static void names_follow_a_new_directory_that_moves_before_it_is_read(void** state) {
  struct loop_fixture* f = *state;

  watch_tree(&f->loop, &a, temp_dir);
  make_dir("one");
  make_dir("one/two");
  make_dir("one/two/three");
  move("one", "first");
  move("first/two", "second");
  make_dir("one"); /* where the old name leads now */
  make_dir("one/two");
  make_dir("one/two/wrong");
  assert_watched(&f->loop, &a, "first");
  assert_watched(&f->loop, &a, "second");
  assert_watched(&f->loop, &a, "second/three");
  assert_watched(&f->loop, &a, "one/two/wrong");
  remove_all();
}

static void what_moves_out_is_silent_and_what_moves_in_is_told(void** state) {
  struct loop_fixture* f = *state;

  make_dir("tree");
  make_dir("tree/one");
  make_dir("tree/one/two");
  watch_tree(&f->loop, &a, temp_path("tree"));
  move("tree/one", "outside");
  settle(&f->loop, &a);
  assert_int_equal(told_count, 1);
  new_file("outside/x");
  new_file("outside/two/y");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);

  move("outside", "tree/back");
  settle(&f->loop, &a);
  assert_int_equal(told_count, 5);
  assert_told_once(&a, "back");
  assert_told_once(&a, "back/x");
  assert_told_once(&a, "back/two");
  assert_told_once(&a, "back/two/y");
  remove_all();
}

static void a_directory_may_replace_another(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/deep");
  make_dir("two");
  make_dir("outside");
  watch_tree(&f->loop, &a, temp_dir);
  move("one", "two");
  assert_watched(&f->loop, &a, "two");
  assert_watched(&f->loop, &a, "two/deep");
  make_dir("three");
  move("two", "three");
  assert_watched(&f->loop, &a, "three/deep");
  remove_all();
}

static void two_directories_may_change_names(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/x");
  make_dir("two");
  make_dir("two/y");
  if (exchange("one", "two") != 0) {
    remove_all();
    print_message("the file system cannot exchange two names\n");
    skip();
  }
  watch_tree(&f->loop, &a, temp_dir);
  for (int i = 0; i < 3; i++)
    assert_int_equal(exchange("one", "two"), 0);
  settle(&f->loop, &a);
  assert_int_equal(told_count, 12);
  assert_watched(&f->loop, &a, "one/x");
  assert_watched(&f->loop, &a, "two/y");
  remove_all();
}

static void a_root_that_moves_takes_its_watches_along(void** state) {
  struct loop_fixture* f = *state;

  make_dir("tree");
  make_dir("tree/sub");
  watch_tree(&f->loop, &a, temp_path("tree"));
  move("tree", "moved");
  make_dir("tree");
  make_dir("tree/new");
  make_dir("moved/new");
  settle(&f->loop, &a);
  forget_told();
  new_file("moved/sub/x");
  new_file("tree/new/stranger");
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  assert_told(0, &a, "sub/x", UV_RENAME);

  remove_dir("moved/new");
  remove_file("tree/new/stranger");
  remove_dir("tree/new");
  remove_dir("tree");
  move("moved", "tree");
  make_dir("tree/new");
  assert_int_equal(chdir(temp_path("tree")), 0);
  strcat(temp_dir, "/tree");
  assert_watched(&f->loop, &a, "new");
  temp_dir[strlen(temp_dir) - strlen("/tree")] = '\0';
  assert_int_equal(chdir("/"), 0);
  remove_all();
}

static void the_directory_of_the_process_may_change(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(chdir(temp_dir), 0);
  watch_tree(&f->loop, &a, ".");
  assert_int_equal(chdir("/"), 0);
  make_dir("one");
  make_dir("one/two");
  assert_watched(&f->loop, &a, "one/two");
  remove_all();
}

/* -- Several watches --------------------------------------------------------------------------- */

static void trees_and_plain_watches_may_overlap(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  make_dir("one/two");
  watch_tree(&f->loop, &a, temp_dir);
  watch_tree(&f->loop, &b, temp_path("one"));
  watch(&f->loop, &c, temp_path("one/two"), 0);
  new_file("one/two/x");
  tell_all(&f->loop);
  assert_int_equal(told_count, 3);
  assert_int_equal(count_told(&a, "one/two/x", UV_RENAME), 1);
  assert_int_equal(count_told(&b, "two/x", UV_RENAME), 1);
  assert_int_equal(count_told(&c, "x", UV_RENAME), 1);

  uv_close((uv_handle_t*) &b, NULL);
  forget_told();
  new_file("one/two/y");
  tell_all(&f->loop);
  assert_int_equal(told_count, 2);
  remove_all();
}

/* The kernel says of each watch that it has ended. */
static void stopping_a_large_tree_loses_no_events_of_others(void** state) {
  struct loop_fixture* f = *state;
  int closed = 0;

  make_dir("other");
  make_wide_tree(1600);
  watch_tree(&f->loop, &a, temp_dir);
  watch(&f->loop, &b, temp_path("other"), 0);
  settle(&f->loop, &a);
  forget_told();
  a.data = &closed;
  uv_close((uv_handle_t*) &a, count_closed);
  new_file("other/x");
  tell_all(&f->loop);
  assert_int_equal(closed, 1);
  assert_int_equal(told_count, 1);
  assert_told(0, &b, "x", UV_RENAME);
  remove_all();
}

/* -- Large trees ------------------------------------------------------------------------------- */

enum { LARGE = 300 };

static void count_turn(uv_idle_t* idle) {
  ++*(int*) idle->data;
}

/* While all threads of the pool are busy the walk cannot go on, and the loop turns all the same. */
static void a_large_tree_is_walked_while_the_loop_turns(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_idle_t idle;
  int turns = 0;

  make_wide_tree(LARGE);
  pool_gate_close(&gate, &f->loop, POOL_THREADS);
  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  assert_false(is_walked(&a));
  uv_idle_init(&f->loop, &idle);
  idle.data = &turns;
  uv_idle_start(&idle, count_turn);
  for (int i = 0; i < 100; i++)
    uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_int_equal(turns, 100);
  assert_false(is_walked(&a));

  /* What is made where the walk has not been yet is told when it gets there. */
  new_file("299/9/early");
  make_dir("298/early");
  new_file("298/early/deep");
  uv_close((uv_handle_t*) &idle, NULL);
  uv_unref((uv_handle_t*) &a);
  pool_gate_open(&gate);
  uv_ref((uv_handle_t*) &a);
  settle(&f->loop, &a);
  assert_told_once(&a, "299/9/early");
  assert_told_once(&a, "298/early");
  assert_watched(&f->loop, &a, "298/early");
  assert_watched(&f->loop, &a, "299/9");
  assert_watched(&f->loop, &a, "0/0");
  remove_all();
}

static void a_tree_may_be_closed_while_it_is_walked(void** state) {
  struct loop_fixture* f = *state;
  uv_fs_event_t* handle = malloc(sizeof(*handle));
  struct pool_gate gate;
  int closed = 0;

  assert_non_null(handle);
  make_wide_tree(LARGE);
  pool_gate_close(&gate, &f->loop, POOL_THREADS);
  watch(&f->loop, handle, temp_dir, UV_FS_EVENT_RECURSIVE);
  assert_false(is_walked(handle));
  handle->data = &closed;
  uv_close((uv_handle_t*) handle, count_closed);
  assert_false(uv_is_active((uv_handle_t*) handle));
  pool_gate_open(&gate);
  assert_int_equal(closed, 1);
  free(handle);
  remove_all();
}

static void a_tree_may_be_stopped_and_started_while_it_is_walked(void** state) {
  struct loop_fixture* f = *state;

  make_wide_tree(LARGE);
  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  for (int i = 0; i < 10; i++) {
    uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_int_equal(uv_fs_event_stop(&a), 0);
    assert_int_equal(uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
  }
  assert_watched(&f->loop, &a, "299/9");
  assert_watched(&f->loop, &a, "3/0");
  remove_all();
}

static void an_unreferenced_walk_keeps_no_loop_alive(void** state) {
  struct loop_fixture* f = *state;

  make_wide_tree(LARGE);
  watch(&f->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  uv_unref((uv_handle_t*) &a);
  assert_false(uv_loop_alive(&f->loop));
  remove_all();
}

/* Deeper than a path can be long. */
static void a_tree_may_be_very_deep(void** state) {
  struct loop_fixture* f = *state;
  enum { LEVELS = 500 };
  const char* name = "a-directory";
  int dirs[2];

  dirs[0] = open(temp_dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  watch_tree(&f->loop, &a, temp_dir);
  for (int i = 0; i < LEVELS; i++) {
    assert_int_equal(mkdirat(dirs[0], name, 0755), 0);
    dirs[1] = openat(dirs[0], name, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    assert_true(dirs[1] >= 0);
    close(dirs[0]);
    dirs[0] = dirs[1];
  }
  settle(&f->loop, &a);
  assert_int_equal(told_count, LEVELS);
  forget_told();
  close(openat(dirs[0], "x", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  uv_fs_event_stop(&a);
  assert_int_equal(uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
  settle(&f->loop, &a);
  forget_told();
  assert_int_equal(unlinkat(dirs[0], "x", 0), 0);
  tell_all(&f->loop);
  assert_int_equal(told_count, 1);
  for (int i = 0; i < LEVELS; i++) {
    dirs[1] = openat(dirs[0], "..", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    assert_true(dirs[1] >= 0);
    close(dirs[0]);
    dirs[0] = dirs[1];
    assert_int_equal(unlinkat(dirs[0], name, AT_REMOVEDIR), 0);
  }
  close(dirs[0]);
}

/* -- What cannot be watched -------------------------------------------------------------------- */

static uv_loop_t child_loop;

static bool child_run_until(const char* name) {
  for (int i = 0; i < 10000; i++) {
    if (count_told(&a, name, 0) > 0)
      return true;
    uv_run(&child_loop, UV_RUN_ONCE);
  }
  return false;
}

static int child_start(void) {
  int err = uv_loop_init(&child_loop);

  forget_told();
  if (err == 0)
    err = uv_fs_event_init(&child_loop, &a);
  return err != 0 ? err : uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE);
}

static int child_end(void) {
  uv_close((uv_handle_t*) &a, NULL);
  uv_run(&child_loop, UV_RUN_DEFAULT);
  return uv_loop_close(&child_loop);
}

static int watch_as_nobody(void) {
  int err = become_nobody();

  if (err == 0)
    err = child_start();
  if (err != 0)
    return err;
  new_file("open/x");
  if (!child_run_until("open/x") || count_told(&a, NULL, 0) != 1)
    return 1;
  /* Its own directory, which it closes and opens. */
  mkdir(temp_path("open/own"), 0);
  if (!child_run_until("open/own"))
    return 2;
  chmod(temp_path("open/own"), 0700);
  new_file("open/own/y");
  if (!child_run_until("open/own/y"))
    return 3;
  return child_end();
}

static void what_may_not_be_read_is_left_out_until_it_may(void** state) {
  (void) state;
  assert_int_equal(chmod(temp_dir, 0755), 0);
  make_dir("closed");
  assert_int_equal(chmod(temp_path("closed"), 0700), 0);
  make_dir("open");
  assert_int_equal(chmod(temp_path("open"), 0777), 0);
  uv_library_shutdown(); /* the child makes a pool of its own */
  assert_child(watch_as_nobody, 0);
  remove_all();
}

static int start_without_watches(void) {
  return limit_in_namespace("max_inotify_watches", "0") ? child_start() : CHILD_CANNOT;
}

static int watch_with_three_watches(void) {
  int err;

  if (!limit_in_namespace("max_inotify_watches", "3"))
    return CHILD_CANNOT;
  err = child_start();
  if (err != 0)
    return err;
  make_dir("late");
  if (!child_run_until("late"))
    return 1;
  new_file("x");
  if (!child_run_until("x"))
    return 2;
  return child_end();
}

static void subdirectories_beyond_the_limit_of_watches_are_left_out(void** state) {
  (void) state;
  make_wide_tree(3);
  assert_child(watch_with_three_watches, 0);
  assert_child(start_without_watches, UV_ENOSPC);
  remove_all();
}

static int watch_without_threads(void) {
  int err = fail_syscall(SYS_clone, EAGAIN);

  if (err == 0)
    err = fail_syscall(SYS_clone3, EAGAIN);
  if (err == 0)
    err = child_start();
  if (err != 0)
    return err;
  make_dir("new");
  make_dir("new/one");
  new_file("new/one/x");
  if (!child_run_until("new/one/x"))
    return 1;
  new_file("299/9/y");
  if (!child_run_until("299/9/y"))
    return 2;
  return child_end();
}

static void without_threads_the_loop_walks_by_itself(void** state) {
  (void) state;
  uv_library_shutdown(); /* the child makes a pool of its own, or tries to */
  make_wide_tree(300);
  assert_child(watch_without_threads, 0);
  remove_all();
}

static int watch_a_mount(void) {
  int err = mount_small(temp_path("sub"), 0);

  if (err != 0)
    return err;
  err = child_start();
  if (err != 0)
    return err;
  new_file("sub/above");
  if (!child_run_until("sub/above"))
    return 1;
  if (umount2(temp_path("sub"), 0) != 0)
    return 2;
  if (!child_run_until("sub"))
    return 3;
  new_file("sub/under");
  if (!child_run_until("sub/under"))
    return 4;
  return child_end();
}

static void what_is_under_a_mount_is_watched_when_that_goes(void** state) {
  (void) state;
  make_dir("sub");
  assert_child(watch_a_mount, 0);
  remove_all();
}

/* A callback may be without a name; the handle goes on. */
static void without_memory_there_are_no_leaks_and_no_crashes(void** state) {
  (void) state;
  make_dir("one");
  make_dir("one/two");
  for (long fail_at = 1; fail_at < 60; fail_at++) {
    uv_loop_t loop;
    int err;
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_fs_event_init(&loop, &a), 0);
    test_allocator.fail_at = test_allocator.calls + fail_at;
    err = uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE);
    assert_true(err == 0 || err == UV_ENOMEM);
    if (err == 0) {
      forget_told();
      make_dir("three");
      new_file("three/x");
      move("one/two", "three/two");
      new_file("file");
      for (int i = 0; i < 100 && count_told(&a, "file", 0) + count_told(&a, "(null)", 0) == 0; i++)
        uv_run(&loop, UV_RUN_ONCE);
      for (int i = 0; i < 100 && !is_walked(&a); i++)
        uv_run(&loop, UV_RUN_ONCE);
      move("three/two", "one/two");
      remove_file("three/x");
      remove_file("file");
      remove_dir("three");
      uv_run(&loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t*) &a, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    test_allocator.fail_at = 0;
    uv_library_shutdown();
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
  }
  remove_all();
}

/* -- Losses ------------------------------------------------------------------------------------ */

static void after_a_loss_the_tree_is_watched_as_it_is(void** state) {
  struct loop_fixture* f = *state;
  long most = max_queued_events();
  char one[128];
  char two[128];

  if (most == 0 || most > 100000) {
    print_message("too many watches are allowed to use them up\n");
    skip();
  }
  make_dir("one");
  make_dir("one/deep");
  make_dir("two");
  make_dir("gone");
  make_dir("gone/deep");
  watch_tree(&f->loop, &a, temp_dir);
  snprintf(one, sizeof(one), "%s/one", temp_dir);
  snprintf(two, sizeof(two), "%s/two", temp_dir);
  for (long i = 0; i < most + 10; i++)
    assert_int_equal(chmod(i % 2 ? one : two, 0755), 0);
  /* Of all this nothing is told. */
  make_dir("new");
  make_dir("new/deep");
  move("one", "first");
  move("two", "one");
  make_dir("one/deep");
  remove_dir("gone/deep");
  remove_dir("gone");
  settle(&f->loop, &a);
  settle(&f->loop, &a);
  assert_true(count_told(&a, "(null)", UV_CHANGE) >= 1);
  assert_watched(&f->loop, &a, "new/deep");
  assert_watched(&f->loop, &a, "new");
  assert_watched(&f->loop, &a, "first/deep");
  assert_watched(&f->loop, &a, "one");
  assert_watched(&f->loop, &a, "one/deep");
  remove_all();
}

/* -- Callbacks that end things ----------------------------------------------------------------- */

static uv_fs_event_t* crowd[4];

static void close_all(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  for (int i = 0; i < 4; i++)
    if (!uv_is_closing((uv_handle_t*) crowd[i]))
      uv_close((uv_handle_t*) crowd[i], free_handle);
  if (!uv_is_closing((uv_handle_t*) &mark_watch))
    uv_close((uv_handle_t*) &mark_watch, NULL);
  note(handle, name, events, status);
}

static void close_all_at_the_second(uv_fs_event_t* handle, const char* name, int events,
                                    int status) {
  if (told_count < 4)
    note(handle, name, events, status);
  else
    close_all(handle, name, events, status);
}

static void start_crowd(uv_loop_t* loop, uv_fs_event_cb cb) {
  for (int i = 0; i < 4; i++) {
    crowd[i] = malloc(sizeof(*crowd[i]));
    assert_non_null(crowd[i]);
    assert_int_equal(uv_fs_event_init(loop, crowd[i]), 0);
    assert_int_equal(uv_fs_event_start(crowd[i], cb, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
  }
}

static void a_callback_may_close_all_trees(void** state) {
  struct loop_fixture* f = *state;

  make_dir("one");
  start_crowd(&f->loop, close_all);
  new_file("one/x");
  make_dir("one/two");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(told_count, 2);
  assert_string_equal(told[1].name, "one/x");
  remove_all();
}

/* The second round is told from what was read. */
static void a_callback_about_what_was_read_may_close_all_trees(void** state) {
  struct loop_fixture* f = *state;

  start_crowd(&f->loop, close_all_at_the_second);
  make_dir("one");
  make_dir("one/two");
  new_file("one/two/x");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(told_count, 6);
  assert_string_equal(told[5].name, "one/two");
  remove_all();
}

static void start_another(uv_fs_event_t* handle, const char* name, int events, int status) {
  note(handle, name, events, status);
  if (uv_is_active((uv_handle_t*) &b))
    assert_int_equal(uv_fs_event_stop(&b), 0);
  assert_int_equal(uv_fs_event_start(&b, note, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
}

static void a_callback_about_what_was_read_may_start_a_tree(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_fs_event_init(&f->loop, &a), 0);
  assert_int_equal(uv_fs_event_init(&f->loop, &b), 0);
  assert_int_equal(uv_fs_event_start(&a, start_another, temp_dir, UV_FS_EVENT_RECURSIVE), 0);
  make_dir("one");
  make_wide_tree(5);
  new_file("4/9/x");
  wait_told(&f->loop, "4/9/x");
  settle(&f->loop, &a);
  assert_told_once(&a, "0");
  assert_told_once(&a, "4/9/x");
  remove_all();
}

/* -- Forks ------------------------------------------------------------------------------------- */

static struct loop_fixture* forked;

static int watch_in_the_child(void) {
  int err = uv_loop_fork(&forked->loop);

  if (err != 0)
    return err;
  make_dir("299/9/new");
  new_file("299/9/new/child");
  while (count_told(&a, "299/9/new/child", UV_RENAME) == 0)
    uv_run(&forked->loop, UV_RUN_ONCE);
  uv_walk(&forked->loop, close_handle, NULL);
  uv_run(&forked->loop, UV_RUN_DEFAULT);
  return uv_loop_close(&forked->loop);
}

static void a_forked_loop_watches_the_tree_on(void** state) {
  if (!FORKS_GET_THREADS) {
    print_message("ThreadSanitizer allows no threads after a fork\n");
    skip();
  }
  forked = *state;
  make_wide_tree(LARGE);
  watch(&forked->loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  assert_int_equal(in_child(watch_in_the_child), 0); /* while the parent's walk is under way */
  settle(&forked->loop, &a);
  remove_file("299/9/new/child");
  remove_dir("299/9/new");
  settle(&forked->loop, &a);
  assert_int_equal(in_child(watch_in_the_child), 0);
  settle(&forked->loop, &a);
  assert_watched(&forked->loop, &a, "299/9/new");
  remove_all();
}

/* The tree is the only thing on its loop, and half walked. */
static void start_walk(struct pool_gate* gate, uv_loop_t* gate_loop) {
  make_wide_tree(LARGE);
  pool_gate_close(gate, gate_loop, POOL_THREADS);
  assert_int_equal(uv_loop_init(&child_loop), 0);
  watch(&child_loop, &a, temp_dir, UV_FS_EVENT_RECURSIVE);
  assert_false(is_walked(&a));
}

static void end_walk(struct pool_gate* gate) {
  pool_gate_open(gate);
  assert_int_equal(uv_run(&child_loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&child_loop), 0);
  remove_all();
}

static int close_in_the_child(void) {
  int err = uv_loop_fork(&child_loop);

  if (err != 0)
    return err;
  for (int i = 0; i < 10; i++)
    uv_run(&child_loop, UV_RUN_NOWAIT);
  return *(int*) a.data == 1 ? uv_loop_close(&child_loop) : 1;
}

/* The walk that the close waits for ends in the parent alone. */
static void a_close_that_waits_for_a_walk_ends_in_a_fork_too(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  int closed = 0;
  int answer;

  start_walk(&gate, &f->loop);
  a.data = &closed;
  uv_close((uv_handle_t*) &a, count_closed);
  answer = in_child(close_in_the_child);
  end_walk(&gate);
  assert_int_equal(answer, 0);
  assert_int_equal(closed, 1);
}

static int start_in_the_child(void) {
  int err = uv_loop_fork(&child_loop);

  if (err == 0)
    err = uv_fs_event_start(&a, note, temp_dir, UV_FS_EVENT_RECURSIVE);
  if (err != 0)
    return err;
  /* Found by reading the new directory. */
  make_dir("child");
  new_file("child/x");
  return run_until(&child_loop, is_told_of, "child/x") ? child_end() : 1;
}

static void a_tree_stopped_while_walked_may_be_started_in_a_fork(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  int answer;

  if (!FORKS_GET_THREADS) {
    print_message("ThreadSanitizer allows no threads after a fork\n");
    skip();
  }
  start_walk(&gate, &f->loop);
  assert_int_equal(uv_fs_event_stop(&a), 0);
  answer = in_child(start_in_the_child);
  uv_close((uv_handle_t*) &a, NULL);
  end_walk(&gate);
  assert_int_equal(answer, 0);
}

/* -- At random --------------------------------------------------------------------------------- */

/* Directories with names of one letter, up to four deep, in a tree and outside. */
static void random_path(struct test_random* random, char* path, size_t size) {
  int depth = 1 + (int) test_random_below(random, 4);
  size_t len = (size_t) snprintf(path, size, "%s/%s", temp_dir,
                                 test_random_below(random, 8) == 0 ? "outside" : "tree");

  for (int i = 0; i < depth; i++)
    len +=
        (size_t) snprintf(path + len, size - len, "/%c", 'a' + (int) test_random_below(random, 3));
}

struct random_work {
  struct test_random random;
  int steps;
  bool is_done;
};

static void act_at_random(void* arg) {
  struct random_work* work = arg;
  char one[160];
  char two[160];

  for (int i = 0; i < work->steps; i++) {
    random_path(&work->random, one, sizeof(one));
    random_path(&work->random, two, sizeof(two));
    switch (test_random_below(&work->random, 8)) {
      case 0:
      case 1:
      case 2:
        (void) !mkdir(one, 0755);
        break;
      case 3:
      case 4:
      case 5:
        (void) !rename(one, two);
        break;
      case 6:
        (void) !rmdir(one);
        break;
      default:
        syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE);
        break;
    }
  }
  __atomic_store_n(&work->is_done, true, __ATOMIC_RELEASE);
}

static char** found_dirs;
static size_t found_count;

static int find_dir(const char* path, const struct stat* status, int type, struct FTW* place) {
  (void) status;
  if (type != FTW_D || place->level == 0)
    return 0;
  found_dirs = realloc(found_dirs, (found_count + 1) * sizeof(*found_dirs));
  assert_non_null(found_dirs);
  found_dirs[found_count] = strdup(path + strlen(temp_dir) + strlen("/tree/"));
  assert_non_null(found_dirs[found_count++]);
  return 0;
}

/* Makes a file in each directory of the tree: each is told once, by its right name. */
static void assert_all_watched(uv_loop_t* loop) {
  char name[256];

  found_count = 0;
  settle(loop, &a);
  settle(loop, &a);
  assert_int_equal(nftw(temp_path("tree"), find_dir, 32, FTW_PHYS), 0);
  forget_told();
  for (size_t i = 0; i < found_count; i++) {
    snprintf(name, sizeof(name), "tree/%s/probe", found_dirs[i]);
    new_file(name);
  }
  tell_all(loop);
  for (size_t i = 0; i < found_count; i++) {
    snprintf(name, sizeof(name), "%s/probe", found_dirs[i]);
    assert_told_once(&a, name);
    snprintf(name, sizeof(name), "tree/%s/probe", found_dirs[i]);
    remove_file(name);
    free(found_dirs[i]);
  }
  for (size_t i = 0; told_count != found_count && i < told_count; i++)
    print_error("told: %s %d\n", told[i].name, told[i].events);
  assert_int_equal(told_count, found_count);
  tell_all(loop);
  free(found_dirs);
  found_dirs = NULL;
}

static void random_changes_leave_each_directory_watched_by_its_name(void** state) {
  struct loop_fixture* f = *state;
  struct random_work work = {.random = test_random_seeded(7)};
  uv_thread_t thread;

  make_dir("tree");
  make_dir("outside");
  watch_tree(&f->loop, &a, temp_path("tree"));
  for (int round = 0; round < 30; round++) {
    work.steps = round % 3 == 0 ? 20 : 500;
    work.is_done = false;
    assert_int_equal(uv_thread_create(&thread, act_at_random, &work), 0);
    while (!__atomic_load_n(&work.is_done, __ATOMIC_ACQUIRE))
      uv_run(&f->loop, UV_RUN_NOWAIT);
    uv_thread_join(&thread);
    assert_all_watched(&f->loop);
    /* Renames make it deeper and deeper. */
    if (round % 5 == 4) {
      remove_all_in("tree");
      remove_all_in("outside");
    }
  }
  remove_all();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      watch_test(entries_below_are_told_by_their_relative_names),
      watch_test(a_change_of_a_directory_below_is_told_once),
      watch_test(the_root_is_told_as_by_a_plain_watch),
      watch_test(a_file_is_watched_as_by_a_plain_watch),
      watch_test(a_start_fails_where_a_plain_one_does),
      watch_test(without_the_flag_nothing_below_is_told),
      watch_test(symbolic_links_are_not_followed),
      watch_test(a_link_to_the_root_is_followed),
      watch_test(what_is_made_in_a_new_directory_is_told_once),
      watch_test(a_storm_of_new_directories_loses_and_doubles_nothing),
      watch_test(a_directory_that_comes_again_is_watched_again),
      watch_test(a_directory_with_many_entries_is_told_as_a_whole),
      watch_test(names_follow_a_directory_that_moves_inside),
      watch_test(names_follow_a_new_directory_that_moves_before_it_is_read),
      watch_test(what_moves_out_is_silent_and_what_moves_in_is_told),
      watch_test(a_directory_may_replace_another),
      watch_test(two_directories_may_change_names),
      watch_test(a_root_that_moves_takes_its_watches_along),
      watch_test(the_directory_of_the_process_may_change),
      watch_test(trees_and_plain_watches_may_overlap),
      watch_test(stopping_a_large_tree_loses_no_events_of_others),
      watch_test(a_large_tree_is_walked_while_the_loop_turns),
      watch_test(a_tree_may_be_closed_while_it_is_walked),
      watch_test(a_tree_may_be_stopped_and_started_while_it_is_walked),
      watch_test(an_unreferenced_walk_keeps_no_loop_alive),
      watch_test(a_tree_may_be_very_deep),
      watch_test(what_may_not_be_read_is_left_out_until_it_may),
      watch_test(subdirectories_beyond_the_limit_of_watches_are_left_out),
      watch_test(without_threads_the_loop_walks_by_itself),
      watch_test(what_is_under_a_mount_is_watched_when_that_goes),
      watch_test(without_memory_there_are_no_leaks_and_no_crashes),
      watch_test(after_a_loss_the_tree_is_watched_as_it_is),
      watch_test(a_callback_may_close_all_trees),
      watch_test(a_callback_about_what_was_read_may_close_all_trees),
      watch_test(a_callback_about_what_was_read_may_start_a_tree),
      watch_test(a_forked_loop_watches_the_tree_on),
      watch_test(a_close_that_waits_for_a_walk_ends_in_a_fork_too),
      watch_test(a_tree_stopped_while_walked_may_be_started_in_a_fork),
      watch_test(random_changes_leave_each_directory_watched_by_its_name),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
