/* Lists of CPUs. */
#include "bsd_cpu.h"

#include "../core.h"

#include <string.h>
#include <unistd.h>

/* One allocation: the array, and behind it the name. */
uv_cpu_info_t* uv__cpu_list(unsigned int count, const char* model, uint64_t megahertz) {
  const char* name = model[0] != '\0' ? model : "unknown";
  size_t name_size = strlen(name) + 1;
  size_t array_size = count * sizeof(uv_cpu_info_t);
  uv_cpu_info_t* list = uv__calloc(1, array_size + name_size);
  char* copy;

  if (list == NULL)
    return NULL;
  copy = memcpy((char*) list + array_size, name, name_size);
  for (unsigned int i = 0; i < count; i++) {
    list[i].model = copy;
    list[i].speed = (int) megahertz;
  }
  return list;
}

uint64_t uv__cpu_time(uint64_t ticks) {
  return ticks * 1000 / (uint64_t) sysconf(_SC_CLK_TCK);
}
