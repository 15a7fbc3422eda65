/* The stack of the process's first thread is as large as a limit says: Linux, macOS. */
#include "main_stack.h"

#include <sys/resource.h>

size_t uv__main_stack(void) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
      limit.rlim_cur != (rlim_t) (size_t) limit.rlim_cur)
    return 0;
  return (size_t) limit.rlim_cur;
}
