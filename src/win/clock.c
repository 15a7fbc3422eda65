/* Clocks and sleep. */
#include "../atomic.h"
#include "uv.h"

enum {
  NS_PER_US = 1000,
  NS_PER_MS = 1000000,
  NS_PER_S = 1000000000,
  NS_PER_TICK = 100, /* of a FILETIME, which counts from 1601 on */
  TICKS_PER_S = NS_PER_S / NS_PER_TICK
};

#define TICKS_UNTIL_1970 INT64_C(116444736000000000)

static int64_t counter_frequency; /* per second, once it was asked for; atomic */

static int64_t frequency(void) {
  int64_t known = uv__load_relaxed(&counter_frequency);
  LARGE_INTEGER asked;

  if (known != 0)
    return known;
  QueryPerformanceFrequency(&asked);
  uv__store_relaxed(&counter_frequency, asked.QuadPart);
  return asked.QuadPart;
}

uint64_t uv_hrtime(void) {
  uint64_t per_second = (uint64_t) frequency();
  LARGE_INTEGER count;
  uint64_t seconds;
  uint64_t rest;

  QueryPerformanceCounter(&count);
  seconds = (uint64_t) count.QuadPart / per_second;
  rest = (uint64_t) count.QuadPart % per_second;
  return seconds * NS_PER_S + rest * NS_PER_S / per_second;
}

/* The time of day, in ticks since 1970. */
static int64_t ticks_now(void) {
  FILETIME now;

  GetSystemTimePreciseAsFileTime(&now);
  return ((int64_t) now.dwHighDateTime << 32 | now.dwLowDateTime) - TICKS_UNTIL_1970;
}

int uv_clock_gettime(uv_clock_id clock_id, uv_timespec64_t* ts) {
  int64_t ticks;
  uint64_t ns;

  if (ts == NULL)
    return UV_EFAULT;
  switch (clock_id) {
    case UV_CLOCK_MONOTONIC:
      ns = uv_hrtime();
      ts->tv_sec = (int64_t) (ns / NS_PER_S);
      ts->tv_nsec = (int32_t) (ns % NS_PER_S);
      return 0;
    case UV_CLOCK_REALTIME:
      ticks = ticks_now();
      ts->tv_sec = ticks / TICKS_PER_S;
      ts->tv_nsec = (int32_t) (ticks % TICKS_PER_S) * NS_PER_TICK;
      return 0;
    default:
      return UV_EINVAL;
  }
}

int uv_gettimeofday(uv_timeval64_t* tv) {
  int64_t ticks;

  if (tv == NULL)
    return UV_EINVAL;
  ticks = ticks_now();
  tv->tv_sec = ticks / TICKS_PER_S;
  tv->tv_usec = (int32_t) (ticks % TICKS_PER_S) * NS_PER_TICK / NS_PER_US;
  return 0;
}

/* Sleep() may return a tick early, and takes the largest number for eternity. */
void uv_sleep(unsigned int msec) {
  uint64_t end = uv_hrtime() + (uint64_t) msec * NS_PER_MS;
  uint64_t now;

  Sleep(msec < INFINITE ? msec : INFINITE - 1);
  while (msec > 0 && (now = uv_hrtime()) < end)
    Sleep((DWORD) ((end - now) / NS_PER_MS) + 1);
}
