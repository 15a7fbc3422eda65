/* Async handles: what does it cost to fire one of many, the others being idle? One is sent at a
 * time, and the next only after its callback has run. */
#include <semaphore.h>
#include <stdlib.h>
#include <uv.h>

#include "bench.h"

enum {
  BATCH = 500,
  STRIDE = 7919, /* prime: visits every handle */
};

static struct {
  uv_loop_t loop;
  uv_async_t* handles;
  size_t handle_count;
  size_t at;
  size_t fired;
  size_t stop_at;
  uv_async_t stop;
  sem_t answered;
} bench;

static void send_next(void) {
  bench.at = (bench.at + STRIDE) % bench.handle_count;
  bench_must(uv_async_send(&bench.handles[bench.at]), "uv_async_send");
}

static void open_handles(const struct bench_case* self, uv_async_cb cb) {
  bench.handle_count = (size_t) self->population;
  bench.handles = bench_alloc(bench.handle_count, sizeof(*bench.handles));
  bench.at = 0;
  bench.fired = 0;

  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  for (size_t i = 0; i < bench.handle_count; i++)
    bench_must(uv_async_init(&bench.loop, &bench.handles[i], cb), "uv_async_init");
}

static void close_handles(void) {
  for (size_t i = 0; i < bench.handle_count; i++)
    uv_close((uv_handle_t*) &bench.handles[i], NULL);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  free(bench.handles);
}

static void on_self(uv_async_t* handle) {
  (void) handle;
  if (++bench.fired == bench.stop_at)
    uv_stop(&bench.loop);
  else
    send_next();
}

/* Each callback sends the next from the loop's own thread. */
static void run_self(const struct bench_case* self) {
  uint64_t start;
  uint64_t end;

  open_handles(self, on_self);
  start = bench_cpu_ns();
  do {
    bench.stop_at = bench.fired + BATCH;
    send_next();
    uv_run(&bench.loop, UV_RUN_DEFAULT);
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();

  bench_report(self, NULL, (double) (end - start) / (double) bench.fired, "ns");
  close_handles();
}

static void on_thread(uv_async_t* handle) {
  (void) handle;
  bench.fired++;
  sem_post(&bench.answered);
}

static void on_stop(uv_async_t* handle) {
  uv_close((uv_handle_t*) handle, NULL);
  uv_stop(&bench.loop);
}

static void send_from_thread(void* unused) {
  uint64_t start = bench_cpu_ns();

  (void) unused;
  do {
    for (int i = 0; i < BATCH; i++) {
      send_next();
      sem_wait(&bench.answered);
    }
  } while (!bench_is_enough(start));
  bench_must(uv_async_send(&bench.stop), "uv_async_send");
}

/* Another thread sends; counted are both threads, on the same CPU. */
static void run_thread(const struct bench_case* self) {
  uv_thread_t sender;
  uint64_t start;
  uint64_t end;

  open_handles(self, on_thread);
  sem_init(&bench.answered, 0, 0);
  bench_must(uv_async_init(&bench.loop, &bench.stop, on_stop), "uv_async_init");

  start = bench_cpu_ns();
  bench_must(uv_thread_create(&sender, send_from_thread, NULL), "uv_thread_create");
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  end = bench_cpu_ns();
  bench_must(uv_thread_join(&sender), "uv_thread_join");

  bench_report(self, NULL, (double) (end - start) / (double) bench.fired, "ns");
  close_handles();
  sem_destroy(&bench.answered);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "async/own_thread/1", .run = run_self, .population = 1},
      {.name = "async/own_thread/10000", .run = run_self, .population = 10000},
      {.name = "async/other_thread/1", .run = run_thread, .population = 1},
      {.name = "async/other_thread/10000", .run = run_thread, .population = 10000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
