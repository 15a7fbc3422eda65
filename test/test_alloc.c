/* Memory: the replaceable allocator and what the library makes of it. */
#include "core.h"
#include "support/allocator.h"
#include "support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static int restore_allocator(void** state) {
  (void) state;
  test_allocator_remove();
  return 0;
}

static void every_allocation_goes_to_the_replacement(void** state) {
  (void) state;
  test_allocator_install(0, false);

  void* blocks[4] = {uv__malloc(1), uv__calloc(2, 3), uv__realloc(NULL, 4), uv__strdup("text")};
  assert_int_equal(test_allocator.calls, 4);
  assert_int_equal(test_allocator.live, 4);
  blocks[2] = uv__realloc(blocks[2], 4000);
  assert_int_equal(test_allocator.calls, 5);
  assert_int_equal(test_allocator.live, 4);

  for (int i = 0; i < 4; i++)
    uv__free(blocks[i]);
  assert_int_equal(test_allocator.live, 0);
}

static void a_missing_function_changes_nothing(void** state) {
  (void) state;
  test_allocator_install(0, false);

  assert_int_equal(uv_replace_allocator(NULL, realloc, calloc, free), UV_EINVAL);
  assert_int_equal(uv_replace_allocator(malloc, NULL, calloc, free), UV_EINVAL);
  assert_int_equal(uv_replace_allocator(malloc, realloc, NULL, free), UV_EINVAL);
  assert_int_equal(uv_replace_allocator(malloc, realloc, calloc, NULL), UV_EINVAL);

  void* block = uv__calloc(1, 1);
  block = uv__realloc(block, 10);
  void* other = uv__malloc(1);
  assert_int_equal(test_allocator.calls, 3);
  uv__free(block);
  uv__free(other);
  assert_int_equal(test_allocator.live, 0);
}

static void replacing_twice_uses_the_last(void** state) {
  (void) state;
  test_allocator_install(0, false);
  assert_int_equal(uv_replace_allocator(malloc, realloc, calloc, free), 0);
  uv__free(uv__malloc(1));
  assert_int_equal(test_allocator.calls, 0);
}

static void the_allocator_is_never_asked_for_zero_bytes(void** state) {
  (void) state;
  test_allocator_install(0, false);
  assert_null(uv__malloc(0));
  assert_null(uv__calloc(0, 8));
  assert_null(uv__calloc(8, 0));
  assert_null(uv__realloc(NULL, 0));
  assert_int_equal(test_allocator.calls, 0);
}

static void realloc_to_zero_frees(void** state) {
  (void) state;
  test_allocator_install(0, false);
  void* block = uv__malloc(10);
  assert_non_null(block);
  assert_null(uv__realloc(block, 0));
  assert_int_equal(test_allocator.live, 0);
}

static void calloc_gives_zeroes(void** state) {
  (void) state;
  char* block = uv__calloc(30, 7);
  char zeroes[30 * 7] = {0};

  assert_memory_equal(block, zeroes, sizeof(zeroes));
  uv__free(block);
}

static void realloc_keeps_the_content(void** state) {
  (void) state;
  char* block = uv__strdup("content");
  block = uv__realloc(block, 10000);
  assert_string_equal(block, "content");
  uv__free(block);
}

static void strdup_copies_up_to_the_nul(void** state) {
  (void) state;
  const char text[] = "first\0second";
  char* copy = uv__strdup(text);
  assert_ptr_not_equal(copy, text);
  assert_string_equal(copy, "first");
  uv__free(copy);
  copy = uv__strdup("");
  assert_string_equal(copy, "");
  uv__free(copy);
}

static void failures_are_passed_on(void** state) {
  (void) state;
  test_allocator_install(1, true);
  assert_null(uv__malloc(1));
  assert_null(uv__calloc(1, 1));
  assert_null(uv__strdup("text"));
  assert_null(uv__realloc(NULL, 1));
  assert_int_equal(test_allocator.calls, 4);
}

static void a_failed_realloc_leaves_the_block(void** state) {
  (void) state;
  test_allocator_install(2, true);
  char* block = uv__strdup("content");
  assert_null(uv__realloc(block, 10000));
  assert_string_equal(block, "content");
  uv__free(block);
  assert_int_equal(test_allocator.live, 0);
}

static void free_that_changes_errno(void* ptr) {
  free(ptr);
  errno = ENOTTY;
}

static void free_keeps_errno(void** state) {
  (void) state;
  uv_replace_allocator(malloc, realloc, calloc, free_that_changes_errno);
  void* block = uv__malloc(1);
  errno = ERANGE;
  uv__free(block);
  assert_int_equal(errno, ERANGE);
  block = uv__malloc(1);
  errno = EDOM;
  uv__realloc(block, 0);
  assert_int_equal(errno, EDOM);
}

static void freeing_null_does_nothing(void** state) {
  (void) state;
  test_allocator_install(0, false);
  uv__free(NULL);
  assert_int_equal(test_allocator.live, 0);
}

#define test(function) cmocka_unit_test_teardown(function, restore_allocator)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(every_allocation_goes_to_the_replacement),
      test(a_missing_function_changes_nothing),
      test(replacing_twice_uses_the_last),
      test(the_allocator_is_never_asked_for_zero_bytes),
      test(realloc_to_zero_frees),
      test(calloc_gives_zeroes),
      test(realloc_keeps_the_content),
      test(strdup_copies_up_to_the_nul),
      test(failures_are_passed_on),
      test(a_failed_realloc_leaves_the_block),
      test(free_keeps_errno),
      test(freeing_null_does_nothing),
  };
  return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
