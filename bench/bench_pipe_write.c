/* Writes of 100 bytes to a pipe that is full when they are made, so that they queue: what does one
 * cost, from uv_write() to its callback, the reader's work left out? */
#include <uv.h>

#include "bench.h"

#include <errno.h>
#include <unistd.h>

enum { LEN = 100, ROUND = 500 /* fits into an empty pipe of 64 KiB */, ROOM = 65536 };

static struct {
  uv_loop_t loop;
  uv_pipe_t pipe;
  int ends[2];
  char bytes[ROOM];
  uv_write_t requests[ROUND];
  long done;
} bench;

static void on_written(uv_write_t* request, int status) {
  (void) request;
  bench_must(status, "write");
  bench.done++;
}

static void fill(void) {
  while (write(bench.ends[1], bench.bytes, sizeof(bench.bytes)) > 0) {
  }
  if (errno != EAGAIN)
    bench_fail("write");
}

static void drain(void) {
  while (read(bench.ends[0], bench.bytes, sizeof(bench.bytes)) > 0) {
  }
}

static void queue_writes(void) {
  uv_buf_t buf = uv_buf_init(bench.bytes, LEN);

  bench.done = 0;
  for (int i = 0; i < ROUND; i++)
    bench_must(uv_write(&bench.requests[i], (uv_stream_t*) &bench.pipe, &buf, 1, on_written),
               "uv_write");
}

static void run(const struct bench_case* self) {
  uint64_t start = bench_cpu_ns();
  uint64_t spent = 0;
  long rounds = 0;

  bench_must(uv_pipe(bench.ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), "uv_pipe");
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  bench_must(uv_pipe_init(&bench.loop, &bench.pipe, 0), "uv_pipe_init");
  bench_must(uv_pipe_open(&bench.pipe, bench.ends[1]), "uv_pipe_open");
  do {
    uint64_t part_start;
    fill();
    part_start = bench_cpu_ns();
    queue_writes();
    spent += bench_cpu_ns() - part_start;
    drain();
    part_start = bench_cpu_ns();
    while (bench.done < ROUND)
      uv_run(&bench.loop, UV_RUN_NOWAIT);
    spent += bench_cpu_ns() - part_start;
    drain();
    rounds++;
  } while (!bench_is_enough(start));
  bench_report(self, NULL, (double) spent / (double) (rounds * ROUND), "ns");

  uv_close((uv_handle_t*) &bench.pipe, NULL);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  close(bench.ends[0]);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {{.name = "pipe_write/queued_100B", .run = run}};

  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
