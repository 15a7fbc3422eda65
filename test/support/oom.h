/* Out of memory: every allocation of a program that uses the library fails in turn.
 *
 * Each case is such a program. It runs once to count its allocations and then once for each of
 * them, with that one failing, alone and with all that follow. Whatever fails must say UV_ENOMEM,
 * leave everything as before, and let the program close what it has; nothing may leak. */
#ifndef RONDO_TEST_OOM_H_
#define RONDO_TEST_OOM_H_

#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"
#include "uv.h"

#include <string.h>

struct program {
  uv_loop_t loop;
  bool failed; /* something answered UV_ENOMEM */
};

/* Whether a call went well; UV_ENOMEM is the only other answer. */
static inline bool went_well(struct program* p, int result) {
  if (result == UV_ENOMEM) {
    p->failed = true;
    return false;
  }
  if (result < 0)
    fail_msg("%s", uv_err_name(result));
  return true;
}

static inline void end(struct program* p) {
  uv_walk(&p->loop, close_handle, NULL);
  assert_int_equal(uv_run(&p->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(p->loop.active_reqs.count, 0);
  assert_int_equal(uv_loop_close(&p->loop), 0);
}

static inline void run_case(void (*body)(struct program*)) {
  long needed = 0;

  for (int fail_on = 0; fail_on < 2; fail_on++) {
    long fail_at = 0;
    do {
      struct program p = {.failed = false};
      test_allocator_install(fail_at, fail_on != 0);
      if (went_well(&p, uv_loop_init(&p.loop))) {
        body(&p);
        test_allocator.fail_at = 0;
        end(&p);
      }
      if (fail_at == 0) {
        assert_false(p.failed);
        needed = test_allocator.calls;
      }
      assert_int_equal(test_allocator.live, 0);
    } while (++fail_at <= needed);
  }
  test_allocator_remove();
}

static inline void give_buffer(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static inline void on_write(uv_write_t* req, int status) {
  (void) req;
  assert_true(status == 0 || status == UV_ECANCELED);
}

#endif /* RONDO_TEST_OOM_H_ */
