/* Memory of the machine and of the process. */
#include "bsd_sysctl.h"
#include "uv.h"

#include <errno.h>
#include <sys/sysctl.h>
#include <sys/user.h>
#include <unistd.h>

int uv_resident_set_memory(size_t* rss) {
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()};
  struct kinfo_proc process;
  size_t len = sizeof(process);

  if (sysctl(name, 4, &process, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *rss = (size_t) process.ki_rssize * (size_t) getpagesize();
  return 0;
}

uint64_t uv_get_free_memory(void) {
  uint64_t pages = 0;

  uv__sysctl_number("vm.stats.vm.v_free_count", &pages);
  return pages * (uint64_t) getpagesize();
}

uint64_t uv_get_total_memory(void) {
  uint64_t bytes = 0;

  uv__sysctl_number("hw.physmem", &bytes);
  return bytes;
}
