/* What Linux tells in /proc and sysinfo(2): the executable, uptime, load. */
#include "linux_text.h"

#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_SIZE = 256 };

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

/* As uv__parse_integer() for a number with a fraction. Only the division rounds, so the result is
 * the nearest double. */
static bool parse_decimal(const char** at, double* number) {
  uint64_t digits;
  double scale = 1;

  if (!uv__parse_integer(at, &digits))
    return false;
  if (**at == '.')
    for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, scale *= 10)
      digits = digits * 10 + (uint64_t) (**at - '0');
  *number = (double) digits / scale;
  return true;
}

int uv_uptime(double* uptime) {
  char text[TEXT_SIZE];
  const char* at = text;
  struct timespec now;

  if (uv__read_text("/proc/uptime", text, sizeof(text)) == 0 && parse_decimal(&at, uptime))
    return 0;
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
    return -errno;
  *uptime = (double) now.tv_sec;
  return 0;
}

void uv_loadavg(double avg[3]) {
  char text[TEXT_SIZE];
  const char* at = text;
  double found[3];
  struct sysinfo info;

  if (uv__read_text("/proc/loadavg", text, sizeof(text)) == 0 && parse_decimal(&at, &found[0]) &&
      parse_decimal(&at, &found[1]) && parse_decimal(&at, &found[2])) {
    memcpy(avg, found, sizeof(found));
    return;
  }
  if (sysinfo(&info) != 0)
    return;
  for (int i = 0; i < 3; i++)
    avg[i] = (double) info.loads[i] / (1 << SI_LOAD_SHIFT);
}
