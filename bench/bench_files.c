/* Files: what do reading, opening, asking and writing cost, with so many requests under way at any
 * time? The files are in the page cache. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bench.h"
#include "file_cases.h"

/* One of the requests that are under way. */
struct task {
  uv_fs_t req;
  uv_file file;
  unsigned int block;
  char* memory;
};

static struct {
  uv_loop_t loop;
  struct test_file file;
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
  task->block = (task->block + 7) % FILE_BLOCKS;
  return (int64_t) task->block * FILE_BLOCK;
}

static void on_read(uv_fs_t* req) {
  if (result_of(req, "read") != FILE_BLOCK)
    bench_fail("a read was short");
  end(req->data);
}

static void begin_read(struct task* task) {
  uv_buf_t buf = uv_buf_init(task->memory, FILE_BLOCK);
  bench_must(
      uv_fs_read(&bench.loop, &task->req, bench.file.fd, &buf, 1, next_offset(task), on_read),
      "uv_fs_read");
}

static void on_written(uv_fs_t* req) {
  if (result_of(req, "write") != FILE_BLOCK)
    bench_fail("a write was short");
  end(req->data);
}

static void begin_write(struct task* task) {
  uv_buf_t buf = uv_buf_init(task->memory, FILE_BLOCK);
  bench_must(
      uv_fs_write(&bench.loop, &task->req, bench.file.fd, &buf, 1, next_offset(task), on_written),
      "uv_fs_write");
}

static void on_stat(uv_fs_t* req) {
  result_of(req, "stat");
  end(req->data);
}

static void begin_stat(struct task* task) {
  bench_must(uv_fs_stat(&bench.loop, &task->req, bench.file.path, on_stat), "uv_fs_stat");
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
  uv_buf_t buf = uv_buf_init(task->memory, FILE_BLOCK);

  task->file = (uv_file) result_of(req, "open");
  bench_must(uv_fs_read(&bench.loop, req, task->file, &buf, 1, 0, on_opened_read), "uv_fs_read");
}

static void begin_open(struct task* task) {
  bench_must(uv_fs_open(&bench.loop, &task->req, bench.file.path, O_RDONLY, 0, on_open),
             "uv_fs_open");
}

/* -- Cases ------------------------------------------------------------------------------------- */

static struct task* make_tasks(unsigned int count) {
  struct task* tasks = bench_alloc(count, sizeof(*tasks));

  for (unsigned int i = 0; i < count; i++) {
    tasks[i].req.data = &tasks[i];
    tasks[i].memory = bench_alloc(1, FILE_BLOCK);
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

static void (*begin_of(const char* kind))(struct task* task) {
  if (strcmp(kind, "read") == 0)
    return begin_read;
  if (strcmp(kind, "write") == 0)
    return begin_write;
  return strcmp(kind, "stat") == 0 ? begin_stat : begin_open;
}

static void run(const struct bench_case* self) {
  unsigned int depth = (unsigned int) self->depth;
  uint64_t total = (uint64_t) bench_operations(self->operations);
  struct task* tasks = make_tasks(depth);
  uint64_t start;

  bench_use_all_cpus();
  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  test_file_make(&bench.file);
  bench.begin = begin_of(self->kind);
  if (total < depth)
    total = depth;
  run_round(tasks, depth, depth); /* makes what is made on first use */
  start = bench_cpu_ns();
  run_round(tasks, depth, total);
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) total, "ns");
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  test_file_remove(&bench.file);
  free_tasks(tasks, depth);
}

int main(int argc, char** argv) {
  struct bench_case cases[FILE_CASES];

  file_cases(cases, run);
  return bench_main(argc, argv, cases, FILE_CASES);
}
