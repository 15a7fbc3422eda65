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

enum step { READ, WRITE, STAT, OPEN, READ_OPENED, CLOSE };

struct task {
  enum step step;
  int fd;
  unsigned block;
  struct statx status;
  char memory[FILE_BLOCK];
};

static struct ring ring;
static struct test_file file;
static long begun;
static long ended;
static long total;

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
    case READ:
    case READ_OPENED:
      entry->opcode = IORING_OP_READ;
      begin_transfer(entry, task, task->step == READ ? file.fd : task->fd);
      break;
    case WRITE:
      entry->opcode = IORING_OP_WRITE;
      begin_transfer(entry, task, file.fd);
      break;
    case STAT:
      entry->opcode = IORING_OP_STATX;
      entry->fd = AT_FDCWD;
      entry->addr = (uintptr_t) file.path;
      entry->addr2 = (uintptr_t) &task->status;
      entry->len = STATX_BASIC_STATS | STATX_BTIME;
      break;
    case OPEN:
      entry->opcode = IORING_OP_OPENAT;
      entry->fd = AT_FDCWD;
      entry->addr = (uintptr_t) file.path;
      entry->open_flags = O_RDONLY | O_CLOEXEC;
      break;
    case CLOSE:
      entry->opcode = IORING_OP_CLOSE;
      entry->fd = task->fd;
      break;
  }
}

static void on_end(struct task* task, int result) {
  bench_must(result, "a request of the ring");
  if (task->step == OPEN) {
    task->fd = result;
    task->step = READ_OPENED;
  } else if (task->step == READ_OPENED) {
    task->step = CLOSE;
  } else {
    ended++;
    if (begun == total)
      return;
    begun++;
    if (task->step == CLOSE)
      task->step = OPEN;
  }
  begin(task);
}

static void run_round(struct task* tasks, enum step first, long depth, long count) {
  struct io_uring_cqe completion;

  begun = depth;
  ended = 0;
  total = count;
  for (long i = 0; i < depth; i++) {
    tasks[i].step = first;
    begin(&tasks[i]);
  }
  while (ended < total) {
    ring_enter(&ring, 1);
    while (ring_take(&ring, &completion))
      on_end((struct task*) (uintptr_t) completion.user_data, completion.res);
  }
}

static enum step first_of(const char* kind) {
  if (strcmp(kind, "read") == 0)
    return READ;
  if (strcmp(kind, "write") == 0)
    return WRITE;
  return strcmp(kind, "stat") == 0 ? STAT : OPEN;
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
    run_round(tasks, first_of(self->kind), self->depth, self->depth);
    start = bench_cpu_ns();
    run_round(tasks, first_of(self->kind), self->depth, count);
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
