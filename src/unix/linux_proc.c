/* What Linux tells in /proc and sysinfo(2): the executable, uptime, load, memory.
 *
 * Numbers are read by hand, because the locale decides what strtod(3) takes for a decimal point. */
#include "uv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

enum { FILE_SIZE = 4096 };

/* -- Reading ----------------------------------------------------------------------------------- */

/* The beginning of a file as a string: 0 or an error. */
static int read_text(const char* path, char text[FILE_SIZE]) {
  ssize_t len;
  int fd;

  do
    fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd < 0)
    return -errno;

  do
    len = read(fd, text, FILE_SIZE - 1);
  while (len < 0 && errno == EINTR);
  int err = len < 0 ? -errno : 0;
  close(fd);
  text[err == 0 ? len : 0] = '\0';
  return err;
}

/* Reads digits behind blanks and moves `*at` behind them: whether there are any. */
static bool parse_integer(const char** at, uint64_t* number) {
  *at += strspn(*at, " \t");
  const char* start = *at;

  for (*number = 0; **at >= '0' && **at <= '9'; (*at)++)
    *number = *number * 10 + (uint64_t) (**at - '0');
  return *at != start;
}

/* The same with a fraction. Only the division rounds, so the result is the nearest double. */
static bool parse_decimal(const char** at, double* number) {
  uint64_t digits;
  double scale = 1;

  if (!parse_integer(at, &digits))
    return false;
  if (**at == '.')
    for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, scale *= 10)
      digits = digits * 10 + (uint64_t) (**at - '0');
  *number = (double) digits / scale;
  return true;
}

/* -- Executable -------------------------------------------------------------------------------- */

int uv_exepath(char* buffer, size_t* size) {
  if (buffer == NULL || size == NULL || *size == 0)
    return UV_EINVAL;

  /* readlink(2) refuses a room of 0 bytes. */
  ssize_t len = *size > 1 ? readlink("/proc/self/exe", buffer, *size - 1) : 0;
  if (len < 0)
    return -errno;
  buffer[len] = '\0';
  *size = (size_t) len;
  return 0;
}

/* -- Uptime and load --------------------------------------------------------------------------- */

int uv_uptime(double* uptime) {
  char text[FILE_SIZE];
  const char* at = text;
  struct timespec now;

  if (read_text("/proc/uptime", text) == 0 && parse_decimal(&at, uptime))
    return 0;
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
    return -errno;
  *uptime = (double) now.tv_sec;
  return 0;
}

void uv_loadavg(double avg[3]) {
  char text[FILE_SIZE];
  const char* at = text;
  double found[3];
  struct sysinfo info;

  if (read_text("/proc/loadavg", text) == 0 && parse_decimal(&at, &found[0]) &&
      parse_decimal(&at, &found[1]) && parse_decimal(&at, &found[2])) {
    memcpy(avg, found, sizeof(found));
    return;
  }
  if (sysinfo(&info) != 0)
    return;
  for (int i = 0; i < 3; i++)
    avg[i] = (double) info.loads[i] / (1 << SI_LOAD_SHIFT);
}

/* -- Memory ------------------------------------------------------------------------------------ */

int uv_resident_set_memory(size_t* rss) {
  enum { FIELDS_FROM_NAME_TO_RSS = 22 }; /* proc(5): the name is field 2, the pages are field 24 */
  char text[FILE_SIZE];
  uint64_t pages;

  int err = read_text("/proc/self/stat", text);
  if (err != 0)
    return err;

  /* The name of the program is in brackets, and may have brackets and blanks itself. */
  const char* at = strrchr(text, ')');
  for (int i = 0; at != NULL && i < FIELDS_FROM_NAME_TO_RSS; i++)
    at = strchr(at + 1, ' ');
  if (at == NULL || !parse_integer(&at, &pages))
    return UV_EINVAL;
  *rss = (size_t) pages * (size_t) sysconf(_SC_PAGESIZE);
  return 0;
}

/* An amount in bytes from /proc/meminfo, by the name of its line; 0 if it is not told. */
static uint64_t read_meminfo(const char* name) {
  char text[FILE_SIZE];
  uint64_t kibibytes;

  if (read_text("/proc/meminfo", text) != 0)
    return 0;
  const char* at = strstr(text, name);
  if (at == NULL)
    return 0;
  at += strlen(name);
  return parse_integer(&at, &kibibytes) ? kibibytes * 1024 : 0;
}

uint64_t uv_get_total_memory(void) {
  uint64_t bytes = read_meminfo("MemTotal:");
  struct sysinfo info;

  if (bytes == 0 && sysinfo(&info) == 0)
    bytes = (uint64_t) info.totalram * info.mem_unit;
  return bytes;
}

uint64_t uv_get_free_memory(void) {
  uint64_t bytes = read_meminfo("MemAvailable:");
  struct sysinfo info;

  if (bytes == 0 && sysinfo(&info) == 0)
    bytes = (uint64_t) info.freeram * info.mem_unit;
  return bytes;
}
