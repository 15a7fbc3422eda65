/* What a child is started with, as far as systems agree: arguments, environment, what is refused.
 * The tests run for every way of making a child. */
#include "support/spawn.h"

static void arguments_arrive_as_they_are(void** state) {
  struct loop_fixture* f = *state;

  prepare("args", "", "two words", "\"quoted\\\"", "\xc3\xa9\x01");
  args[0] = (char*) (uintptr_t) "its name";
  assert_string_equal(output_of_child(f),
                      "its name\nargs\n\ntwo words\n\"quoted\\\"\n\xc3\xa9\x01\n");
}

static void no_arguments_are_fine(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  args[0] = NULL;
  expect_exit(f, 0, 0);
}

static void environment_is_inherited(void** state) {
  struct loop_fixture* f = *state;

  uv_os_setenv("RONDO_TEST_WORD", "as it is at the call");
  prepare("env");
  assert_non_null(strstr(output_of_child(f), "RONDO_TEST_WORD=as it is at the call\n"));
  uv_os_unsetenv("RONDO_TEST_WORD");
}

static void directory_that_is_missing_is_enoent(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.cwd = "/nonexistent";
  expect_failure(f, UV_ENOENT);
}

static void too_many_arguments_are_e2big(void** state) {
  enum { COUNT = 200 };
  struct loop_fixture* f = *state;
  char* big = calloc(1, 100000);
  char* words[COUNT + 1];

  memset(big, 'x', 99999);
  for (int i = 0; i < COUNT; i++)
    words[i] = big;
  words[COUNT] = NULL;
  prepare("exit", "0");
  options.args = words;
  expect_failure(f, UV_E2BIG);
  free(big);
}

static void no_file_is_refused(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.file = NULL;
  expect_failure(f, UV_EINVAL);
}

static void loop_ends_after_a_failure_without_a_close(void** state) {
  struct loop_fixture* f = *state;

  prepare_program("/nonexistent", (const char* const[]){NULL});
  assert_int_equal(spawn(f), UV_ENOENT);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

#define dir_test(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(arguments_arrive_as_they_are),
      loop_test(no_arguments_are_fine),
      loop_test(environment_is_inherited),
      loop_test(directory_that_is_missing_is_enoent),
      loop_test(too_many_arguments_are_e2big),
      newer_loop_test(no_file_is_refused),
      loop_test(loop_ends_after_a_failure_without_a_close),
  };
  return run_spawn_tests("program of a child", tests);
}
