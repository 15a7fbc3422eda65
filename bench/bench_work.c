/* Thread pool: what does a piece of work cost that does nothing, from uv_queue_work() to its
 * callback, with so many under way at any time? */
#include <stdlib.h>
#include <uv.h>

#include "bench.h"

static struct {
  uv_loop_t loop;
  uint64_t started;
  uint64_t ended;
  uint64_t total;
} bench;

static void do_nothing(uv_work_t* req) {
  (void) req;
}

static void on_end(uv_work_t* req, int status) {
  bench_must(status, "uv_queue_work");
  bench.ended++;
  if (bench.started == bench.total)
    return;
  bench.started++;
  bench_must(uv_queue_work(&bench.loop, req, do_nothing, on_end), "uv_queue_work");
}

static void run_round(uv_work_t* reqs, uint64_t depth, uint64_t total) {
  bench.started = 0;
  bench.ended = 0;
  bench.total = total;
  while (bench.started < depth)
    bench_must(uv_queue_work(&bench.loop, &reqs[bench.started++], do_nothing, on_end),
               "uv_queue_work");
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  if (bench.ended != total)
    bench_fail("work was lost");
}

static void run(const struct bench_case* self) {
  uint64_t total = (uint64_t) bench_operations(self->operations);
  uint64_t depth = (uint64_t) self->depth;
  uv_work_t* reqs = bench_alloc(depth, sizeof(*reqs));
  uint64_t start;

  bench_use_all_cpus();
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  if (total < depth)
    total = depth;
  run_round(reqs, depth, depth); /* makes the pool */
  start = bench_cpu_ns();
  run_round(reqs, depth, total);
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) total, "ns");
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  free(reqs);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "work/1", .run = run, .depth = 1, .operations = 40000},
      {.name = "work/64", .run = run, .depth = 64, .operations = 500000},
      {.name = "work/512", .run = run, .depth = 512, .operations = 1000000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
