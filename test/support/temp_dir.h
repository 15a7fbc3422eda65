/* A directory of its own for each test, which the test leaves empty. */
#ifndef RONDO_TEST_TEMP_DIR_H_
#define RONDO_TEST_TEMP_DIR_H_

#include "support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(_WIN32)
#include "uv.h"

static char temp_dir[MAX_PATH];

static inline void temp_dir_make(void) {
  static unsigned int count;
  DWORD len = GetTempPathA(sizeof(temp_dir) / 2, temp_dir);

  assert_true(len > 0 && len < sizeof(temp_dir) / 2);
  do
    snprintf(temp_dir + len, sizeof(temp_dir) - len, "rondo-test-%lu-%u", GetCurrentProcessId(),
             count++);
  while (!CreateDirectoryA(temp_dir, NULL) && GetLastError() == ERROR_ALREADY_EXISTS);
}
#else
static char temp_dir[64];

static inline void temp_dir_make(void) {
  strcpy(temp_dir, "/tmp/rondo-test-XXXXXX");
  assert_non_null(mkdtemp(temp_dir));
}
#endif

/* Fails if something was left behind. */
static inline void temp_dir_remove(void) {
  assert_int_equal(rmdir(temp_dir), 0);
}

/* The path of a file in it, good until the next but three call. */
static inline const char* temp_path(const char* name) {
  static char paths[4][512];
  static int next;
  char* path = paths[next++ % 4];

  snprintf(path, sizeof(paths[0]), "%s/%s", temp_dir, name);
  return path;
}

#endif /* RONDO_TEST_TEMP_DIR_H_ */
