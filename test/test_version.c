/* The two versions, of the interface and of the library. */
#include "support/cmocka_all.h"
#include "uv.h"

static void the_interface_is_that_of_libuv_1_52_1(void** state) {
  (void) state;
  assert_int_equal(uv_version(), 0x013401);
  assert_string_equal(uv_version_string(), "1.52.1");
  assert_int_equal(UV_VERSION_HEX, uv_version());
  assert_int_equal(UV_VERSION_IS_RELEASE, 1);
  assert_string_equal(UV_VERSION_SUFFIX, "");
}

static void the_library_has_a_version_of_its_own(void** state) {
  (void) state;
  char text[20];

  assert_int_equal(rondo_version(), RONDO_VERSION);
  assert_string_equal(rondo_version_string(), RONDO_VERSION_STRING);
  snprintf(text, sizeof(text), "%u.%u.%u", rondo_version() >> 16, rondo_version() >> 8 & 0xff,
           rondo_version() & 0xff);
  assert_string_equal(rondo_version_string(), text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_interface_is_that_of_libuv_1_52_1),
      cmocka_unit_test(the_library_has_a_version_of_its_own),
  };
  return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
