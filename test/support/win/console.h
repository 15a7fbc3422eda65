/* The console that a test runs in, if it runs in one. */
#ifndef RONDO_TEST_CONSOLE_H_
#define RONDO_TEST_CONSOLE_H_

#include "uv.h"

#include "support/cmocka_all.h"

#include <stdbool.h>

/* A device of the console, L"CONIN$" or L"CONOUT$"; INVALID_HANDLE_VALUE without a console. */
static inline HANDLE open_console(const WCHAR* name) {
  return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                     OPEN_EXISTING, 0, NULL);
}

static inline bool has_console(void) {
  HANDLE in = open_console(L"CONIN$");

  if (in == INVALID_HANDLE_VALUE)
    return false;
  CloseHandle(in);
  return true;
}

static inline void skip_without_console(void) {
  if (has_console())
    return;
  print_message("no console\n");
  skip();
}

/* A descriptor of the C library's for such a device. */
static inline int open_console_fd(const WCHAR* name) {
  HANDLE device = open_console(name);
  int fd;

  assert_true(device != INVALID_HANDLE_VALUE);
  fd = uv_open_osfhandle(device);
  assert_true(fd > 2);
  return fd;
}

#endif /* RONDO_TEST_CONSOLE_H_ */
