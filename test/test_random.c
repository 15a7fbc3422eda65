/* Random bytes, at once and through the pool. */
#include "support/loop_fixture.h"
#include "support/pool_gate.h"
#include "support/random_bytes.h"
#include "uv.h"

#include <limits.h>

enum { POOL = 4 };

static int calls;
static int last_status;

static void count_call(uv_random_t* req, int status, void* buf, size_t buflen) {
  assert_ptr_equal(req->buf, buf);
  assert_int_equal(req->buflen, buflen);
  last_status = status;
  calls++;
}

static void a_synchronous_call_fills_the_buffer_and_nothing_else(void** state) {
  unsigned char bytes[BYTES + 1] = {0};

  (void) state;
  bytes[BYTES] = 0x5A;
  assert_int_equal(uv_random(NULL, NULL, bytes, BYTES, 0, NULL), 0);
  assert_true(looks_random(bytes));
  assert_int_equal(bytes[BYTES], 0x5A);
  assert_int_equal(uv_random(NULL, NULL, NULL, 0, 0, NULL), 0);
}

static void an_asynchronous_call_fills_the_buffer_from_the_pool(void** state) {
  struct loop_fixture* f = *state;
  unsigned char bytes[BYTES] = {0};
  uv_random_t req;

  calls = 0;
  assert_int_equal(uv_random(&f->loop, &req, bytes, BYTES, 0, count_call), 0);
  assert_int_equal(calls, 0);
  assert_int_equal(req.type, UV_RANDOM);
  assert_true(uv_loop_alive(&f->loop));
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, 0);
  assert_true(looks_random(bytes));
}

static void no_bytes_at_all_are_fine(void** state) {
  struct loop_fixture* f = *state;
  unsigned char byte = 0x5A;
  uv_random_t req;

  calls = 0;
  assert_int_equal(uv_random(&f->loop, &req, &byte, 0, 0, count_call), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, 0);
  assert_int_equal(byte, 0x5A);
}

static void too_many_bytes_and_unknown_flags_are_refused_at_once(void** state) {
  struct loop_fixture* f = *state;
  unsigned char byte;
  uv_random_t req;
  const uv_random_cb cbs[] = {NULL, count_call};

  calls = 0;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_random(&f->loop, &req, &byte, 0x80000000u, 0, cbs[i]), UV_E2BIG);
    assert_int_equal(uv_random(&f->loop, &req, &byte, SIZE_MAX, 1, cbs[i]), UV_E2BIG);
    assert_int_equal(uv_random(&f->loop, &req, &byte, 1, 1, cbs[i]), UV_EINVAL);
    assert_int_equal(uv_random(&f->loop, &req, &byte, 1, UINT_MAX, cbs[i]), UV_EINVAL);
  }
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(calls, 0);
}

#ifndef TEST_WITH_LIBUV
static void a_callback_without_loop_or_request_is_refused(void** state) {
  struct loop_fixture* f = *state;
  unsigned char byte;
  uv_random_t req;

  assert_int_equal(uv_random(NULL, &req, &byte, 1, 0, count_call), UV_EINVAL);
  assert_int_equal(uv_random(&f->loop, NULL, &byte, 1, 0, count_call), UV_EINVAL);
}
#endif

static void a_call_that_waits_for_a_thread_can_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  unsigned char byte = 0x5A;
  uv_random_t req;

  calls = 0;
  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_random(&f->loop, &req, &byte, 1, 0, count_call), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, UV_ECANCELED);
  assert_int_equal(byte, 0x5A);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_synchronous_call_fills_the_buffer_and_nothing_else),
      loop_test(an_asynchronous_call_fills_the_buffer_from_the_pool),
      loop_test(no_bytes_at_all_are_fine),
      loop_test(too_many_bytes_and_unknown_flags_are_refused_at_once),
      loop_test(a_call_that_waits_for_a_thread_can_be_cancelled),
#ifndef TEST_WITH_LIBUV
      loop_test(a_callback_without_loop_or_request_is_refused),
#endif
  };
  return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
