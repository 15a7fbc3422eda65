/* The three ways to set a file's times. */
#ifndef RONDO_TEST_FS_TIMES_H_
#define RONDO_TEST_FS_TIMES_H_

#include "support/fs.h"

/* How one sets times: of a path, of a descriptor, of a link itself. */
enum way { UTIME, FUTIME, LUTIME, WAYS };

static inline ssize_t set_times(enum way way, const char* path, double atime, double mtime) {
  ssize_t r;
  int fd;

  switch (way) {
    case FUTIME:
      fd = open(path, O_RDONLY);
      r = FS(futime, fd, atime, mtime);
      close(fd);
      return r;
    case LUTIME:
      return FS(lutime, path, atime, mtime);
    default:
      return FS(utime, path, atime, mtime);
  }
}

#endif /* RONDO_TEST_FS_TIMES_H_ */
