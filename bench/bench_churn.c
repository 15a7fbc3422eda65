/* Timer churn: what does it cost to start, stop and move timers among many live ones that never
 * fire, as the timeouts of a server with many connections do? */
#include <stdlib.h>
#include <uv.h>

#include "bench.h"

enum {
  BATCH = 10000,
  STRIDE = 7919, /* prime: visits every timer, neighbours in time are not neighbours in memory */
  TIMEOUTS = 4096,
  SHORTEST_MS = 60 * 1000,
  SPREAD_MS = 60 * 1000,
};

struct churn {
  uv_loop_t loop;
  uv_timer_t extra;
  uv_timer_t* live;
  size_t live_count;
  size_t at;
  uint64_t timeouts[TIMEOUTS];
};

static void on_timer(uv_timer_t* timer) {
  (void) timer;
  bench_fail("a timer fired that should not");
}

static uint64_t any_timeout(void) {
  return SHORTEST_MS + bench_random() % SPREAD_MS;
}

static uv_timer_t* next_live(struct churn* churn) {
  churn->at = (churn->at + STRIDE) % churn->live_count;
  return &churn->live[churn->at];
}

static void start_and_stop(struct churn* churn, size_t turn) {
  bench_must(uv_timer_start(&churn->extra, on_timer, churn->timeouts[turn % TIMEOUTS], 0),
             "uv_timer_start");
  bench_must(uv_timer_stop(&churn->extra), "uv_timer_stop");
}

static void restart(struct churn* churn, size_t turn) {
  bench_must(uv_timer_start(next_live(churn), on_timer, churn->timeouts[turn % TIMEOUTS], 0),
             "uv_timer_start");
}

static void again(struct churn* churn, size_t turn) {
  (void) turn;
  bench_must(uv_timer_again(next_live(churn)), "uv_timer_again");
}

static void open_churn(struct churn* churn, long live_count) {
  bench_must(uv_loop_init(&churn->loop), "uv_loop_init");
  bench_must(uv_timer_init(&churn->loop, &churn->extra), "uv_timer_init");
  churn->live_count = (size_t) live_count;
  churn->live = bench_alloc(churn->live_count, sizeof(*churn->live));
  churn->at = 0;

  for (size_t i = 0; i < TIMEOUTS; i++)
    churn->timeouts[i] = any_timeout();
  for (size_t i = 0; i < churn->live_count; i++) {
    bench_must(uv_timer_init(&churn->loop, &churn->live[i]), "uv_timer_init");
    bench_must(uv_timer_start(&churn->live[i], on_timer, any_timeout(), any_timeout()),
               "uv_timer_start");
  }
}

static void close_churn(struct churn* churn) {
  for (size_t i = 0; i < churn->live_count; i++)
    uv_close((uv_handle_t*) &churn->live[i], NULL);
  uv_close((uv_handle_t*) &churn->extra, NULL);
  uv_run(&churn->loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&churn->loop), "uv_loop_close");
  free(churn->live);
}

static void measure(const struct bench_case* self, void (*operation)(struct churn*, size_t)) {
  static struct churn churn;
  size_t done = 0;
  uint64_t start;
  uint64_t end;

  open_churn(&churn, self->population);
  start = bench_cpu_ns();
  do {
    for (size_t i = 0; i < BATCH; i++)
      operation(&churn, done + i);
    done += BATCH;
    uv_run(&churn.loop, UV_RUN_NOWAIT); /* time goes on, as in a real program */
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();

  bench_report(self, NULL, (double) (end - start) / (double) done, "ns");
  close_churn(&churn);
}

static void run_start_stop(const struct bench_case* self) {
  measure(self, start_and_stop);
}

static void run_restart(const struct bench_case* self) {
  measure(self, restart);
}

static void run_again(const struct bench_case* self) {
  measure(self, again);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "churn/start_stop", .run = run_start_stop, .population = 100000},
      {.name = "churn/restart", .run = run_restart, .population = 100000},
      {.name = "churn/again", .run = run_again, .population = 100000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
