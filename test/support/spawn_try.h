/* Starting processes where some die before they begin. */
#ifndef RONDO_TEST_SPAWN_TRY_H_
#define RONDO_TEST_SPAWN_TRY_H_

#include "uv.h"

#if defined(_WIN32)

/* On a busy machine, a new process of Wine's now and then dies before it begins, which the system
 * calls an internal error: a number without a code. Then it is tried again. */
static inline int spawn_try(uv_loop_t* loop, uv_process_t* handle,
                            const uv_process_options_t* how) {
  int err = UV_UNKNOWN;

  for (int tries = 0; tries < 3 && err == UV_UNKNOWN; tries++) {
    if (tries > 0) {
      uv_close((uv_handle_t*) handle, NULL);
      uv_run(loop, UV_RUN_NOWAIT);
    }
    err = uv_spawn(loop, handle, how);
  }
  return err;
}

#else

static inline int spawn_try(uv_loop_t* loop, uv_process_t* handle,
                            const uv_process_options_t* how) {
  return uv_spawn(loop, handle, how);
}

#endif

#endif /* RONDO_TEST_SPAWN_TRY_H_ */
