/* Files: what do reading, opening, asking and writing cost, with so many requests under way at any
 * time? The files are in the page cache. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "bench.h"

enum { BLOCK = 4096, BLOCKS = 1024, PATH_ROOM = 64 };

/* One of the requests that are under way. */
struct task {
  uv_fs_t req;
  uv_file file;
  unsigned int block;
  char* memory;
};

static struct {
  uv_loop_t loop;
  char path[PATH_ROOM];
  uv_file file;
  void (*begin)(struct task* task);
  uint64_t started;
  uint64_t ended;
  uint64_t total;
} bench;

/* -- Operations -------------------------------------------------------------------------------- */

static void end(struct task* task) {
  bench.ended++;
  if (bench.started == bench.total)
    return;
  bench.started++;
  bench.begin(task);
}

static ssize_t result_of(uv_fs_t* req, const char* what) {
  ssize_t result = req->result;

  uv_fs_req_cleanup(req);
  if (result < 0)
    bench_must((int) result, what);
  return result;
}

static int64_t next_offset(struct task* task) {
  task->block = (task->block + 7) % BLOCKS;
  return (int64_t) task->block * BLOCK;
}

static void on_read(uv_fs_t* req) {
  if (result_of(req, "read") != BLOCK)
    bench_fail("a read was short");
  end(req->data);
}

static void begin_read(struct task* task) {
  uv_buf_t buf = uv_buf_init(task->memory, BLOCK);
  bench_must(uv_fs_read(&bench.loop, &task->req, bench.file, &buf, 1, next_offset(task), on_read),
             "uv_fs_read");
}

static void on_written(uv_fs_t* req) {
  if (result_of(req, "write") != BLOCK)
    bench_fail("a write was short");
  end(req->data);
}

static void begin_write(struct task* task) {
  uv_buf_t buf = uv_buf_init(task->memory, BLOCK);
  bench_must(
      uv_fs_write(&bench.loop, &task->req, bench.file, &buf, 1, next_offset(task), on_written),
      "uv_fs_write");
}

static void on_stat(uv_fs_t* req) {
  result_of(req, "stat");
  end(req->data);
}

static void begin_stat(struct task* task) {
  bench_must(uv_fs_stat(&bench.loop, &task->req, bench.path, on_stat), "uv_fs_stat");
}

static void on_closed(uv_fs_t* req) {
  result_of(req, "close");
  end(req->data);
}

static void on_opened_read(uv_fs_t* req) {
  struct task* task = req->data;
  result_of(req, "read");
  bench_must(uv_fs_close(&bench.loop, req, task->file, on_closed), "uv_fs_close");
}

static void on_open(uv_fs_t* req) {
  struct task* task = req->data;
  uv_buf_t buf = uv_buf_init(task->memory, BLOCK);

  task->file = (uv_file) result_of(req, "open");
  bench_must(uv_fs_read(&bench.loop, req, task->file, &buf, 1, 0, on_opened_read), "uv_fs_read");
}

static void begin_open(struct task* task) {
  bench_must(uv_fs_open(&bench.loop, &task->req, bench.path, O_RDONLY, 0, on_open), "uv_fs_open");
}

/* -- Cases ------------------------------------------------------------------------------------- */

static void make_file(void) {
  static char block[BLOCK];

  snprintf(bench.path, sizeof(bench.path), "/tmp/bench-files-XXXXXX");
  bench.file = mkstemp(bench.path);
  if (bench.file == -1)
    bench_fail("no file can be made");
  memset(block, 'x', sizeof(block));
  for (int i = 0; i < BLOCKS; i++)
    if (write(bench.file, block, sizeof(block)) != BLOCK)
      bench_fail("the file cannot be written");
}

static void remove_file(void) {
  close(bench.file);
  unlink(bench.path);
}

static struct task* make_tasks(unsigned int count) {
  struct task* tasks = bench_alloc(count, sizeof(*tasks));

  for (unsigned int i = 0; i < count; i++) {
    tasks[i].req.data = &tasks[i];
    tasks[i].memory = bench_alloc(1, BLOCK);
    tasks[i].block = i;
  }
  return tasks;
}

static void free_tasks(struct task* tasks, unsigned int count) {
  for (unsigned int i = 0; i < count; i++)
    free(tasks[i].memory);
  free(tasks);
}

static void run_round(struct task* tasks, uint64_t depth, uint64_t total) {
  bench.started = depth;
  bench.ended = 0;
  bench.total = total;
  for (uint64_t i = 0; i < depth; i++)
    bench.begin(&tasks[i]);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  if (bench.ended != total)
    bench_fail("a request was lost");
}

static void run(const struct bench_case* self, void (*begin)(struct task* task)) {
  unsigned int depth = (unsigned int) self->depth;
  uint64_t total = (uint64_t) bench_operations(self->operations);
  struct task* tasks = make_tasks(depth);
  uint64_t start;

  bench_use_all_cpus();
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  make_file();
  bench.begin = begin;
  if (total < depth)
    total = depth;
  run_round(tasks, depth, depth); /* makes what is made on first use */
  start = bench_cpu_ns();
  run_round(tasks, depth, total);
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) total, "ns");
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  remove_file();
  free_tasks(tasks, depth);
}

static void run_read(const struct bench_case* self) {
  run(self, begin_read);
}

static void run_open(const struct bench_case* self) {
  run(self, begin_open);
}

static void run_stat(const struct bench_case* self) {
  run(self, begin_stat);
}

static void run_write(const struct bench_case* self) {
  run(self, begin_write);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "file_read/1", .run = run_read, .depth = 1, .operations = 20000},
      {.name = "file_read/4", .run = run_read, .depth = 4, .operations = 40000},
      {.name = "file_read/64", .run = run_read, .depth = 64, .operations = 200000},
      {.name = "file_read/512", .run = run_read, .depth = 512, .operations = 200000},
      {.name = "file_open_read_close/1", .run = run_open, .depth = 1, .operations = 8000},
      {.name = "file_open_read_close/4", .run = run_open, .depth = 4, .operations = 16000},
      {.name = "file_open_read_close/64", .run = run_open, .depth = 64, .operations = 50000},
      {.name = "file_open_read_close/512", .run = run_open, .depth = 512, .operations = 50000},
      {.name = "file_stat/1", .run = run_stat, .depth = 1, .operations = 20000},
      {.name = "file_stat/4", .run = run_stat, .depth = 4, .operations = 40000},
      {.name = "file_stat/64", .run = run_stat, .depth = 64, .operations = 100000},
      {.name = "file_stat/512", .run = run_stat, .depth = 512, .operations = 100000},
      {.name = "file_write/1", .run = run_write, .depth = 1, .operations = 20000},
      {.name = "file_write/4", .run = run_write, .depth = 4, .operations = 40000},
      {.name = "file_write/64", .run = run_write, .depth = 64, .operations = 100000},
      {.name = "file_write/512", .run = run_write, .depth = 512, .operations = 100000},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
