/* Names of pipes for tests, that nobody else has: paths in the test's directory, or on Windows
 * names in the system's space for them, which vanish with their servers. */
#ifndef RONDO_TEST_PIPE_NAME_H_
#define RONDO_TEST_PIPE_NAME_H_

#include "support/cmocka_all.h"

#if defined(_WIN32)
#include "uv.h"

#include <stdio.h>

static unsigned int pipe_names_number;

static inline void pipe_names_make(void) {
  pipe_names_number++;
}

static inline void pipe_names_remove(void) {
}

/* A name, good until the next but three call. */
static inline const char* pipe_name(const char* name) {
  static char names[4][256];
  static int next;
  char* full = names[next++ % 4];

  snprintf(full, sizeof(names[0]), "\\\\.\\pipe\\rondo-test-%lu-%u-%s", GetCurrentProcessId(),
           pipe_names_number, name);
  return full;
}
#else
#include "support/temp_dir.h"

static inline void pipe_names_make(void) {
  temp_dir_make();
}

/* Fails if a path was left behind. */
static inline void pipe_names_remove(void) {
  temp_dir_remove();
}

static inline const char* pipe_name(const char* name) {
  return temp_path(name);
}
#endif

#endif /* RONDO_TEST_PIPE_NAME_H_ */
