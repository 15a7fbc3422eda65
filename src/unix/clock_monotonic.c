/* The clock of uv_hrtime(), where it is POSIX's. */
#include "uv.h"

#include <time.h>

enum { NS_PER_S = 1000000000 };

uint64_t uv_hrtime(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * NS_PER_S + (uint64_t) now.tv_nsec;
}
