/* Memory: how much heap does an idle accepted connection take beyond its handle?
 *
 * The handles' own memory is there before the first look at the heap. The main figure is the C
 * library's view, so nothing is missed; "requested" is what the library asked its allocator for. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <uv.h>

#include "bench.h"
#include "held.h"

static size_t requested;

static void* counting_realloc(void* old, size_t len) {
  size_t old_len = malloc_usable_size(old);
  void* memory = realloc(old, len);

  if (memory != NULL)
    requested += malloc_usable_size(memory) - old_len;
  return memory;
}

static void* counting_malloc(size_t len) {
  void* memory = malloc(len);

  requested += malloc_usable_size(memory);
  return memory;
}

static void* counting_calloc(size_t count, size_t len) {
  void* memory = calloc(count, len);

  requested += malloc_usable_size(memory);
  return memory;
}

static void counting_free(void* memory) {
  requested -= malloc_usable_size(memory);
  free(memory);
}

static size_t heap_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static double per_connection(size_t after, size_t before, long count) {
  return ((double) after - (double) before) / (double) count;
}

static void run(const struct bench_case* self) {
  uv_loop_t loop;
  struct held held;

  bench_must(
      uv_replace_allocator(counting_malloc, counting_realloc, counting_calloc, counting_free),
      "uv_replace_allocator");
  bench_must(uv_loop_init(&loop), "uv_loop_init");

  if (held_open(&held, &loop, self->population)) {
    size_t heap_before;
    size_t requested_before;

    uv_run(&loop, UV_RUN_NOWAIT);
    heap_before = heap_in_use();
    requested_before = requested;
    held_connect(&held);
    bench_report(self, NULL, per_connection(heap_in_use(), heap_before, held.count), "B");
    bench_report(self, "requested", per_connection(requested, requested_before, held.count), "B");
    held_close(&held);
  }

  bench_must(uv_loop_close(&loop), "uv_loop_close");
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "memory/1000", .run = run, .population = 1000},
      {.name = "memory/10000", .run = run, .population = 10000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
