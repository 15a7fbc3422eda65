/* How tests make files and look at them without the library.
 *
 * The calls are those of POSIX; on Windows win/posix_files.h has as much of them as tests need. A
 * `file_info` is a struct stat or what there is of it. */
#ifndef RONDO_TEST_FILES_H_
#define RONDO_TEST_FILES_H_

#include "support/cmocka_all.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(_WIN32)
#include "support/win/posix_files.h"
#else
typedef struct stat file_info;

static inline bool keeps_access_times(void) {
  return true;
}

/* The mode of a file that was made or set so. */
static inline unsigned int shown_mode(unsigned int mode) {
  return mode;
}

static inline int open_plain(const char* name, int flags) {
  return open(name, flags | O_CLOEXEC, 0644);
}

static inline bool look_at(const char* name, file_info* info) {
  return lstat(name, info) == 0;
}

/* Makes a symbolic link, or says that this system has none. */
static inline bool make_link(const char* target, const char* name) {
  assert_int_equal(symlink(target, name), 0);
  return true;
}
#endif

static inline void make_file(const char* name, const char* text) {
  size_t len = strlen(text);
  int fd = open_plain(name, O_WRONLY | O_CREAT | O_EXCL);

  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, (unsigned) len), len);
  assert_int_equal(close(fd), 0);
}

static inline void assert_file_holds(const char* name, const char* text) {
  char found[4096];
  int fd = open_plain(name, O_RDONLY);
  ssize_t n;

  assert_true(fd >= 0);
  n = read(fd, found, sizeof(found) - 1);
  assert_true(n >= 0);
  found[n] = '\0';
  assert_string_equal(found, text);
  close(fd);
}

static inline bool exists(const char* name) {
  file_info info;
  return look_at(name, &info);
}

static inline file_info stat_of(const char* name) {
  file_info info;

  assert_true(look_at(name, &info));
  return info;
}

#endif /* RONDO_TEST_FILES_H_ */
