/* The system's times of files: steps of 100 ns since 1601. */
#ifndef RONDO_WIN_FS_TIME_H_
#define RONDO_WIN_FS_TIME_H_

#include "uv.h"

enum { UV__FS_TICKS_PER_S = 10000000, UV__FS_NS_PER_TICK = 100 };

/* From 1601 to 1970. */
#define UV__FS_EPOCH_S INT64_C(11644473600)

static inline int64_t uv__fs_ticks(int64_t seconds_since_1970) {
  return (seconds_since_1970 + UV__FS_EPOCH_S) * UV__FS_TICKS_PER_S;
}

/* `tv_sec` has 32 bits: those of a time after 2038 are the low ones. A fraction is never negative.
 */
static inline uv_timespec_t uv__fs_timespec(int64_t ticks) {
  int64_t since_1970 = ticks - UV__FS_EPOCH_S * UV__FS_TICKS_PER_S;
  int64_t seconds = since_1970 / UV__FS_TICKS_PER_S;
  int64_t rest = since_1970 % UV__FS_TICKS_PER_S;

  if (rest < 0) {
    rest += UV__FS_TICKS_PER_S;
    seconds--;
  }
  return (uv_timespec_t){.tv_sec = (long) seconds, .tv_nsec = (long) rest * UV__FS_NS_PER_TICK};
}

#endif /* RONDO_WIN_FS_TIME_H_ */
