/* Random bytes by arc4random(3), which seeds itself from the kernel and never fails. */
#include "../random.h"

#include <stdlib.h>

int uv__random_source(void* buf, size_t len) {
  arc4random_buf(buf, len);
  return 0;
}
