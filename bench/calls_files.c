/* Files by bare system calls, one after the other: what is under way at a time does not matter. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_cases.h"

static struct test_file file;
static char memory[FILE_BLOCK];
static unsigned block;

void bench_print_library(void) {
  puts("# library none\n# version calls");
}

static off_t next_offset(void) {
  block = (block + 7) % FILE_BLOCKS;
  return (off_t) block * FILE_BLOCK;
}

static void check(ssize_t result, ssize_t expected) {
  if (result != expected)
    bench_fail("a call");
}

static void do_read(void) {
  check(pread(file.fd, memory, sizeof(memory), next_offset()), FILE_BLOCK);
}

static void do_write(void) {
  check(pwrite(file.fd, memory, sizeof(memory), next_offset()), FILE_BLOCK);
}

static void do_stat(void) {
  struct statx status;
  check(statx(AT_FDCWD, file.path, 0, STATX_BASIC_STATS | STATX_BTIME, &status), 0);
}

static void do_open(void) {
  int fd = open(file.path, O_RDONLY | O_CLOEXEC);

  check(pread(fd, memory, sizeof(memory), 0), FILE_BLOCK);
  check(close(fd), 0);
}

static void (*operation_of(const char* kind))(void) {
  if (strcmp(kind, "read") == 0)
    return do_read;
  if (strcmp(kind, "write") == 0)
    return do_write;
  return strcmp(kind, "stat") == 0 ? do_stat : do_open;
}

static void run(const struct bench_case* self) {
  void (*operation)(void) = operation_of(self->kind);
  long total = bench_operations(self->operations);
  uint64_t start;

  bench_use_all_cpus();
  test_file_make(&file);
  start = bench_cpu_ns();
  for (long i = 0; i < total; i++)
    operation();
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) total, "ns");
  test_file_remove(&file);
}

int main(int argc, char** argv) {
  struct bench_case cases[FILE_CASES];

  file_cases(cases, run);
  return bench_main(argc, argv, cases, FILE_CASES);
}
