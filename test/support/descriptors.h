/* What descriptors a test has open, and how they are set. */
#ifndef RONDO_TEST_DESCRIPTORS_H_
#define RONDO_TEST_DESCRIPTORS_H_

#include "support/cmocka_all.h"

#include <stdbool.h>

#if defined(_WIN32)
#include "uv.h"

static inline bool is_cloexec(int fd) {
  DWORD flags;

  assert_true(GetHandleInformation((HANDLE) _get_osfhandle(fd), &flags));
  return (flags & HANDLE_FLAG_INHERIT) == 0;
}

/* Wine does not count a process's handles, and its server crashes at times when asked for a list of
 * them. They are multiples of four, and the lowest that is free is given: the highest is less than
 * REACH above any that was there when they were last counted, or the first ones. */
static inline int count_handles_one_by_one(void) {
  enum { STEP = 4, REACH = 256 * STEP };
  static ULONG_PTR highest = 0;
  int count = 0;

  for (ULONG_PTR handle = STEP; handle < highest + REACH; handle += STEP) {
    DWORD flags;

    if (!GetHandleInformation((HANDLE) handle, &flags))
      continue;
    count++;
    if (handle > highest)
      highest = handle;
  }
  return count;
}

/* Handles of all kinds: threads of the system's may have some of them. */
static inline int count_descriptors(void) {
  DWORD count = 0;

  assert_true(GetProcessHandleCount(GetCurrentProcess(), &count));
  return count > 0 ? (int) count : count_handles_one_by_one();
}
#else
#include <fcntl.h>
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
#endif

#endif /* RONDO_TEST_DESCRIPTORS_H_ */
