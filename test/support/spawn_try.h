/* Starting processes where some die before they begin. */
#ifndef RONDO_TEST_SPAWN_TRY_H_
#define RONDO_TEST_SPAWN_TRY_H_

#include "uv.h"

#if defined(_WIN32)

/* A pipe that was made for the child stays open if the child cannot be made, and ends. */
static inline void renew_pipes(uv_loop_t* loop, const uv_process_options_t* how) {
  for (int fd = 0; fd < how->stdio_count; fd++) {
    if (!(how->stdio[fd].flags & UV_CREATE_PIPE))
      continue;
    uv_pipe_t* pipe = (uv_pipe_t*) how->stdio[fd].data.stream;
    void* data = pipe->data;
    int ipc = pipe->ipc;
    uv_close((uv_handle_t*) pipe, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    uv_pipe_init(loop, pipe, ipc);
    pipe->data = data;
  }
}

/* On a busy machine, a new process of Wine's now and then dies before it begins, which the system
 * calls an internal error: a number without a code. Then it is tried again. */
static inline int spawn_try(uv_loop_t* loop, uv_process_t* handle,
                            const uv_process_options_t* how) {
  int err = UV_UNKNOWN;

  for (int tries = 0; tries < 3 && err == UV_UNKNOWN; tries++) {
    if (tries > 0) {
      uv_close((uv_handle_t*) handle, NULL);
      uv_run(loop, UV_RUN_NOWAIT);
      renew_pipes(loop, how);
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
