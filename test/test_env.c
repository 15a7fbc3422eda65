/* Environment variables. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "RONDO_TEST_VARIABLE"

static char** saved_environ;

static int set_up(void** state) {
  (void) state;
  saved_environ = environ;
  return 0;
}

static int tear_down(void** state) {
  (void) state;
  environ = saved_environ;
  test_allocator_remove();
  return uv_os_unsetenv(NAME);
}

static void a_variable_that_was_set_is_read_back(void** state) {
  (void) state;
  char value[20];
  size_t size = sizeof(value);

  assert_int_equal(uv_os_setenv(NAME, "first"), 0);
  assert_int_equal(uv_os_getenv(NAME, value, &size), 0);
  assert_string_equal(value, "first");
  assert_int_equal(size, 5);

  size = sizeof(value);
  assert_int_equal(uv_os_setenv(NAME, "the second"), 0);
  assert_int_equal(uv_os_getenv(NAME, value, &size), 0);
  assert_string_equal(value, "the second");
  assert_string_equal(getenv(NAME), "the second");
}

static void an_empty_value_is_a_value(void** state) {
  (void) state;
  char value[20] = "#";
  size_t size = sizeof(value);
  assert_int_equal(uv_os_setenv(NAME, ""), 0);
  assert_int_equal(uv_os_getenv(NAME, value, &size), 0);
  assert_int_equal(size, 0);
  assert_string_equal(value, "");
}

static void a_variable_that_is_not_set_is_not_found(void** state) {
  (void) state;
  char value[20] = "#";
  size_t size = sizeof(value);

  assert_int_equal(uv_os_setenv(NAME, "value"), 0);
  assert_int_equal(uv_os_unsetenv(NAME), 0);
  assert_int_equal(uv_os_getenv(NAME, value, &size), UV_ENOENT);
  assert_int_equal(size, sizeof(value));
  assert_string_equal(value, "#");
  assert_int_equal(uv_os_unsetenv(NAME), 0);
}

static void a_small_buffer_is_told_the_size_needed(void** state) {
  (void) state;
  char value[20];

  assert_int_equal(uv_os_setenv(NAME, "value"), 0);
  for (size_t room = 1; room <= strlen("value"); room++) {
    size_t size = room;
    assert_int_equal(uv_os_getenv(NAME, value, &size), UV_ENOBUFS);
    assert_int_equal(size, sizeof("value"));
    assert_int_equal(uv_os_getenv(NAME, value, &size), 0);
    assert_string_equal(value, "value");
    assert_int_equal(size, strlen("value"));
  }
}

static void a_long_value_comes_back_whole(void** state) {
  (void) state;
  size_t size = 128 * 1024;
  char* value = malloc(size);
  char* again = malloc(size);

  memset(value, 'x', size);
  value[size - 1] = '\0';
  assert_int_equal(uv_os_setenv(NAME, value), 0);
  assert_int_equal(uv_os_getenv(NAME, again, &size), 0);
  assert_string_equal(again, value);
  free(value);
  free(again);
}

static void bad_arguments_are_refused(void** state) {
  (void) state;
  char value[20];
  size_t size = sizeof(value);

  assert_int_equal(uv_os_getenv(NULL, value, &size), UV_EINVAL);
  assert_int_equal(uv_os_getenv(NAME, NULL, &size), UV_EINVAL);
  assert_int_equal(uv_os_getenv(NAME, value, NULL), UV_EINVAL);
  size = 0;
  assert_int_equal(uv_os_getenv(NAME, value, &size), UV_EINVAL);
  assert_int_equal(uv_os_setenv(NULL, "value"), UV_EINVAL);
  assert_int_equal(uv_os_setenv(NAME, NULL), UV_EINVAL);
  assert_int_equal(uv_os_setenv("", "value"), UV_EINVAL);
  assert_int_equal(uv_os_setenv("A=B", "value"), UV_EINVAL);
  assert_int_equal(uv_os_unsetenv(NULL), UV_EINVAL);
  assert_int_equal(uv_os_unsetenv(""), UV_EINVAL);
}

static void the_whole_environment_is_listed(void** state) {
  (void) state;
  static char one[] = "ONE=1";
  static char none[] = "no equals sign";
  static char empty[] = "EMPTY=";
  static char two[] = "TWO=2=zwei";
  static char* entries[] = {one, none, empty, two, NULL};
  uv_env_item_t* items = NULL;
  int count = -1;

  environ = entries;
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 3);
  assert_string_equal(items[0].name, "ONE");
  assert_string_equal(items[0].value, "1");
  assert_string_equal(items[1].name, "EMPTY");
  assert_string_equal(items[1].value, "");
  assert_string_equal(items[2].name, "TWO");
  assert_string_equal(items[2].value, "2=zwei");
  uv_os_free_environ(items, count);
}

static void an_empty_environment_has_no_items(void** state) {
  (void) state;
  static char* no_entries[] = {NULL};
  uv_env_item_t* items = NULL;
  int count = -1;

  environ = no_entries;
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 0);
  uv_os_free_environ(items, count);
}

static void a_cleared_environment_has_no_items(void** state) {
  (void) state;
  uv_env_item_t* items = NULL;
  int count = -1;

  environ = NULL;
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 0);
  uv_os_free_environ(items, count);
}

static void want_of_memory_leaves_no_list(void** state) {
  (void) state;
  static char one[] = "ONE=1";
  static char two[] = "TWO=2";
  static char* entries[] = {one, two, NULL};

  environ = entries;
  for (long fail_at = 1; fail_at <= 4; fail_at++) {
    uv_env_item_t* items = (uv_env_item_t*) entries;
    int count = -1;

    test_allocator_install(fail_at, false);
    int err = uv_os_environ(&items, &count);
    assert_int_equal(err, fail_at <= 3 ? UV_ENOMEM : 0);
    assert_int_equal(count, fail_at <= 3 ? 0 : 2);
    if (err != 0)
      assert_null(items);
    uv_os_free_environ(items, count);
    assert_int_equal(test_allocator.live, 0);
  }
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(a_variable_that_was_set_is_read_back),    test(an_empty_value_is_a_value),
      test(a_variable_that_is_not_set_is_not_found), test(a_small_buffer_is_told_the_size_needed),
      test(a_long_value_comes_back_whole),           test(bad_arguments_are_refused),
      test(the_whole_environment_is_listed),         test(an_empty_environment_has_no_items),
      test(a_cleared_environment_has_no_items),      test(want_of_memory_leaves_no_list),
  };
  return cmocka_run_group_tests_name("env", tests, NULL, NULL);
}
