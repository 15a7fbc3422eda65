/* The stack of the process's first thread may be hundreds of megabytes on the BSDs, whose other
 * threads get a few at most. */
#include "main_stack.h"

size_t uv__main_stack(void) {
  return 0;
}
