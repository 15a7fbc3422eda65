/* Reading and writing files in tests. */
#ifndef RONDO_TEST_FS_IO_H_
#define RONDO_TEST_FS_IO_H_

#include "support/fs.h"

static inline int open_file(const char* name, int flags) {
  int fd = open(name, flags | O_CLOEXEC, 0600);

  assert_true(fd >= 0);
  return fd;
}

static inline int64_t position(int fd) {
  return lseek(fd, 0, SEEK_CUR);
}

static inline ssize_t write_text(int fd, const char* text, int64_t offset) {
  uv_buf_t buf = uv_buf_init((char*) text, (unsigned) strlen(text));
  return FS(write, fd, &buf, 1, offset);
}

static inline ssize_t read_some(int fd, char* to, unsigned int len, int64_t offset) {
  uv_buf_t buf = uv_buf_init(to, len);
  return FS(read, fd, &buf, 1, offset);
}

#endif /* RONDO_TEST_FS_IO_H_ */
