/* Files: setting times. */
#include "support/fs_times.h"

#include <math.h>
#include <time.h>

/* How much the system keeps of a second. */
#if defined(_WIN32)
enum { NS_KEPT = 100 };
#else
enum { NS_KEPT = 1 };
#endif

static void assert_time(const struct timespec* time, int64_t seconds, long nanoseconds) {
  assert_int_equal(time->tv_sec, seconds);
  assert_int_equal(time->tv_nsec, nanoseconds / NS_KEPT * NS_KEPT);
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

      if ((time_t) numbers[i].s != numbers[i].s || (time_t) numbers[k].s != numbers[k].s)
        continue;
      assert_int_equal(set_times((enum way) way, "file", numbers[i].seconds, numbers[k].seconds),
                       0);
      file_info info = stat_of("file");
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
  if (keeps_access_times())
    assert_true((double) info->st_atim.tv_sec + (double) info->st_atim.tv_nsec / 1e9 ==
                -14245440.25);
  assert_true((double) info->st_mtim.tv_sec + (double) info->st_mtim.tv_nsec / 1e9 == 400497753.25);
  unlink("file");
}

/* The clock of files ticks more slowly than this one; time(2) can tick more slowly than it. */
static bool is_now(struct timespec file_time) {
  uv_timespec64_t now;

  assert_int_equal(uv_clock_gettime(UV_CLOCK_REALTIME, &now), 0);
  int64_t age = now.tv_sec - file_time.tv_sec;
  return age >= 0 && age <= 30;
}

static void assert_accessed(int64_t seconds) {
  if (keeps_access_times())
    assert_int_equal(stat_of("file").st_atim.tv_sec, seconds);
}

static void infinity_is_now_and_nan_leaves_a_time(void** state) {
  (void) state;
  make_file("file", "");
  for (int way = 0; way < WAYS; way++) {
    assert_int_equal(set_times((enum way) way, "file", 100, 200), 0);
    assert_int_equal(set_times((enum way) way, "file", (double) NAN, 201), 0);
    assert_accessed(100);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);
    assert_int_equal(set_times((enum way) way, "file", 101, -(double) NAN), 0);
    assert_accessed(101);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);
    assert_int_equal(set_times((enum way) way, "file", (double) NAN, (double) NAN), 0);
    assert_accessed(101);
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 201);

    assert_int_equal(set_times((enum way) way, "file", (double) INFINITY, 202), 0);
    assert_true(is_now(stat_of("file").st_atim));
    assert_int_equal(stat_of("file").st_mtim.tv_sec, 202);
    assert_int_equal(set_times((enum way) way, "file", 103, -(double) INFINITY), 0);
    assert_accessed(103);
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
  assert_accessed(100);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      newer_both_tests(times_are_set_to_the_nanosecond),
      both_tests(times_survive_setting_and_telling),
      newer_both_tests(infinity_is_now_and_nan_leaves_a_time),
      newer_both_tests(the_names_of_both_are_in_the_header),
      newer_both_tests(times_that_no_system_has_are_refused),
  };
  return cmocka_run_group_tests_name("fs_times", tests, NULL, NULL);
}
