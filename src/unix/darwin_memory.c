/* Memory of the machine and of the process, on macOS. */
#include "memory_limit.h"
#include "uv.h"

#include <mach/mach.h>
#include <stdbool.h>
#include <sys/sysctl.h>
#include <unistd.h>

int uv_resident_set_memory(size_t* rss) {
  mach_task_basic_info_data_t info;
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  kern_return_t r = task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t) &info, &count);

  if (r != KERN_SUCCESS)
    return UV_EINVAL;
  *rss = info.resident_size;
  return 0;
}

/* -- The machine's ----------------------------------------------------------------------------- */

uint64_t uv_get_total_memory(void) {
  int name[] = {CTL_HW, HW_MEMSIZE};
  uint64_t bytes;
  size_t size = sizeof(bytes);

  return sysctl(name, 2, &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

static bool count_pages(vm_statistics64_data_t* pages) {
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  mach_port_t host = mach_host_self();
  kern_return_t r = host_statistics64(host, HOST_VM_INFO64, (host_info64_t) pages, &count);

  mach_port_deallocate(mach_task_self(), host);
  return r == KERN_SUCCESS;
}

static uint64_t size_of(uint64_t pages) {
  return pages * (uint64_t) sysconf(_SC_PAGESIZE);
}

uint64_t uv_get_free_memory(void) {
  vm_statistics64_data_t pages;

  return count_pages(&pages) ? size_of(pages.free_count) : 0;
}

/* -- The process's ----------------------------------------------------------------------------- */

uint64_t uv_get_constrained_memory(void) {
  return uv__resource_limit();
}

/* With what the kernel takes back as soon as somebody needs it. */
uint64_t uv_get_available_memory(void) {
  vm_statistics64_data_t pages;

  if (!count_pages(&pages))
    return 0;
  return size_of((uint64_t) pages.free_count + pages.inactive_count + pages.purgeable_count);
}
