/* Files whose contents tell whether they have been copied right. */
#ifndef RONDO_TEST_FS_COPY_H_
#define RONDO_TEST_FS_COPY_H_

#include "support/fs.h"

#include <stdlib.h>

enum { LEN = 65546 + 1000 };

/* What stands at `place` of the files here. */
static inline char byte_at(int64_t place) {
  return (char) ('A' + place % 53);
}

static inline void make_long_file(const char* name, size_t len) {
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
  char* bytes = malloc(len);

  assert_true(fd >= 0 && bytes != NULL);
  for (size_t i = 0; i < len; i++)
    bytes[i] = byte_at((int64_t) i);
  assert_int_equal(write(fd, bytes, (unsigned) len), len);
  close(fd);
  free(bytes);
}

/* Whether what is read from the descriptor is the file from `start` on, `len` bytes of it. */
static inline void assert_gives(int fd, int64_t start, size_t len) {
  size_t total = 0;
  char bytes[4096];
  ssize_t n;

  while (total < len && (n = read(fd, bytes, sizeof(bytes))) > 0) {
    for (ssize_t i = 0; i < n; i++)
      assert_int_equal(bytes[i], byte_at(start + (int64_t) total + i));
    total += (size_t) n;
  }
  assert_int_equal(total, len);
}

static inline void assert_long_file(const char* name, size_t len) {
  int fd = open(name, O_RDONLY);

  assert_true(fd >= 0);
  assert_int_equal(stat_of(name).st_size, len);
  assert_gives(fd, 0, len);
  close(fd);
}

static inline ssize_t copy(const char* from, const char* to, int flags) {
  return FS(copyfile, from, to, flags);
}

#endif /* RONDO_TEST_FS_COPY_H_ */
