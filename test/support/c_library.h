/* Where POSIX leaves something to the C library, and libraries differ. */
#ifndef RONDO_TEST_C_LIBRARY_H_
#define RONDO_TEST_C_LIBRARY_H_

#include "support/cmocka_all.h"

#include <limits.h>

#if defined(__linux__) && !defined(__GLIBC__)
enum { IS_MUSL = 1 };
#else
enum { IS_MUSL = 0 };
#endif

static inline void skip_on_musl(const char* reason) {
  if (IS_MUSL) {
    print_message("musl: %s\n", reason);
    skip();
  }
}

#endif /* RONDO_TEST_C_LIBRARY_H_ */
