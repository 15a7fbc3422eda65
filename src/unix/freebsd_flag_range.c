/* Flagging many descriptors with one call: close_range(2). Before FreeBSD 14 the kernel does not
 * know the flag. */
#include "fd_flags.h"

#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

int uv__flag_all_from(int first) {
  return close_range((unsigned int) first, ~0u, CLOSE_RANGE_CLOEXEC);
}
