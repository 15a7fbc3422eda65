/* Memory of the machine and of the process. */
#include "uv.h"

#include <errno.h>
#include <sys/sysctl.h>
#include <unistd.h>

/* See sysctl(2) for KERN_PROC: which processes, how long the answer to each is, and how many. */
int uv_resident_set_memory(size_t* rss) {
  struct kinfo_proc process;
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid(), sizeof(process), 1};
  size_t len = sizeof(process);

  if (sysctl(name, 6, &process, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *rss = (size_t) process.p_vm_rssize * (size_t) getpagesize();
  return 0;
}

uint64_t uv_get_free_memory(void) {
  int name[] = {CTL_VM, VM_UVMEXP};
  struct uvmexp memory;
  size_t len = sizeof(memory);

  if (sysctl(name, 2, &memory, &len, NULL, 0) != 0)
    return 0;
  return (uint64_t) memory.free * (uint64_t) memory.pagesize;
}

uint64_t uv_get_total_memory(void) {
  int name[] = {CTL_HW, HW_PHYSMEM64};
  int64_t bytes = 0;
  size_t len = sizeof(bytes);

  return sysctl(name, 2, &bytes, &len, NULL, 0) == 0 ? (uint64_t) bytes : 0;
}
