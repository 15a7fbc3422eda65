/* Files: setting times. */
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

static const double NS_PER_S = 1e9;

/* The first number that time_t cannot hold. */
static const double SECONDS_LIMIT = sizeof(time_t) == 8 ? 9223372036854775808.0 : 2147483648.0;

/* Fractions are cut to nanoseconds, whose number is never negative: 0.25 s before 1970 is 0.75 s
 * after a second before it. */
static int to_timespec(double seconds, struct timespec* time) {
  if (isnan(seconds)) {
    *time = (struct timespec){.tv_nsec = UTIME_OMIT};
    return 0;
  }
  if (isinf(seconds)) {
    *time = (struct timespec){.tv_nsec = UTIME_NOW};
    return 0;
  }
  if (seconds < -SECONDS_LIMIT || seconds >= SECONDS_LIMIT)
    return UV_EINVAL;
  time->tv_sec = (time_t) seconds;
  time->tv_nsec = (long) ((seconds - (double) time->tv_sec) * NS_PER_S);
  if (time->tv_nsec < 0) {
    time->tv_nsec += (long) NS_PER_S;
    time->tv_sec -= 1;
  }
  return 0;
}

static int to_times(double atime, double mtime, struct timespec times[2]) {
  int err = to_timespec(atime, &times[0]);
  return err != 0 ? err : to_timespec(mtime, &times[1]);
}

static int set_times(const char* path, double atime, double mtime, int flags) {
  struct timespec times[2];

  if (to_times(atime, mtime, times) != 0)
    return UV_EINVAL;
  return utimensat(AT_FDCWD, path, times, flags) == 0 ? 0 : UV__ERR(errno);
}

int uv__fs_utime(const char* path, double atime, double mtime) {
  return set_times(path, atime, mtime, 0);
}

int uv__fs_lutime(const char* path, double atime, double mtime) {
  return set_times(path, atime, mtime, AT_SYMLINK_NOFOLLOW);
}

/* A negative number may be AT_FDCWD, which stands for a directory that nobody opened. */
int uv__fs_futime(int fd, double atime, double mtime) {
  struct timespec times[2];

  if (fd < 0)
    return UV_EBADF;
  if (to_times(atime, mtime, times) != 0)
    return UV_EINVAL;
  return futimens(fd, times) == 0 ? 0 : UV__ERR(errno);
}
