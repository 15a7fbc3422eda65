/* Requests: cancelling one.
 *
 * Only work that waits for a thread can be cancelled, and there is no thread pool yet. */
#include "core.h"

int uv_cancel(uv_req_t* req) {
  (void) req;
  return UV_EINVAL;
}
