/* Files: setting times. */
#include "../core.h"
#include "fs_ops.h"
#include "fs_reparse.h"
#include "fs_time.h"

#include <float.h>
#include <math.h>

static const double TICKS_PER_S = 1e7;

/* More than the system's numbers can hold, by far. */
static const double SECONDS_LIMIT = 1e12;

/* isnan() and isinf() of some C libraries work on a float. */
static bool is_nan(double number) {
  return !(number >= 0) && !(number < 0);
}

static bool is_infinite(double number) {
  return number > DBL_MAX || number < -DBL_MAX;
}

/* What SetFileTime() takes for one time: NULL leaves it. */
struct new_time {
  FILETIME value;
  const FILETIME* set;
};

static DWORD to_time(double seconds, const FILETIME* now, struct new_time* time) {
  time->set = &time->value;
  if (is_nan(seconds)) {
    time->set = NULL;
    return 0;
  }
  if (is_infinite(seconds)) {
    time->value = *now;
    return 0;
  }
  if (seconds < -SECONDS_LIMIT || seconds > SECONDS_LIMIT)
    return ERROR_INVALID_PARAMETER;

  /* Whole seconds apart from the rest, since a double has no room for all ticks. Both have the sign
   * of the time, and what is less than a tick is cut. */
  double whole = trunc(seconds);
  int64_t ticks = uv__fs_ticks((int64_t) whole) + (int64_t) ((seconds - whole) * TICKS_PER_S);
  const ULARGE_INTEGER value = {.QuadPart = (ULONGLONG) ticks};

  /* 0 would leave the time as it is. */
  if (ticks <= 0)
    return ERROR_INVALID_PARAMETER;
  time->value = (FILETIME){.dwLowDateTime = value.LowPart, .dwHighDateTime = value.HighPart};
  return 0;
}

/* Both that are now are the same. */
static DWORD set_times(HANDLE file, double atime, double mtime) {
  struct new_time access;
  struct new_time write;
  FILETIME now;
  DWORD error;

  GetSystemTimeAsFileTime(&now);
  error = to_time(atime, &now, &access);
  if (error == 0)
    error = to_time(mtime, &now, &write);
  if (error != 0)
    return error;
  return SetFileTime(file, NULL, access.set, write.set) ? 0 : GetLastError();
}

DWORD uv__fs_utime(const WCHAR* path, double atime, double mtime) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, FILE_WRITE_ATTRIBUTES, false, &file);

  if (error != 0)
    return error;
  error = set_times(file, atime, mtime);
  CloseHandle(file);
  return error;
}

DWORD uv__fs_lutime(const WCHAR* path, double atime, double mtime) {
  char* target;
  HANDLE file;
  DWORD error = uv__reparse_open(path, FILE_WRITE_ATTRIBUTES, &file, &target);

  if (error != 0)
    return error;
  error = set_times(file, atime, mtime);
  CloseHandle(file);
  uv__free(target);
  return error;
}

DWORD uv__fs_futime(int fd, double atime, double mtime) {
  HANDLE file;
  DWORD error = uv__fs_reopen(fd, FILE_WRITE_ATTRIBUTES, &file);

  if (error != 0)
    return error;
  error = set_times(file, atime, mtime);
  CloseHandle(file);
  return error;
}
