/* The time since the machine was started. None of the clocks promises to tell it. */
#include "uv.h"

#include <errno.h>
#include <sys/sysctl.h>
#include <time.h>

int uv_uptime(double* uptime) {
  int name[] = {CTL_KERN, KERN_BOOTTIME};
  struct timespec boot;
  size_t len = sizeof(boot);

  if (sysctl(name, 2, &boot, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *uptime = (double) (time(NULL) - boot.tv_sec);
  return 0;
}
