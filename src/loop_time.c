/* The loop's time: the clock as it stood when the loop last looked. */
#include "loop_state.h"

enum { NS_PER_MS = 1000000 };

void uv__update_time(uv_loop_t* loop) {
  uint64_t now_ns = uv_hrtime();
  uint64_t now_ms = now_ns / NS_PER_MS;

  /* The wheel relies on a time that never goes back, whatever a virtual machine's clock does. */
  if (now_ms < loop->time)
    return;
  loop->time = now_ms;
  uv__state(loop)->time_ns = (unsigned int) (now_ns % NS_PER_MS);
}

void uv_update_time(uv_loop_t* loop) {
  uv__update_time(loop);
}

uint64_t uv_now(const uv_loop_t* loop) {
  return loop->time;
}
