/* Clocks and sleep. The one that uv_hrtime() reads is in a file of its own. */
#include "uv.h"

#include <errno.h>
#include <time.h>

enum { MS_PER_S = 1000, NS_PER_US = 1000, NS_PER_MS = 1000000 };

int uv_clock_gettime(uv_clock_id clock_id, uv_timespec64_t* ts) {
  struct timespec now;
  clockid_t clock;

  if (ts == NULL)
    return UV_EFAULT;
  switch (clock_id) {
    case UV_CLOCK_MONOTONIC:
      clock = CLOCK_MONOTONIC;
      break;
    case UV_CLOCK_REALTIME:
      clock = CLOCK_REALTIME;
      break;
    default:
      return UV_EINVAL;
  }

  if (clock_gettime(clock, &now) != 0)
    return -errno;
  ts->tv_sec = now.tv_sec;
  ts->tv_nsec = (int32_t) now.tv_nsec;
  return 0;
}

int uv_gettimeofday(uv_timeval64_t* tv) {
  struct timespec now;

  if (tv == NULL)
    return UV_EINVAL;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0)
    return -errno;
  tv->tv_sec = now.tv_sec;
  tv->tv_usec = (int32_t) (now.tv_nsec / NS_PER_US);
  return 0;
}

void uv_sleep(unsigned int msec) {
  struct timespec left = {
      .tv_sec = (time_t) (msec / MS_PER_S),
      .tv_nsec = (long) (msec % MS_PER_S) * NS_PER_MS,
  };

  /* A signal ends the sleep; the rest follows. */
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    continue;
}
