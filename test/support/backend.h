/* What the loop waits with, for tests that look at it. */
#ifndef RONDO_TEST_BACKEND_H_
#define RONDO_TEST_BACKEND_H_

#include "support/cmocka_all.h"

#include <stdbool.h>

#if defined(_WIN32) || defined(RONDO_BACKEND_POLL)
static const bool loops_have_descriptors = false;
#else
static const bool loops_have_descriptors = true;
#endif

/* A kqueue says that a directory has other entries than before: which, is found by comparing, and
 * what is done to a file in it is not told. */
#if defined(RONDO_BACKEND_KQUEUE)
static const bool directories_are_compared = true;
#else
static const bool directories_are_compared = false;
#endif

/* Skips the test where uv_backend_fd() is -1. */
static inline void need_backend_fd(void) {
  if (loops_have_descriptors)
    return;
  print_message("loops have no descriptor of their own with this backend\n");
  skip();
}

/* Skips the test where the loop waits with a kqueue, which does it in another way. */
static inline void need_no_kqueue(const char* other_way) {
#if defined(RONDO_BACKEND_KQUEUE)
  print_message("with a kqueue, %s\n", other_way);
  skip();
#else
  (void) other_way;
#endif
}

#endif /* RONDO_TEST_BACKEND_H_ */
