/* What descriptors a test has open, and how they are set. */
#ifndef RONDO_TEST_DESCRIPTORS_H_
#define RONDO_TEST_DESCRIPTORS_H_

#include "support/cmocka_all.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 1024 };

static inline bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

static inline bool is_cloexec(int fd) {
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static inline bool is_nonblocking(int fd) {
  return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

static inline int count_descriptors(void) {
  int count = 0;

  for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
    count += is_open(fd);
  return count;
}

/* Whether both stand for the same socket, pipe or file. */
static inline bool is_same_file(int fd, int other) {
  struct stat a;
  struct stat b;

  assert_int_equal(fstat(fd, &a), 0);
  assert_int_equal(fstat(other, &b), 0);
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* From now on the process can have only `more` descriptors in addition to those below the first
 * number that is free. Answers the limit from before. */
static inline struct rlimit limit_descriptors(int more) {
  struct rlimit before;
  struct rlimit limit;
  int free_fd = dup(0);

  assert_true(free_fd >= 0);
  close(free_fd);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  limit = before;
  limit.rlim_cur = (rlim_t) (free_fd + more);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return before;
}

static inline void unlimit_descriptors(const struct rlimit* before) {
  assert_int_equal(setrlimit(RLIMIT_NOFILE, before), 0);
}

#endif /* RONDO_TEST_DESCRIPTORS_H_ */
