/* Cold files: how long does the loop's longest turn take while 64 reads of a file are under way of
 * which nothing is in memory? How much of it is the thread's own work and no other program's, and
 * how often does the thread wait, which makes a voluntary context switch? For comparison, the same
 * reads from memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"

enum {
  READS = 64,
  READ_LEN = 64 * 1024,
  STRIDE = 1024 * 1024, /* beyond what the kernel reads ahead */
  ROUNDS = 20,
  PAGE = 4096,
  PATH_ROOM = 64
};

struct clocks {
  uint64_t wall_ns;
  uint64_t thread_ns; /* CPU time */
};

static struct {
  uv_loop_t loop;
  char path[PATH_ROOM];
  uv_file file;
  char* memory;
  uv_fs_t reqs[READS];
  uv_idle_t idle;
  int under_way;
  struct clocks turn_start;
  struct clocks longest;
  long switches;
} bench;

/* -- The file ---------------------------------------------------------------------------------- */

static void make_file(void) {
  static char block[STRIDE];

  snprintf(bench.path, sizeof(bench.path), "/var/tmp/bench-cold-XXXXXX");
  bench.file = mkstemp(bench.path);
  if (bench.file == -1)
    bench_fail("no file can be made");
  unlink(bench.path);
  memset(block, 'x', sizeof(block));
  for (int i = 0; i < READS; i++)
    if (write(bench.file, block, sizeof(block)) != STRIDE)
      bench_fail("the file cannot be written");
  if (fsync(bench.file) != 0)
    bench_fail("the file cannot be written");
}

/* Returns whether the file has left the memory, which those of some file systems never do. */
static bool cool_file(void) {
  size_t len = (size_t) READS * STRIDE;
  unsigned char* resident = bench_alloc(len / PAGE, 1);
  size_t count = 0;
  void* map;

  posix_fadvise(bench.file, 0, 0, POSIX_FADV_DONTNEED);
  map = mmap(NULL, len, PROT_READ, MAP_SHARED, bench.file, 0);
  if (map == MAP_FAILED || mincore(map, len, resident) != 0)
    bench_fail("mincore");
  munmap(map, len);
  for (size_t i = 0; i < len / PAGE; i++)
    count += resident[i] & 1;
  free(resident);
  return count == 0;
}

/* -- A round ----------------------------------------------------------------------------------- */

static long voluntary_switches(void) {
  struct rusage usage;

  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

static struct clocks read_clocks(void) {
  struct timespec cpu;
  struct clocks now = {.wall_ns = bench_wall_ns()};

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  now.thread_ns = (uint64_t) cpu.tv_sec * 1000000000U + (uint64_t) cpu.tv_nsec;
  return now;
}

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* The idle handle keeps the loop from waiting by itself: it turns all the time. */
static void on_turn(uv_idle_t* idle) {
  struct clocks now = read_clocks();

  bench.longest.wall_ns = larger(bench.longest.wall_ns, now.wall_ns - bench.turn_start.wall_ns);
  bench.longest.thread_ns =
      larger(bench.longest.thread_ns, now.thread_ns - bench.turn_start.thread_ns);
  bench.turn_start = now;
  if (bench.under_way == 0)
    uv_idle_stop(idle);
}

static void on_read(uv_fs_t* req) {
  ssize_t count = req->result;

  uv_fs_req_cleanup(req);
  if (count != READ_LEN)
    bench_fail("a read was short");
  bench.under_way--;
}

static void begin_reads(void) {
  for (int i = 0; i < READS; i++) {
    uv_buf_t buf = uv_buf_init(bench.memory + (size_t) i * READ_LEN, READ_LEN);
    bench_must(
        uv_fs_read(&bench.loop, &bench.reqs[i], bench.file, &buf, 1, (int64_t) i * STRIDE, on_read),
        "uv_fs_read");
  }
}

/* The turn that begins the reads counts too. */
static void run_round(void) {
  long switches = voluntary_switches();

  bench.under_way = READS;
  bench_must(uv_idle_start(&bench.idle, on_turn), "uv_idle_start");
  bench.turn_start = read_clocks();
  begin_reads();
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench.switches += voluntary_switches() - switches;
}

/* -- Cases ------------------------------------------------------------------------------------- */

static int compare(const void* a, const void* b) {
  const uint64_t* left = a;
  const uint64_t* right = b;
  return *left < *right ? -1 : *left > *right;
}

static double median_us(uint64_t* samples_ns) {
  qsort(samples_ns, ROUNDS, sizeof(samples_ns[0]), compare);
  return (double) samples_ns[ROUNDS / 2] / 1e3;
}

/* Medians over the rounds of each one's longest turn. */
static void measure(const struct bench_case* self, bool cold) {
  uint64_t wall_ns[ROUNDS];
  uint64_t thread_ns[ROUNDS];

  bench.switches = 0;
  for (int i = 0; i < ROUNDS; i++) {
    if (cold && !cool_file()) {
      printf("# skipped: the file system of /var/tmp keeps its files in memory\n");
      return;
    }
    bench.longest = (struct clocks){0};
    run_round();
    wall_ns[i] = bench.longest.wall_ns;
    thread_ns[i] = bench.longest.thread_ns;
  }
  bench_report(self, "longest_turn", median_us(wall_ns), "us");
  bench_report(self, "longest_turn/cpu", median_us(thread_ns), "us");
  printf("# %s: at worst %.0f us, of them CPU time %.0f us; %.2f voluntary switches a round\n",
         self->name, (double) wall_ns[ROUNDS - 1] / 1e3, (double) thread_ns[ROUNDS - 1] / 1e3,
         (double) bench.switches / ROUNDS);
}

static void run(const struct bench_case* self, bool cold) {
  bench_use_all_cpus();
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  bench_must(uv_idle_init(&bench.loop, &bench.idle), "uv_idle_init");
  bench.memory = bench_alloc(READS, READ_LEN);
  make_file();
  run_round(); /* makes what is made on first use */
  measure(self, cold);
  close(bench.file);
  free(bench.memory);
  uv_close((uv_handle_t*) &bench.idle, NULL);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
}

static void run_cold(const struct bench_case* self) {
  run(self, true);
}

static void run_warm(const struct bench_case* self) {
  run(self, false);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "file_64_reads/cold", .run = run_cold},
      {.name = "file_64_reads/in_memory", .run = run_warm},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
