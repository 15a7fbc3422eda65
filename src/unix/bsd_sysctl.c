/* Numbers that the kernel tells by name. */
#include "bsd_sysctl.h"

#include "uv.h"

#include <errno.h>
#include <sys/sysctl.h>

/* Releases and processors differ in how long a number is: what comes says so. */
int uv__sysctl_number(const char* name, uint64_t* number) {
  union {
    uint32_t half;
    uint64_t whole;
  } value;
  size_t len = sizeof(value);

  if (sysctlbyname(name, &value, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *number = len == sizeof(value.half) ? value.half : value.whole;
  return 0;
}
