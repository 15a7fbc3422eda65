/* Loops: making, configuring and closing them. */
#include "backend.h"
#include "core.h"
#include "finished.h"
#include "gather.h"
#include "loop_state.h"
#include "mailbox.h"
#include "watcher.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

static uv_loop_t default_loop_memory;
static uv_loop_t* default_loop;

/* -- Init and close ---------------------------------------------------------------------------- */

static int init_state(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__malloc(sizeof(*state));
  int err;

  if (state == NULL)
    return UV_ENOMEM;
  memset(state, 0, offsetof(struct uv__loop_state, wheel));
  err = uv_mutex_init(&state->idle_lock);
  if (err != 0) {
    uv__free(state);
    return err;
  }
  loop->internal_fields = state;
  uv__mailbox_init(&state->mailbox);
  uv__finished_init(loop);
  uv__gather_init(loop);
  state->on_wake = uv__mailbox_drain;
  uv__update_time(loop);
  uv__wheel_init(&state->wheel, uv_now(loop));
  return 0;
}

static void close_state(uv_loop_t* loop) {
  uv__gather_unlink(loop);
  uv_mutex_destroy(&uv__state(loop)->idle_lock);
  uv__free(loop->internal_fields);
  loop->internal_fields = NULL;
}

/* Being able to be woken belongs to it: who has no descriptors hears of it here, and not from calls
 * that programs expect to go well. */
static int open_backend(uv_loop_t* loop) {
  int err = uv__backend_init(loop);

  if (err != 0)
    return err;
  err = uv__backend_wake_open(loop);
  if (err != 0)
    uv__backend_close(loop);
  return err;
}

int uv_loop_init(uv_loop_t* loop) {
  void* data = loop->data;
  int err;

  memset(loop, 0, sizeof(*loop));
  loop->data = data;
  uv__queue_init(&loop->handle_queue);
  uv__watchers_init(loop);

  err = init_state(loop);
  if (err != 0)
    return err;
  err = open_backend(loop);
  if (err != 0)
    close_state(loop);
  return err;
}

int uv_loop_close(uv_loop_t* loop) {
  if (loop->active_reqs.count > 0 || uv__handles_left(loop))
    return UV_EBUSY;

  /* The backend goes first. In the child of a fork its kernel object may still be the parent's, and
   * what the child took off it would be missing there. */
  uv__backend_close(loop);
  uv__backend_wake_close(loop);
  close_state(loop);
  if (loop == default_loop)
    default_loop = NULL;
  return 0;
}

/* -- Loops of the library's own memory --------------------------------------------------------- */

uv_loop_t* uv_default_loop(void) {
  if (default_loop != NULL)
    return default_loop;
  if (uv_loop_init(&default_loop_memory) != 0)
    return NULL;
  default_loop = &default_loop_memory;
  return default_loop;
}

uv_loop_t* uv_loop_new(void) {
  uv_loop_t* loop = uv__malloc(sizeof(*loop));

  if (loop == NULL)
    return NULL;
  loop->data = NULL;
  if (uv_loop_init(loop) != 0) {
    uv__free(loop);
    return NULL;
  }
  return loop;
}

void uv_loop_delete(uv_loop_t* loop) {
  bool is_default = loop == default_loop;

  /* A loop that is still busy stays as it is: freeing it would free what its handles point to. */
  if (uv_loop_close(loop) != 0)
    return;
  if (!is_default)
    uv__free(loop);
}

/* -- Options ----------------------------------------------------------------------------------- */

int uv_loop_configure(uv_loop_t* loop, uv_loop_option option, ...) {
  va_list args;
  int signum;

  switch (option) {
    case UV_METRICS_IDLE_TIME:
      uv__state(loop)->options |= UV__LOOP_METRICS_IDLE;
      return 0;
    case UV_LOOP_BLOCK_SIGNAL:
      va_start(args, option);
      signum = va_arg(args, int);
      va_end(args);
      return uv__backend_block_signal(loop, signum);
    case UV_LOOP_USE_IO_URING_SQPOLL:
      return uv__backend_use_sqpoll(loop);
    default:
      return UV_ENOSYS;
  }
}
