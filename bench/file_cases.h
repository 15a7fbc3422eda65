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

/* A file of so many blocks. */
void test_file_make(struct test_file* file);
void test_file_remove(struct test_file* file);

#endif /* FILE_CASES_H_ */
