/* Random bytes by getentropy(2). */
#include "../random.h"

#include "uv.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

enum { MOST_BYTES = 256 /* of a call */ };

int uv__random_source(void* buf, size_t len) {
  unsigned char* at = buf;

  while (len > 0) {
    size_t part = len < MOST_BYTES ? len : MOST_BYTES;

    if (getentropy(at, part) != 0)
      return UV__ERR(errno);
    at += part;
    len -= part;
  }
  return 0;
}
