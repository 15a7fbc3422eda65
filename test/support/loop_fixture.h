/* A loop for each test, and a record of what happened on it.
 *
 * Handles outlive the test function, since the teardown closes those that are left: they are
 * static, or a close callback of the test frees them. */
#ifndef RONDO_TEST_LOOP_FIXTURE_H_
#define RONDO_TEST_LOOP_FIXTURE_H_

#include "uv.h"

#include "support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct loop_fixture {
  uv_loop_t loop; /* its `data` is the fixture */
  char log[256];  /* what test_log() wrote */
};

/* Writes down an event: a letter. */
static inline void test_log(uv_loop_t* loop, char letter) {
  struct loop_fixture* f = loop->data;
  size_t len = strlen(f->log);

  if (len + 1 < sizeof(f->log))
    f->log[len] = letter;
}

static inline int loop_setup(void** state) {
  struct loop_fixture* f = calloc(1, sizeof(*f));

  assert_non_null(f);
  assert_int_equal(uv_loop_init(&f->loop), 0);
  f->loop.data = f;
  *state = f;
  return 0;
}

static inline void close_handle(uv_handle_t* handle, void* arg) {
  (void) arg;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

static inline int loop_teardown(void** state) {
  struct loop_fixture* f = *state;

  uv_walk(&f->loop, close_handle, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&f->loop), 0);
  free(f);
  return 0;
}

/* One turn that does not wait. Answers whether the loop is still alive. */
static inline int turn(struct loop_fixture* f) {
  return uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* A test function that gets a struct loop_fixture. */
#define loop_test(function) cmocka_unit_test_setup_teardown(function, loop_setup, loop_teardown)

#endif /* RONDO_TEST_LOOP_FIXTURE_H_ */
