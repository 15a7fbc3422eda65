/* What is done with files, the same for every way of doing it. The files are in the page cache. */
#ifndef FILE_CASES_H_
#define FILE_CASES_H_

#include "bench.h"

enum { FILE_CASES = 16, FILE_BLOCK = 4096, FILE_BLOCKS = 1024 };

struct test_file {
  char path[64];
  int fd;
};

/* Of the kinds "read", "open", "stat" and "write", each with several depths. */
void file_cases(struct bench_case cases[FILE_CASES], void (*run)(const struct bench_case* self));

/* What a task does next, for programs that go through a file's operations by themselves. */
enum file_step {
  FILE_NOTHING,
  FILE_READ,
  FILE_WRITE,
  FILE_STAT,
  FILE_OPEN,
  FILE_READ_OPENED,
  FILE_CLOSE
};

/* How many tasks have begun and ended, of how many. */
struct file_flow {
  long begun;
  long ended;
  long total;
};

/* Without a kind nothing is done. */
enum file_step file_first_step(const char* kind);

/* Puts the step after one that has ended in its place: opening, reading and closing are one task,
 * and after the last step another task begins. False if there is none left. */
bool file_next_step(struct file_flow* flow, enum file_step* step);

/* A file of so many blocks. */
void test_file_make(struct test_file* file);
void test_file_remove(struct test_file* file);

#endif /* FILE_CASES_H_ */
