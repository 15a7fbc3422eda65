/* Requests: what uv_cancel() refuses. */
#include "support/cmocka_all.h"
#include "uv.h"

static void only_work_for_threads_can_be_cancelled(void** state) {
  (void) state;
  const uv_req_type types[] = {UV_UNKNOWN_REQ, UV_REQ,      UV_CONNECT,     UV_WRITE,
                               UV_SHUTDOWN,    UV_UDP_SEND, UV_REQ_TYPE_MAX};

  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    uv_req_t req;
    req.type = types[i];
    assert_int_equal(uv_cancel(&req), UV_EINVAL);
    assert_int_equal(req.type, types[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_work_for_threads_can_be_cancelled),
  };
  return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
