/* The clock of uv_hrtime() on macOS: the one that goes on while the machine sleeps. */
#include "uv.h"

#include <mach/mach_time.h>

static uv_once_t once = UV_ONCE_INIT;
static mach_timebase_info_data_t timebase;

static void read_timebase(void) {
  if (mach_timebase_info(&timebase) != KERN_SUCCESS)
    timebase = (mach_timebase_info_data_t){.numer = 1, .denom = 1};
}

/* Ticks to nanoseconds in two parts, so that nothing overflows. */
uint64_t uv_hrtime(void) {
  uint64_t ticks = mach_continuous_time();

  uv_once(&once, read_timebase);
  return ticks / timebase.denom * timebase.numer +
         ticks % timebase.denom * timebase.numer / timebase.denom;
}
