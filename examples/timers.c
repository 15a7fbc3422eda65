/* Timers: once, again and again, and one that nobody waits for. */
#include <stdio.h>
#include <uv.h>

#define TICKS 5

static int ticks;

static void on_once(uv_timer_t* timer) {
  (void) timer;
  printf("once\n");
}

static void on_tick(uv_timer_t* timer) {
  ticks++;
  printf("tick %d\n", ticks);
  /* Only this timer and the first keep the loop alive: after it, uv_run returns. */
  if (ticks == TICKS)
    uv_timer_stop(timer);
}

static void on_housekeeping(uv_timer_t* timer) {
  (void) timer;
  printf("never: the program ends first\n");
}

static void close_handle(uv_handle_t* handle, void* arg) {
  (void) arg;
  uv_close(handle, NULL);
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  uv_timer_t once;
  uv_timer_t tick;
  uv_timer_t housekeeping;
  uint64_t start;

  uv_timer_init(loop, &once);
  uv_timer_init(loop, &tick);
  uv_timer_init(loop, &housekeeping);

  /* Delays count from the loop's idea of now, which is as old as its last turn. */
  uv_update_time(loop);
  start = uv_now(loop);
  uv_timer_start(&once, on_once, 0, 0);
  uv_timer_start(&tick, on_tick, 20, 20);
  uv_timer_start(&housekeeping, on_housekeeping, 60 * 60 * 1000, 0);
  uv_unref((uv_handle_t*) &housekeeping);

  uv_run(loop, UV_RUN_DEFAULT);
  printf("done, %s\n", uv_now(loop) - start >= TICKS * 20 ? "not too early" : "too early");

  uv_walk(loop, close_handle, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 ? 0 : 1;
}
