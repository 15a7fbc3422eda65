/* What the process and the calling thread have used, where getrusage(2) knows of both and counts
 * memory in kibibytes. */
#include "rusage.h"

#include <sys/resource.h>

int uv_getrusage(uv_rusage_t* rusage) {
  return uv__rusage(RUSAGE_SELF, rusage);
}

int uv_getrusage_thread(uv_rusage_t* rusage) {
  return uv__rusage(RUSAGE_THREAD, rusage);
}
