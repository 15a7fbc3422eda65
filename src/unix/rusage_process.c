/* What the process has used, where getrusage(2) counts memory in kibibytes and knows nothing of
 * threads. */
#include "rusage.h"

#include <sys/resource.h>

int uv_getrusage(uv_rusage_t* rusage) {
  return uv__rusage(RUSAGE_SELF, rusage);
}

int uv_getrusage_thread(uv_rusage_t* rusage) {
  (void) rusage;
  return UV_ENOTSUP;
}
