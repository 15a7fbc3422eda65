/* Clocks, sleep, and the loop's time. */
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"

#if !defined(_WIN32)
#include <time.h>
#endif

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

#if defined(_WIN32)

/* In ticks, and then split, since the product would have more than 64 bits. */
static uint64_t monotonic_ns(void) {
  LARGE_INTEGER frequency;
  LARGE_INTEGER count;

  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&count);
  return (uint64_t) (count.QuadPart / frequency.QuadPart * NS_PER_S +
                     count.QuadPart % frequency.QuadPart * NS_PER_S / frequency.QuadPart);
}

static uint64_t realtime_ns(void) {
  const uint64_t from_1601_to_1970 = UINT64_C(11644473600) * NS_PER_S;
  FILETIME now;

  GetSystemTimePreciseAsFileTime(&now);
  return ((uint64_t) now.dwHighDateTime << 32 | now.dwLowDateTime) * 100 - from_1601_to_1970;
}

#else

static uint64_t system_ns(clockid_t clock) {
  struct timespec now;

  assert_int_equal(clock_gettime(clock, &now), 0);
  return (uint64_t) now.tv_sec * NS_PER_S + (uint64_t) now.tv_nsec;
}

static uint64_t monotonic_ns(void) {
  return system_ns(CLOCK_MONOTONIC);
}

static uint64_t realtime_ns(void) {
  return system_ns(CLOCK_REALTIME);
}

#endif

static void hrtime_is_the_monotonic_clock(void** state) {
  uint64_t last = 0;
  (void) state;

  for (int i = 0; i < 1000; i++) {
    uint64_t before = monotonic_ns();
    uint64_t now = uv_hrtime();
    assert_in_range(now, before, monotonic_ns());
    assert_true(now >= last);
    last = now;
  }
}

static uint64_t gettime_ns(uv_clock_id id) {
  uv_timespec64_t now = {-1, -1};

  assert_int_equal(uv_clock_gettime(id, &now), 0);
  assert_in_range(now.tv_nsec, 0, NS_PER_S - 1);
  return (uint64_t) now.tv_sec * NS_PER_S + (uint64_t) now.tv_nsec;
}

static void clock_gettime_reads_both_clocks(void** state) {
  (void) state;

  uint64_t before = monotonic_ns();
  uint64_t now = gettime_ns(UV_CLOCK_MONOTONIC);
  assert_in_range(now, before, monotonic_ns());

  before = realtime_ns();
  now = gettime_ns(UV_CLOCK_REALTIME);
  assert_in_range(now, before, realtime_ns());
}

static void clock_gettime_refuses_null_and_unknown_clocks(void** state) {
  uv_timespec64_t now = {7, 7};
  (void) state;

  assert_int_equal(uv_clock_gettime(UV_CLOCK_MONOTONIC, NULL), UV_EFAULT);
  assert_int_equal(uv_clock_gettime((uv_clock_id) 1234, NULL), UV_EFAULT);
  assert_int_equal(uv_clock_gettime((uv_clock_id) 1234, &now), UV_EINVAL);
  assert_int_equal(now.tv_sec, 7);
}

static void gettimeofday_is_the_time_of_day(void** state) {
  uv_timeval64_t now;
  (void) state;

  assert_int_equal(uv_gettimeofday(NULL), UV_EINVAL);
  uint64_t before_us = realtime_ns() / 1000;
  assert_int_equal(uv_gettimeofday(&now), 0);
  assert_in_range((uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_usec, before_us,
                  realtime_ns() / 1000);
}

static void sleep_lasts_at_least_its_time(void** state) {
  (void) state;

  for (unsigned int ms = 0; ms < 12; ms++) {
    uint64_t start = uv_hrtime();
    uv_sleep(ms);
    assert_true(uv_hrtime() - start >= (uint64_t) ms * NS_PER_MS);
  }
}

static void loop_time_stands_still_until_it_is_updated(void** state) {
  struct loop_fixture* f = *state;
  uint64_t first = uv_now(&f->loop);

  assert_true(first > 0);
  uv_sleep(3);
  assert_int_equal(uv_now(&f->loop), first);

  uint64_t before_ms = uv_hrtime() / NS_PER_MS;
  uv_update_time(&f->loop);
  assert_in_range(uv_now(&f->loop), before_ms, uv_hrtime() / NS_PER_MS);
  assert_true(uv_now(&f->loop) > first);
}

static void loop_time_is_fresh_after_any_run(void** state) {
  struct loop_fixture* f = *state;

  /* A loop with nothing to do updates its time too. */
  for (uv_run_mode mode = UV_RUN_DEFAULT; mode <= UV_RUN_NOWAIT; mode++) {
    uint64_t before_ms;
    uv_sleep(2);
    before_ms = uv_hrtime() / NS_PER_MS;
    assert_int_equal(uv_run(&f->loop, mode), 0);
    assert_in_range(uv_now(&f->loop), before_ms, uv_hrtime() / NS_PER_MS);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hrtime_is_the_monotonic_clock),
      cmocka_unit_test(clock_gettime_reads_both_clocks),
      cmocka_unit_test(clock_gettime_refuses_null_and_unknown_clocks),
      cmocka_unit_test(gettimeofday_is_the_time_of_day),
      cmocka_unit_test(sleep_lasts_at_least_its_time),
      loop_test(loop_time_stands_still_until_it_is_updated),
      loop_test(loop_time_is_fresh_after_any_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
