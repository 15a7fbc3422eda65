/* Files: setting times, where that depends on links, rights and the file system. */
#include "support/child.h"
#include "support/fs_times.h"

#include <math.h>
#include <stdlib.h>

static void links_are_followed_but_by_lutime(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(symlink("file", "link"), 0);

  assert_int_equal(FS(utime, "link", 100, 200), 0);
  assert_int_equal(stat_of("file").st_mtim.tv_sec, 200);
  assert_int_not_equal(stat_of("link").st_mtim.tv_sec, 200);
  assert_int_equal(FS(lutime, "link", 300, 400), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_LUTIME);
  assert_int_equal(stat_of("file").st_mtim.tv_sec, 200);
  assert_int_equal(stat_of("link").st_mtim.tv_sec, 400);
  assert_int_equal(stat_of("link").st_atim.tv_sec, 300);
  unlink("file");
  assert_int_equal(FS(lutime, "link", 500, 600), 0); /* points nowhere */
  assert_int_equal(FS(utime, "link", 500, 600), UV_ENOENT);
  unlink("link");
}

static void setting_times_fails_as_the_system_says(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(utime, "none", 1, 2), UV_ENOENT);
  assert_int_equal(FS(utime, "file/x", 1, 2), UV_ENOTDIR);
  assert_int_equal(FS(lutime, "none", 1, 2), UV_ENOENT);
  assert_int_equal(FS(futime, -1, 1, 2), UV_EBADF);
  assert_int_equal(fs_req.fs_type, UV_FS_FUTIME);
  assert_int_equal(FS(futime, AT_FDCWD, 1, 2), UV_EBADF);
  unlink("file");
}

child_function(utime_roots, become_nobody(), FS(utime, "file", 1, 2));
child_function(futime_roots, become_nobody(), set_times(FUTIME, "file", 1, 2));
child_function(lutime_roots, become_nobody(), FS(lutime, "file", 1, 2));
child_function(utime_closed, become_nobody(), FS(utime, "closed/file", 1, 2));
child_function(lutime_closed, become_nobody(), FS(lutime, "closed/file", 1, 2));
child_function(touch_roots, become_nobody(),
               set_times(UTIME, "file", (double) INFINITY, (double) INFINITY));
child_function(ftouch_roots, become_nobody(),
               set_times(FUTIME, "file", (double) INFINITY, (double) INFINITY));
child_function(utime_read_only, mount_small("mount", MS_RDONLY), FS(utime, "mount", 1, 2));
child_function(futime_read_only, mount_small("mount", MS_RDONLY), set_times(FUTIME, "mount", 1, 2));
child_function(lutime_read_only, mount_small("mount", MS_RDONLY), FS(lutime, "mount", 1, 2));

static void times_of_others_are_left_alone(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("making files of another user needs privileges that this process lacks\n");
    skip();
  }
  make_file("file", "");
  assert_int_equal(mkdir("closed", 0700), 0);
  const int answers[] = {in_child(utime_roots), in_child(futime_roots), in_child(lutime_roots)};
  const int closed[] = {in_child(utime_closed), in_child(lutime_closed)};

  rmdir("closed");
  unlink("file");
  for (int i = 0; i < 3; i++)
    assert_int_equal(answers[i], UV_EPERM);
  for (int i = 0; i < 2; i++)
    assert_int_equal(closed[i], UV_EACCES);
}

/* Another error than for a time of one's own choice. */
static void files_of_others_are_not_touched(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("making files of another user needs privileges that this process lacks\n");
    skip();
  }
  make_file("file", "");
  int by_path = in_child(touch_roots);
  int by_descriptor = in_child(ftouch_roots);
  unlink("file");
  assert_int_equal(by_path, UV_EACCES);
  assert_int_equal(by_descriptor, UV_EACCES);
}

static void a_read_only_file_system_keeps_its_times(void** state) {
  (void) state;
  assert_int_equal(mkdir("mount", 0755), 0);
  const int answers[] = {in_child(utime_read_only), in_child(futime_read_only),
                         in_child(lutime_read_only)};
  rmdir("mount");
  if (answers[0] == CHILD_CANNOT) {
    print_message("mounting needs privileges that this process lacks\n");
    skip();
  }
  for (int i = 0; i < 3; i++)
    assert_int_equal(answers[i], UV_EROFS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(links_are_followed_but_by_lutime),
      both_tests(setting_times_fails_as_the_system_says),
      sync_test(times_of_others_are_left_alone),
      newer_sync_test(files_of_others_are_not_touched),
      sync_test(a_read_only_file_system_keeps_its_times),
  };
  return cmocka_run_group_tests_name("fs_times_unix", tests, NULL, NULL);
}
