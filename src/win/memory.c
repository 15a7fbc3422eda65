/* Memory: how much the machine has, how much the process uses and can still get. */
#include "uv.h"

#include <psapi.h>

int uv_resident_set_memory(size_t* rss) {
  PROCESS_MEMORY_COUNTERS memory;

  if (!GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof(memory)))
    return uv_translate_sys_error((int) GetLastError());
  *rss = memory.WorkingSetSize;
  return 0;
}

uint64_t uv_get_total_memory(void) {
  MEMORYSTATUSEX memory = {.dwLength = sizeof(memory)};
  return GlobalMemoryStatusEx(&memory) ? memory.ullTotalPhys : 0;
}

uint64_t uv_get_free_memory(void) {
  MEMORYSTATUSEX memory = {.dwLength = sizeof(memory)};
  return GlobalMemoryStatusEx(&memory) ? memory.ullAvailPhys : 0;
}

/* A job's limit is on what is committed, which is another thing. */
uint64_t uv_get_constrained_memory(void) {
  return 0;
}

uint64_t uv_get_available_memory(void) {
  return uv_get_free_memory();
}
