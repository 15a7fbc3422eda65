/* What the process and the calling thread have used, on macOS: memory is told in bytes, and of a
 * thread only its times. */
#include "rusage.h"

#include <mach/mach.h>
#include <string.h>
#include <sys/resource.h>

int uv_getrusage(uv_rusage_t* rusage) {
  int err = uv__rusage(RUSAGE_SELF, rusage);

  if (err == 0)
    rusage->ru_maxrss /= 1024;
  return err;
}

int uv_getrusage_thread(uv_rusage_t* rusage) {
  thread_basic_info_data_t info;
  mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
  mach_port_t self = mach_thread_self();
  kern_return_t r = thread_info(self, THREAD_BASIC_INFO, (thread_info_t) &info, &count);

  mach_port_deallocate(mach_task_self(), self);
  if (r != KERN_SUCCESS)
    return UV_EINVAL;
  memset(rusage, 0, sizeof(*rusage));
  rusage->ru_utime.tv_sec = info.user_time.seconds;
  rusage->ru_utime.tv_usec = info.user_time.microseconds;
  rusage->ru_stime.tv_sec = info.system_time.seconds;
  rusage->ru_stime.tv_usec = info.system_time.microseconds;
  return 0;
}
