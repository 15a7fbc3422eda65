/* What is done with files; see file_cases.h. */
#include "file_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_case all_cases[FILE_CASES] = {
    {.name = "file_read/1", .kind = "read", .depth = 1, .operations = 20000},
    {.name = "file_read/4", .kind = "read", .depth = 4, .operations = 40000},
    {.name = "file_read/64", .kind = "read", .depth = 64, .operations = 200000},
    {.name = "file_read/512", .kind = "read", .depth = 512, .operations = 200000},
    {.name = "file_open_read_close/1", .kind = "open", .depth = 1, .operations = 8000},
    {.name = "file_open_read_close/4", .kind = "open", .depth = 4, .operations = 16000},
    {.name = "file_open_read_close/64", .kind = "open", .depth = 64, .operations = 50000},
    {.name = "file_open_read_close/512", .kind = "open", .depth = 512, .operations = 50000},
    {.name = "file_stat/1", .kind = "stat", .depth = 1, .operations = 20000},
    {.name = "file_stat/4", .kind = "stat", .depth = 4, .operations = 40000},
    {.name = "file_stat/64", .kind = "stat", .depth = 64, .operations = 100000},
    {.name = "file_stat/512", .kind = "stat", .depth = 512, .operations = 100000},
    {.name = "file_write/1", .kind = "write", .depth = 1, .operations = 20000},
    {.name = "file_write/4", .kind = "write", .depth = 4, .operations = 40000},
    {.name = "file_write/64", .kind = "write", .depth = 64, .operations = 100000},
    {.name = "file_write/512", .kind = "write", .depth = 512, .operations = 100000},
};

void file_cases(struct bench_case cases[FILE_CASES], void (*run)(const struct bench_case* self)) {
  for (size_t i = 0; i < FILE_CASES; i++) {
    cases[i] = all_cases[i];
    cases[i].run = run;
  }
}

enum file_step file_first_step(const char* kind) {
  if (kind == NULL)
    return FILE_NOTHING;
  if (strcmp(kind, "read") == 0)
    return FILE_READ;
  if (strcmp(kind, "write") == 0)
    return FILE_WRITE;
  return strcmp(kind, "stat") == 0 ? FILE_STAT : FILE_OPEN;
}

bool file_next_step(struct file_flow* flow, enum file_step* step) {
  if (*step == FILE_OPEN) {
    *step = FILE_READ_OPENED;
    return true;
  }
  if (*step == FILE_READ_OPENED) {
    *step = FILE_CLOSE;
    return true;
  }
  flow->ended++;
  if (flow->begun == flow->total)
    return false;
  flow->begun++;
  if (*step == FILE_CLOSE)
    *step = FILE_OPEN;
  return true;
}

void test_file_make(struct test_file* file) {
  static char block[FILE_BLOCK];

  strcpy(file->path, "/tmp/bench-files-XXXXXX");
  file->fd = mkstemp(file->path);
  if (file->fd == -1)
    bench_fail("no file can be made");
  memset(block, 'x', sizeof(block));
  for (int i = 0; i < FILE_BLOCKS; i++)
    if (write(file->fd, block, sizeof(block)) != FILE_BLOCK)
      bench_fail("the file cannot be written");
}

void test_file_remove(struct test_file* file) {
  close(file->fd);
  unlink(file->path);
}
