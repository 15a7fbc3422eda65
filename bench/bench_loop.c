/* Loops: what do making and closing one cost, alone, and with a turn or an async handle between? */
#include <uv.h>

#include "bench.h"

enum { BATCH = 100 };

static void init_and_close(void) {
  uv_loop_t loop;

  bench_must(uv_loop_init(&loop), "uv_loop_init");
  bench_must(uv_loop_close(&loop), "uv_loop_close");
}

static void turn(void) {
  uv_loop_t loop;

  bench_must(uv_loop_init(&loop), "uv_loop_init");
  uv_run(&loop, UV_RUN_NOWAIT);
  bench_must(uv_loop_close(&loop), "uv_loop_close");
}

static void open_async(void) {
  uv_loop_t loop;
  uv_async_t async;

  bench_must(uv_loop_init(&loop), "uv_loop_init");
  bench_must(uv_async_init(&loop, &async, NULL), "uv_async_init");
  uv_close((uv_handle_t*) &async, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&loop), "uv_loop_close");
}

static void measure(const struct bench_case* self, void (*operation)(void)) {
  uint64_t start;
  uint64_t end;
  long count = 0;

  operation(); /* makes what is made once for the process */
  start = bench_cpu_ns();
  do {
    for (int i = 0; i < BATCH; i++)
      operation();
    count += BATCH;
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();
  bench_report(self, NULL, (double) (end - start) / (double) count, "ns");
}

static void run_init_and_close(const struct bench_case* self) {
  measure(self, init_and_close);
}

static void run_turn(const struct bench_case* self) {
  measure(self, turn);
}

static void run_async(const struct bench_case* self) {
  measure(self, open_async);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "loop/init_close", .run = run_init_and_close},
      {.name = "loop/init_turn_close", .run = run_turn},
      {.name = "loop/init_async_close", .run = run_async},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
