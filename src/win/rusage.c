/* What a process or a thread has used so far. */
#include "uv.h"

#include <psapi.h>
#include <string.h>

enum { BYTES_PER_KIB = 1024, TICKS_PER_US = 10, TICKS_PER_S = 10000000 };

/* A span of time, which the system counts in steps of 100 ns. */
static uv_timeval_t to_timeval(const FILETIME* span) {
  uint64_t ticks = (uint64_t) span->dwHighDateTime << 32 | span->dwLowDateTime;
  uv_timeval_t time = {
      .tv_sec = (long) (ticks / TICKS_PER_S),
      .tv_usec = (long) (ticks % TICKS_PER_S / TICKS_PER_US),
  };
  return time;
}

int uv_getrusage(uv_rusage_t* rusage) {
  HANDLE process = GetCurrentProcess();
  FILETIME created;
  FILETIME ended;
  FILETIME system;
  FILETIME user;
  PROCESS_MEMORY_COUNTERS memory;
  IO_COUNTERS io;

  if (!GetProcessTimes(process, &created, &ended, &system, &user) ||
      !GetProcessMemoryInfo(process, &memory, sizeof(memory)) ||
      !GetProcessIoCounters(process, &io))
    return uv_translate_sys_error((int) GetLastError());

  memset(rusage, 0, sizeof(*rusage));
  rusage->ru_utime = to_timeval(&user);
  rusage->ru_stime = to_timeval(&system);
  rusage->ru_maxrss = memory.PeakWorkingSetSize / BYTES_PER_KIB;
  rusage->ru_majflt = memory.PageFaultCount;
  rusage->ru_inblock = io.ReadOperationCount;
  rusage->ru_oublock = io.WriteOperationCount;
  return 0;
}

int uv_getrusage_thread(uv_rusage_t* rusage) {
  FILETIME created;
  FILETIME ended;
  FILETIME system;
  FILETIME user;

  if (!GetThreadTimes(GetCurrentThread(), &created, &ended, &system, &user))
    return uv_translate_sys_error((int) GetLastError());
  memset(rusage, 0, sizeof(*rusage));
  rusage->ru_utime = to_timeval(&user);
  rusage->ru_stime = to_timeval(&system);
  return 0;
}
