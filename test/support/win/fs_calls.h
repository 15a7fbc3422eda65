/* Files by calls of the library alone. */
#ifndef RONDO_TEST_WIN_FS_CALLS_H_
#define RONDO_TEST_WIN_FS_CALLS_H_

#include "support/fs.h"

static inline int open_file(const char* name, int flags) {
  int fd = (int) FS(open, name, flags, 0644);

  assert_true(fd >= 0);
  return fd;
}

static inline ssize_t write_text(int fd, const char* text, int64_t offset) {
  uv_buf_t buf = uv_buf_init((char*) text, (unsigned) strlen(text));
  return FS(write, fd, &buf, 1, offset);
}

static inline ssize_t read_some(int fd, char* to, unsigned int len, int64_t offset) {
  uv_buf_t buf = uv_buf_init(to, len);
  return FS(read, fd, &buf, 1, offset);
}

static inline void close_file(int fd) {
  assert_int_equal(FS(close, fd), 0);
}

#endif /* RONDO_TEST_WIN_FS_CALLS_H_ */
