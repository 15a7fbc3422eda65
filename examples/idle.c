/* An idle handle: its callback runs in every turn of the loop, and while it is active the loop does
 * not wait for events. For work that is done in small pieces. */
#include <stdio.h>
#include <uv.h>

#define TURNS 10000

static int turns;

static void work_a_little(uv_idle_t* idle) {
  turns++;
  /* The last piece. Nothing is active any more, so uv_run returns. */
  if (turns == TURNS)
    uv_idle_stop(idle);
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  uv_idle_t idle;

  uv_idle_init(loop, &idle);
  uv_idle_start(&idle, work_a_little);

  printf("idling\n");
  uv_run(loop, UV_RUN_DEFAULT);
  printf("%d turns\n", turns);

  uv_close((uv_handle_t*) &idle, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 ? 0 : 1;
}
