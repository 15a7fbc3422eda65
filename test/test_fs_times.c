/* Files: setting times. */
#include "support/child.h"
#include "support/fs.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* How one sets times: of a path, of a descriptor, of a link itself. */
enum way { UTIME, FUTIME, LUTIME, WAYS };

static ssize_t set_times(enum way way, const char* path, double atime, double mtime) {
  ssize_t r;
  int fd;

  switch (way) {
    case FUTIME:
      fd = open(path, O_RDONLY);
      r = FS(futime, fd, atime, mtime);
      close(fd);
      return r;
    case LUTIME:
      return FS(lutime, path, atime, mtime);
    default:
      return FS(utime, path, atime, mtime);
  }
}

static void assert_time(const struct timespec* time, int64_t seconds, long nanoseconds) {
  assert_int_equal(time->tv_sec, seconds);
  assert_int_equal(time->tv_nsec, nanoseconds);
}

/* A number of seconds, and what becomes of it. */
static const struct {
  double seconds;
  int64_t s;
  long ns;
} numbers[] = {
    {0, 0, 0},
    {1.5, 1, 500000000},
    {400497753.25, 400497753, 250000000},
    {1700000000.0000001, 1700000000, 0}, /* less than the number can hold */
    {0.000000001, 0, 1},
    {-1, -1, 0},
    {-0.5, -1, 500000000},
    {-1.25, -2, 750000000},
    {-14245440.25, -14245441, 750000000},
    {-1e-10, 0, 0},
    {-1e-300, 0, 0},
    {4294967296.5, INT64_C(4294967296), 500000000},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static void times_are_set_to_the_nanosecond(void** state) {
  (void) state;
  make_file("file", "");
  for (int way = 0; way < WAYS; way++)
    for (int i = 0; i < NUMBERS; i++) {
      int k = NUMBERS - 1 - i;

      assert_int_equal(set_times((enum way) way, "file", numbers[i].seconds, numbers[k].seconds),
                       0);
      struct stat info = stat_of("file");
      assert_time(&info.st_atim, numbers[i].s, numbers[i].ns);
      assert_time(&info.st_mtim, numbers[k].s, numbers[k].ns);
    }
  unlink("file");
}

static void times_survive_setting_and_telling(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(utime, "file", -14245440.25, 400497753.25), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_UTIME);
  assert_string_equal(fs_req.path, "file");
  assert_int_equal(FS(stat, "file"), 0);
  const uv_stat_t* info = &fs_req.statbuf;
  assert_true((double) info->st_atim.tv_sec + (double) info->st_atim.tv_nsec / 1e9 == -14245440.25);
  assert_true((double) info->st_mtim.tv_sec + (double) info->st_mtim.tv_nsec / 1e9 == 400497753.25);
  unlink("file");
}

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

/* The clock of files ticks more slowly than this one. */
static bool is_now(struct timespec time) {
  struct timespec now;

  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec - time.tv_sec >= 0 && now.tv_sec - time.tv_sec <= 30;
}

static void infinity_is_now_and_nan_leaves_a_time(void** state) {
  (void) state;
  make_file("file", "");
  for (int way = 0; way < WAYS; way++) {
    assert_int_equal(set_times((enum way) way, "file", 100, 200), 0);
    assert_int_equal(set_times((enum way) way, "file", (double) NAN, 201), 0);
    assert_int_equal(stat_of("file").st_atim.tv_sec, 100);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);
    assert_int_equal(set_times((enum way) way, "file", 101, -(double) NAN), 0);
    assert_int_equal(stat_of("file").st_atim.tv_sec, 101);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);
    assert_int_equal(set_times((enum way) way, "file", (double) NAN, (double) NAN), 0);
    assert_int_equal(stat_of("file").st_atim.tv_sec, 101);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);

    assert_int_equal(set_times((enum way) way, "file", (double) INFINITY, 202), 0);
    assert_true(is_now(stat_of("file").st_atim));
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 202);
    assert_int_equal(set_times((enum way) way, "file", 103, -(double) INFINITY), 0);
    assert_int_equal(stat_of("file").st_atim.tv_sec, 103);
    assert_true(is_now(stat_of("file").st_mtim));
  }
  unlink("file");
}

static void the_names_of_both_are_in_the_header(void** state) {
  (void) state;
#if defined(UV_FS_UTIME_NOW)
  make_file("file", "");
  assert_int_equal(FS(utime, "file", 100, 200), 0);
  assert_int_equal(FS(utime, "file", UV_FS_UTIME_OMIT, UV_FS_UTIME_NOW), 0);
  assert_int_equal(stat_of("file").st_atim.tv_sec, 100);
  assert_true(is_now(stat_of("file").st_mtim));
  unlink("file");
#endif
}

static void times_that_no_system_has_are_refused(void** state) {
  (void) state;
  const double impossible[] = {1e300, -1e300, 9223372036854775808.0};

  make_file("file", "");
  for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
    for (int way = 0; way < WAYS; way++) {
      assert_int_equal(set_times((enum way) way, "file", impossible[i], 0), UV_EINVAL);
      assert_int_equal(set_times((enum way) way, "file", 0, impossible[i]), UV_EINVAL);
    }
  unlink("file");
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
      newer_both_tests(times_are_set_to_the_nanosecond),
      both_tests(times_survive_setting_and_telling),
      both_tests(links_are_followed_but_by_lutime),
      newer_both_tests(infinity_is_now_and_nan_leaves_a_time),
      newer_both_tests(the_names_of_both_are_in_the_header),
      newer_both_tests(times_that_no_system_has_are_refused),
      both_tests(setting_times_fails_as_the_system_says),
      sync_test(times_of_others_are_left_alone),
      newer_sync_test(files_of_others_are_not_touched),
      sync_test(a_read_only_file_system_keeps_its_times),
  };
  return cmocka_run_group_tests_name("fs_times", tests, NULL, NULL);
}
