/* Metrics: how often the loop turned, what it saw, how long it waited. */
#include "metrics.h"

void uv__metrics_wait_begin(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);

  if (!uv__metrics_idle_counted(loop))
    return;
  uv_mutex_lock(&state->idle_lock);
  state->idle_since = uv_hrtime();
  uv_mutex_unlock(&state->idle_lock);
}

void uv__metrics_wait_end(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);

  if (!uv__metrics_idle_counted(loop))
    return;
  uv_mutex_lock(&state->idle_lock);
  state->idle_ns += uv_hrtime() - state->idle_since;
  state->idle_since = 0;
  uv_mutex_unlock(&state->idle_lock);
}

void uv__metrics_count_work(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);

  if (state->work_events == state->metrics.events) {
    state->metrics.events++;
    if (state->found_waiting)
      state->metrics.events_waiting++;
  }
  state->work_events = state->metrics.events;
}

uint64_t uv_metrics_idle_time(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);
  uint64_t idle_ns;

  uv_mutex_lock(&state->idle_lock);
  idle_ns = state->idle_ns;
  if (state->idle_since != 0)
    idle_ns += uv_hrtime() - state->idle_since;
  uv_mutex_unlock(&state->idle_lock);
  return idle_ns;
}

int uv_metrics_info(uv_loop_t* loop, uv_metrics_t* metrics) {
  *metrics = uv__state(loop)->metrics;
  return 0;
}
