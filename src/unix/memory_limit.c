/* How much memory a process may have by its resource limits. */
#include "memory_limit.h"

#include <sys/resource.h>

/* OpenBSD limits the data alone. */
#ifndef RLIMIT_AS
#define RLIMIT_AS RLIMIT_DATA
#endif

uint64_t uv__lower_limit(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0)
    return a + b;
  return a < b ? a : b;
}

static uint64_t limit_of(const struct rlimit* limit) {
  return limit->rlim_cur == RLIM_INFINITY ? 0 : (uint64_t) limit->rlim_cur;
}

uint64_t uv__resource_limit(void) {
  struct rlimit space = {.rlim_cur = RLIM_INFINITY};
  struct rlimit data = {.rlim_cur = RLIM_INFINITY};

  getrlimit(RLIMIT_AS, &space);
  getrlimit(RLIMIT_DATA, &data);
  return uv__lower_limit(limit_of(&space), limit_of(&data));
}
