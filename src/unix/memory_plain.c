/* What a process may have and can still get of the machine's memory, where there is nothing but
 * resource limits. */
#include "memory_limit.h"
#include "uv.h"

uint64_t uv_get_constrained_memory(void) {
  return uv__resource_limit();
}

uint64_t uv_get_available_memory(void) {
  return uv_get_free_memory();
}
