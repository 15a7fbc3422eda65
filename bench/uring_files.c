/* Files by io_uring: with so many requests under way, and one call into the kernel per turn. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file_cases.h"
#include "ring.h"

enum { ENTRIES = 1024 };

struct task {
  enum file_step step;
  int fd;
  unsigned block;
  struct statx status;
  char memory[FILE_BLOCK];
};

static struct ring ring;
static struct test_file file;
static struct file_flow flow;

void bench_print_library(void) {
  puts("# library none\n# version io_uring");
}

static void begin_transfer(struct io_uring_sqe* entry, struct task* task, int fd) {
  entry->fd = fd;
  entry->addr = (uintptr_t) task->memory;
  entry->len = FILE_BLOCK;
  entry->off = (uint64_t) task->block * FILE_BLOCK;
  task->block = (task->block + 7) % FILE_BLOCKS;
}

static void begin(struct task* task) {
  struct io_uring_sqe* entry = ring_next(&ring);

  entry->user_data = (uintptr_t) task;
  switch (task->step) {
    case FILE_NOTHING:
      entry->opcode = IORING_OP_NOP;
      break;
    case FILE_READ:
    case FILE_READ_OPENED:
      entry->opcode = IORING_OP_READ;
      begin_transfer(entry, task, task->step == FILE_READ ? file.fd : task->fd);
      break;
    case FILE_WRITE:
      entry->opcode = IORING_OP_WRITE;
      begin_transfer(entry, task, file.fd);
      break;
    case FILE_STAT:
      entry->opcode = IORING_OP_STATX;
      entry->fd = AT_FDCWD;
      entry->addr = (uintptr_t) file.path;
      entry->addr2 = (uintptr_t) &task->status;
      entry->len = STATX_BASIC_STATS | STATX_BTIME;
      break;
    case FILE_OPEN:
      entry->opcode = IORING_OP_OPENAT;
      entry->fd = AT_FDCWD;
      entry->addr = (uintptr_t) file.path;
      entry->open_flags = O_RDONLY | O_CLOEXEC;
      break;
    case FILE_CLOSE:
      entry->opcode = IORING_OP_CLOSE;
      entry->fd = task->fd;
      break;
  }
}

static void on_end(struct task* task, int result) {
  bench_must(result, "a request of the ring");
  if (task->step == FILE_OPEN)
    task->fd = result;
  if (file_next_step(&flow, &task->step))
    begin(task);
}

static void run_round(struct task* tasks, enum file_step first, long depth, long count) {
  struct io_uring_cqe completion;

  flow = (struct file_flow){.begun = depth, .total = count};
  for (long i = 0; i < depth; i++) {
    tasks[i].step = first;
    begin(&tasks[i]);
  }
  while (flow.ended < flow.total) {
    ring_enter(&ring, 1);
    while (ring_take(&ring, &completion))
      on_end((struct task*) (uintptr_t) completion.user_data, completion.res);
  }
}

static void run(const struct bench_case* self) {
  struct task* tasks = bench_alloc((size_t) self->depth, sizeof(*tasks));
  long count = bench_operations(self->operations);
  uint64_t start;

  if (count < self->depth)
    count = self->depth;
  bench_use_all_cpus();
  if (ring_open(&ring, ENTRIES)) {
    test_file_make(&file);
    run_round(tasks, file_first_step(self->kind), self->depth, self->depth);
    start = bench_cpu_ns();
    run_round(tasks, file_first_step(self->kind), self->depth, count);
    bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) count, "ns");
    test_file_remove(&file);
    ring_close(&ring);
  }
  free(tasks);
}

int main(int argc, char** argv) {
  struct bench_case cases[FILE_CASES];

  file_cases(cases, run);
  return bench_main(argc, argv, cases, FILE_CASES);
}
