/* Tests that also hold for libuv itself can be linked to an installed one. Older versions of it
 * lack functions and differ here and there: what is new since 1.44, and what this library does
 * better on purpose, is skipped there. */
#ifndef RONDO_TEST_PEER_H_
#define RONDO_TEST_PEER_H_

#include "uv.h"

#include "support/cmocka_all.h"

enum { IS_OLDER_PEER = UV_VERSION_HEX < 0x013400 };

static inline void skipped_on_older_peer(void** state) {
  (void) state;
  skip();
}

/* A test with a fixture that an older peer does not pass. */
#define newer_test_with(function, set_up, tear_down) \
  { #function, IS_OLDER_PEER ? skipped_on_older_peer : (function), set_up, tear_down, NULL }

/* The same with a loop, and without a fixture. */
#define newer_loop_test(function) newer_test_with(function, loop_setup, loop_teardown)
#define newer_plain_test(function) newer_test_with(function, NULL, NULL)

#endif /* RONDO_TEST_PEER_H_ */
