/* What a process or a thread has used so far, as POSIX has it. */
#include "rusage.h"

#include <errno.h>
#include <sys/resource.h>

int uv__rusage(int who, uv_rusage_t* rusage) {
  struct rusage used;

  if (getrusage(who, &used) != 0)
    return -errno;
  rusage->ru_utime.tv_sec = (long) used.ru_utime.tv_sec;
  rusage->ru_utime.tv_usec = used.ru_utime.tv_usec;
  rusage->ru_stime.tv_sec = (long) used.ru_stime.tv_sec;
  rusage->ru_stime.tv_usec = used.ru_stime.tv_usec;
  rusage->ru_maxrss = (uint64_t) used.ru_maxrss;
  rusage->ru_ixrss = (uint64_t) used.ru_ixrss;
  rusage->ru_idrss = (uint64_t) used.ru_idrss;
  rusage->ru_isrss = (uint64_t) used.ru_isrss;
  rusage->ru_minflt = (uint64_t) used.ru_minflt;
  rusage->ru_majflt = (uint64_t) used.ru_majflt;
  rusage->ru_nswap = (uint64_t) used.ru_nswap;
  rusage->ru_inblock = (uint64_t) used.ru_inblock;
  rusage->ru_oublock = (uint64_t) used.ru_oublock;
  rusage->ru_msgsnd = (uint64_t) used.ru_msgsnd;
  rusage->ru_msgrcv = (uint64_t) used.ru_msgrcv;
  rusage->ru_nsignals = (uint64_t) used.ru_nsignals;
  rusage->ru_nvcsw = (uint64_t) used.ru_nvcsw;
  rusage->ru_nivcsw = (uint64_t) used.ru_nivcsw;
  return 0;
}
