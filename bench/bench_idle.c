/* Turns of the loop: what does one cost while an idle handle keeps the loop from waiting, with no
 * connections and with many quiet ones? */
#include <uv.h>

#include "bench.h"
#include "held.h"

enum { BATCH = 10000 };

static struct {
  uv_loop_t loop;
  uint64_t turns;
  uint64_t stop_at;
} bench;

static void on_idle(uv_idle_t* idle) {
  if (++bench.turns == bench.stop_at)
    uv_stop(idle->loop);
}

static void measure(const struct bench_case* self) {
  uv_idle_t idle;
  uint64_t start;
  uint64_t end;

  bench_must(uv_idle_init(&bench.loop, &idle), "uv_idle_init");
  bench_must(uv_idle_start(&idle, on_idle), "uv_idle_start");

  bench.turns = 0;
  start = bench_cpu_ns();
  do {
    bench.stop_at = bench.turns + BATCH;
    uv_run(&bench.loop, UV_RUN_DEFAULT);
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();

  bench_report(self, NULL, (double) (end - start) / (double) bench.turns, "ns");
  uv_close((uv_handle_t*) &idle, NULL);
  uv_run(&bench.loop, UV_RUN_NOWAIT);
}

static void run_alone(const struct bench_case* self) {
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  measure(self);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
}

static void run_with_connections(const struct bench_case* self) {
  struct held held;

  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  if (held_open(&held, &bench.loop, self->population)) {
    held_connect(&held);
    measure(self);
    held_close(&held);
  }
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "idle_turn/0", .run = run_alone},
      {.name = "idle_turn/1000", .run = run_with_connections, .population = 1000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
