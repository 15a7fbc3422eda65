/* Loops in the child of a fork. */
#include "../backend.h"
#include "../core.h"
#include "../loop_state.h"
#include "../mailbox.h"

int uv_loop_fork(uv_loop_t* loop) {
  int errors[3];

  /* Each step is taken whatever the others answer: after a failure the loop can still be closed,
   * and the call may be repeated. */
  uv__mailbox_init(&uv__state(loop)->mailbox);
  errors[0] = uv__backend_fork(loop);
  errors[1] = uv__backend_wake_fork(loop);
  errors[2] = uv__handles_fork(loop);
  for (int i = 0; i < 3; i++)
    if (errors[i] != 0)
      return errors[i];
  return 0;
}
