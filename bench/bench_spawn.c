/* Processes: what does starting /bin/true and learning of its end cost the parent: when it is
 * small, when 2 GiB of its memory are resident, when it asks for a user id, and when 1,000 of its
 * children live? Counted is the parent's time, not the child's. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"

enum { BATCH = 20 };

#define RESIDENT ((size_t) 2 << 30)

static struct {
  uv_loop_t loop;
  uv_process_t child;
  uv_process_t* living;
  unsigned int flags;
  long spawned;
  long stop_at;
} bench;

/* -- The parent -------------------------------------------------------------------------------- */

/* Resident memory in small pages, as a program has it that allocated it bit by bit. */
static char* make_resident(size_t len) {
  char* memory;

  if (uv_get_free_memory() < len + len / 2) {
    printf("# skipped: less than %zu MiB of memory are free\n", (len + len / 2) >> 20);
    return NULL;
  }
  memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    bench_fail("out of memory");
  madvise(memory, len, MADV_NOHUGEPAGE);
  memset(memory, 1, len);
  return memory;
}

static void on_living_exit(uv_process_t* process, int64_t status, int signal) {
  (void) status;
  (void) signal;
  uv_close((uv_handle_t*) process, NULL);
}

/* Children that wait to be killed. */
static void start_living(long count) {
  static char* arguments[] = {"sleep", "60", NULL};
  uv_process_options_t options = {
      .file = "/bin/sleep", .args = arguments, .exit_cb = on_living_exit};

  bench.living = bench_alloc((size_t) count, sizeof(*bench.living));
  for (long i = 0; i < count; i++) {
    bench_must(uv_spawn(&bench.loop, &bench.living[i], &options), "uv_spawn of /bin/sleep");
    uv_unref((uv_handle_t*) &bench.living[i]);
  }
}

static void end_living(long count) {
  for (long i = 0; i < count; i++) {
    uv_ref((uv_handle_t*) &bench.living[i]);
    bench_must(uv_process_kill(&bench.living[i], SIGKILL), "uv_process_kill");
  }
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  free(bench.living);
}

/* -- Starting ---------------------------------------------------------------------------------- */

static void spawn_next(void);

static void on_closed(uv_handle_t* handle) {
  (void) handle;
  if (++bench.spawned < bench.stop_at)
    spawn_next();
}

static void on_end(uv_process_t* process, int64_t status, int signal) {
  if (status != 0 || signal != 0)
    bench_fail("/bin/true failed");
  uv_close((uv_handle_t*) process, on_closed);
}

static void spawn_next(void) {
  static char* arguments[] = {"true", NULL};
  uv_process_options_t options = {.file = "/bin/true",
                                  .args = arguments,
                                  .exit_cb = on_end,
                                  .flags = bench.flags,
                                  .uid = getuid()};

  bench_must(uv_spawn(&bench.loop, &bench.child, &options), "uv_spawn of /bin/true");
}

static void spawn_some(long count) {
  bench.stop_at = bench.spawned + count;
  spawn_next();
  uv_run(&bench.loop, UV_RUN_DEFAULT);
}

static void run(const struct bench_case* self) {
  uint64_t cpu_ns;
  uint64_t wall_ns;

  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  start_living(self->population);
  spawn_some(BATCH); /* makes what is made on first use */

  bench.spawned = 0;
  wall_ns = bench_wall_ns();
  cpu_ns = bench_cpu_ns();
  do
    spawn_some(BATCH);
  while (!bench_is_enough(cpu_ns));
  cpu_ns = bench_cpu_ns() - cpu_ns;
  wall_ns = bench_wall_ns() - wall_ns;

  bench_report(self, NULL, (double) cpu_ns / (double) bench.spawned, "ns");
  bench_report(self, "wall", (double) wall_ns / (double) bench.spawned, "ns");
  end_living(self->population);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
}

static void run_resident(const struct bench_case* self) {
  size_t len = bench_is_quick() ? RESIDENT / 32 : RESIDENT;
  char* memory = make_resident(len);

  if (memory == NULL)
    return;
  run(self);
  munmap(memory, len);
}

static void run_resident_setuid(const struct bench_case* self) {
  bench.flags = UV_PROCESS_SETUID;
  run_resident(self);
  bench.flags = 0;
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "spawn/small", .run = run},
      {.name = "spawn/2GiB", .run = run_resident},
      {.name = "spawn/2GiB_setuid", .run = run_resident_setuid},
      {.name = "spawn/1000_children", .run = run, .population = 1000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
