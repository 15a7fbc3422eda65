/* Files without a name, to be inherited by children. */
#ifndef RONDO_TEST_INHERITED_FILE_H_
#define RONDO_TEST_INHERITED_FILE_H_

#include "support/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(_WIN32)
#include "uv.h"

/* Of the given text; a descriptor that children do not inherit by themselves. */
static inline int make_file(const char* text) {
  WCHAR directory[MAX_PATH];
  WCHAR path[MAX_PATH];
  HANDLE file;
  int fd;

  assert_true(GetTempPathW(MAX_PATH, directory) != 0);
  assert_true(GetTempFileNameW(directory, L"uv", 0, path) != 0);
  file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS,
                     FILE_FLAG_DELETE_ON_CLOSE, NULL);
  assert_true(file != INVALID_HANDLE_VALUE);
  fd = _open_osfhandle((intptr_t) file, 0);
  assert_true(fd >= 0);
  assert_int_equal(_write(fd, text, (unsigned int) strlen(text)), strlen(text));
  assert_int_equal(_lseek(fd, 0, SEEK_SET), 0);
  return fd;
}

static inline int read_from_start(int fd, char* text, size_t size) {
  assert_int_equal(_lseek(fd, 0, SEEK_SET), 0);
  return _read(fd, text, (unsigned int) size);
}
#else
/* Of the given text; a descriptor that children do not inherit by themselves. */
static inline int make_file(const char* text) {
  FILE* file = tmpfile();
  int fd;

  assert_non_null(file);
  fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
  assert_true(fd >= 0);
  fclose(file);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
  return fd;
}

static inline int read_from_start(int fd, char* text, size_t size) {
  return (int) pread(fd, text, size, 0);
}
#endif

static inline const char* text_of(int fd) {
  static char text[256];
  int len = read_from_start(fd, text, sizeof(text) - 1);

  assert_true(len >= 0);
  text[len] = '\0';
  return text;
}

#endif /* RONDO_TEST_INHERITED_FILE_H_ */
