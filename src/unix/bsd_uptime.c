/* The time since the machine was started: clock_gettime(2), CLOCK_UPTIME. */
#include "uv.h"

#include <errno.h>
#include <time.h>

int uv_uptime(double* uptime) {
  struct timespec now;

  if (clock_gettime(CLOCK_UPTIME, &now) != 0)
    return UV__ERR(errno);
  *uptime = (double) now.tv_sec;
  return 0;
}
