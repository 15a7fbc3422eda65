#ifndef BSD_TIME_H_
#define BSD_TIME_H_

#include <system.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC BSD_CLOCK_MONOTONIC
#include <bsd_time.h>

typedef int clockid_t;
typedef long clock_t;

struct timespec {
  time_t tv_sec;
  long tv_nsec;
};

int clock_getres(clockid_t clock, struct timespec* resolution);
int clock_gettime(clockid_t clock, struct timespec* now);
int nanosleep(const struct timespec* duration, struct timespec* left);
time_t time(time_t* now);

#endif /* BSD_TIME_H_ */
