/* Timers: what does it cost to start a timer and have it fire, with very many of them? */
#include <stdlib.h>
#include <uv.h>

#include "bench.h"

enum {
  LEAD_MS = 250, /* none is due while the others are being started */
  SPAN_MS = 1000,
};

static long fired;

static void on_timer(uv_timer_t* timer) {
  (void) timer;
  fired++;
}

static void start_and_fire(const struct bench_case* self, const uint64_t* timeouts, long count) {
  uv_loop_t loop;
  uv_timer_t* timers = bench_alloc((size_t) count, sizeof(*timers));
  uint64_t begun;
  uint64_t started;
  uint64_t done;

  bench_must(uv_loop_init(&loop), "uv_loop_init");
  for (long i = 0; i < count; i++)
    bench_must(uv_timer_init(&loop, &timers[i]), "uv_timer_init");

  fired = 0;
  uv_update_time(&loop);
  begun = bench_cpu_ns();
  for (long i = 0; i < count; i++)
    bench_must(uv_timer_start(&timers[i], on_timer, timeouts[i], 0), "uv_timer_start");
  started = bench_cpu_ns();
  uv_run(&loop, UV_RUN_DEFAULT);
  done = bench_cpu_ns();

  if (fired != count)
    bench_fail("not every timer fired");
  bench_report(self, NULL, (double) (done - begun) / (double) count, "ns");
  bench_report(self, "start", (double) (started - begun) / (double) count, "ns");
  bench_report(self, "fire", (double) (done - started) / (double) count, "ns");

  for (long i = 0; i < count; i++)
    uv_close((uv_handle_t*) &timers[i], NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&loop), "uv_loop_close");
  free(timers);
}

static void run_in_order(const struct bench_case* self) {
  long count = bench_operations(self->operations);
  uint64_t* timeouts = bench_alloc((size_t) count, sizeof(*timeouts));

  for (long i = 0; i < count; i++)
    timeouts[i] = LEAD_MS + (uint64_t) i * SPAN_MS / (uint64_t) count;
  start_and_fire(self, timeouts, count);
  free(timeouts);
}

static void run_random(const struct bench_case* self) {
  long count = bench_operations(self->operations);
  uint64_t* timeouts = bench_alloc((size_t) count, sizeof(*timeouts));

  for (long i = 0; i < count; i++)
    timeouts[i] = LEAD_MS + bench_random() % SPAN_MS;
  start_and_fire(self, timeouts, count);
  free(timeouts);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "timers/in_order", .run = run_in_order, .operations = 1000000},
      {.name = "timers/random", .run = run_random, .operations = 1000000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
