/* What descriptors a test has open, and how they are set. */
#ifndef RONDO_TEST_DESCRIPTORS_H_
#define RONDO_TEST_DESCRIPTORS_H_

#include "support/cmocka_all.h"

#include <stdbool.h>

#if defined(_WIN32)
#include "uv.h"

#include <stdlib.h>
#include <winternl.h>

static inline bool is_cloexec(int fd) {
  DWORD flags;

  assert_true(GetHandleInformation((HANDLE) _get_osfhandle(fd), &flags));
  return (flags & HANDLE_FLAG_INHERIT) == 0;
}

/* One of the list of all processes' handles that the system gives. */
struct listed_handle {
  ULONG pid;
  UCHAR type;
  UCHAR flags;
  USHORT value;
  void* object;
  ULONG access;
};

struct handle_list {
  ULONG count;
  struct listed_handle handles[1];
};

/* Wine does not count a process's handles, but lists them. */
static inline int count_listed_handles(void) {
  enum { LIST_OF_HANDLES = 16, ROOM = 1 << 22 };
  struct handle_list* list = malloc(ROOM);
  int count = 0;

  assert_non_null(list);
  assert_true(
      NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS) LIST_OF_HANDLES, list, ROOM, NULL) >= 0);
  for (ULONG i = 0; i < list->count; i++)
    count += list->handles[i].pid == GetCurrentProcessId();
  free(list);
  return count;
}

/* Handles of all kinds: threads of the system's may have some of them. */
static inline int count_descriptors(void) {
  DWORD count = 0;

  assert_true(GetProcessHandleCount(GetCurrentProcess(), &count));
  return count > 0 ? (int) count : count_listed_handles();
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
