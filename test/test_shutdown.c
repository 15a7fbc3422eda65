/* The end of the library as a whole. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

static void shutting_down_twice_is_harmless_and_leaves_nothing(void** state) {
  (void) state;
  uv_loop_t loop;

  test_allocator_install(0, false);
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  uv_library_shutdown();
  uv_library_shutdown();
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shutting_down_twice_is_harmless_and_leaves_nothing),
  };
  return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
