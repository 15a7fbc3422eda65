/* Error codes: their names and messages, and those of numbers that are no code. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define ABI_ERROR(code, value, name, message) {code, name, message},
#include "abi/tables.h"

/* What libuv says, not what UV_ERRNO_MAP says. */
static const struct {
  int code;
  const char* name;
  const char* message;
} errors[] = {
#include ABI_CONSTANTS
};

enum { ERROR_COUNT = sizeof(errors) / sizeof(errors[0]) };

static int restore_allocator(void** state) {
  (void) state;
  test_allocator_remove();
  return 0;
}

static void every_code_has_its_name_and_message(void** state) {
  (void) state;
  char buf[100];

  assert_true(ERROR_COUNT > 80);
  for (int i = 0; i < ERROR_COUNT; i++) {
    assert_string_equal(uv_err_name(errors[i].code), errors[i].name);
    assert_string_equal(uv_strerror(errors[i].code), errors[i].message);
    assert_ptr_equal(uv_err_name_r(errors[i].code, buf, sizeof(buf)), buf);
    assert_string_equal(buf, errors[i].name);
    assert_ptr_equal(uv_strerror_r(errors[i].code, buf, sizeof(buf)), buf);
    assert_string_equal(buf, errors[i].message);
  }
}

static void known_codes_need_no_memory(void** state) {
  (void) state;
  test_allocator_install(1, true);
  for (int i = 0; i < ERROR_COUNT; i++) {
    assert_string_equal(uv_err_name(errors[i].code), errors[i].name);
    assert_string_equal(uv_strerror(errors[i].code), errors[i].message);
  }
  assert_int_equal(test_allocator.calls, 0);
}

static void other_numbers_have_a_text_with_the_number(void** state) {
  (void) state;
  const struct {
    int err;
    const char* text;
  } cases[] = {
      {0, "Unknown system error 0"},
      {1, "Unknown system error 1"},
      {ENOENT, "Unknown system error 2"},
      {-1000000, "Unknown system error -1000000"},
      {UV_ERRNO_MAX, "Unknown system error -4096"},
      {INT_MAX, "Unknown system error 2147483647"},
      {INT_MIN, "Unknown system error -2147483648"},
  };
  char buf[100];

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_string_equal(uv_strerror(cases[i].err), cases[i].text);
    assert_string_equal(uv_err_name(cases[i].err), cases[i].text);
    assert_string_equal(uv_strerror_r(cases[i].err, buf, sizeof(buf)), cases[i].text);
    assert_string_equal(uv_err_name_r(cases[i].err, buf, sizeof(buf)), cases[i].text);
  }
}

static void the_text_of_a_number_stays_valid(void** state) {
  (void) state;
  const char* first = uv_strerror(-5001);
  const char* second = uv_err_name(-5002);

  for (int err = -6000; err > -6200; err--)
    uv_strerror(err);
  assert_string_equal(first, "Unknown system error -5001");
  assert_string_equal(second, "Unknown system error -5002");
}

static void asking_again_takes_no_more_memory(void** state) {
  (void) state;
  test_allocator_install(0, false);
  const char* text = uv_strerror(-5003);
  assert_int_equal(test_allocator.live, 1);
  for (int i = 0; i < 100; i++) {
    assert_ptr_equal(uv_strerror(-5003), text);
    assert_ptr_equal(uv_err_name(-5003), text);
  }
  assert_int_equal(test_allocator.calls, 1);
}

static void without_memory_the_text_lacks_the_number(void** state) {
  (void) state;
  test_allocator_install(1, true);
  assert_string_equal(uv_strerror(-5004), "Unknown system error");
  assert_string_equal(uv_err_name(-5004), "Unknown system error");
  test_allocator_install(0, false);
  assert_string_equal(uv_strerror(-5004), "Unknown system error -5004");
}

enum { THREADS = 4, NUMBERS = 300, FIRST_NUMBER = -9000 };

static void ask_for_many_numbers(void* arg) {
  const char** texts = arg;
  for (int i = 0; i < NUMBERS; i++)
    texts[i] = uv_strerror(FIRST_NUMBER - i);
}

static void threads_that_ask_for_the_same_get_the_same(void** state) {
  (void) state;
  static const char* texts[THREADS][NUMBERS];
  uv_thread_t threads[THREADS];
  char expected[100];

  test_allocator_install(0, false);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], ask_for_many_numbers, texts[i]), 0);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);

  for (int i = 0; i < NUMBERS; i++) {
    snprintf(expected, sizeof(expected), "Unknown system error %d", FIRST_NUMBER - i);
    for (int t = 0; t < THREADS; t++) {
      assert_string_equal(texts[t][i], expected);
      assert_ptr_equal(texts[t][i], texts[0][i]);
    }
  }
}

static void text_that_does_not_fit_is_cut(void** state) {
  (void) state;
  const int codes[] = {UV_EINVAL, -12345};
  char whole[100];
  char cut[100];

  for (int c = 0; c < 2; c++) {
    uv_strerror_r(codes[c], whole, sizeof(whole));
    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
      memset(cut, '#', sizeof(cut));
      assert_ptr_equal(uv_strerror_r(codes[c], cut, size), cut);
      assert_int_equal(strlen(cut), size - 1);
      assert_memory_equal(cut, whole, size - 1);
      assert_int_equal(cut[size], '#');
    }
    uv_err_name_r(codes[c], whole, sizeof(whole));
    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
      memset(cut, '#', sizeof(cut));
      assert_ptr_equal(uv_err_name_r(codes[c], cut, size), cut);
      assert_int_equal(strlen(cut), size - 1);
      assert_memory_equal(cut, whole, size - 1);
      assert_int_equal(cut[size], '#');
    }
  }
}

static void an_empty_buffer_is_not_written(void** state) {
  (void) state;
  char byte = '#';
  assert_ptr_equal(uv_strerror_r(UV_EINVAL, &byte, 0), &byte);
  assert_ptr_equal(uv_err_name_r(UV_EINVAL, &byte, 0), &byte);
  assert_ptr_equal(uv_strerror_r(-12345, &byte, 0), &byte);
  assert_ptr_equal(uv_err_name_r(-12345, &byte, 0), &byte);
  assert_int_equal(byte, '#');
}

#if defined(_WIN32)

/* What Windows has are numbers of its own, and several become one of ours: win/test_win_error.c. */
static void numbers_of_the_system_become_codes(void** state) {
  (void) state;
  assert_int_equal(uv_translate_sys_error(ERROR_FILE_NOT_FOUND), UV_ENOENT);
  assert_int_equal(uv_translate_sys_error(WSAEADDRINUSE), UV_EADDRINUSE);
  assert_int_equal(uv_translate_sys_error(12345), UV_UNKNOWN);
}

#else

static void numbers_of_the_system_become_codes(void** state) {
  (void) state;
  const struct {
    int sys_errno;
    int code;
  } cases[] = {{EPERM, UV_EPERM},
               {EPIPE, UV_EPIPE},
               {EINVAL, UV_EINVAL},
               {ENOENT, UV_ENOENT},
               {EADDRINUSE, UV_EADDRINUSE}};

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    assert_int_equal(uv_translate_sys_error(cases[i].sys_errno), cases[i].code);
  assert_int_equal(uv_translate_sys_error(12345), -12345);
}

#endif

static void codes_and_zero_are_translated_to_themselves(void** state) {
  (void) state;
  const int codes[] = {0, -1, UV_EINVAL, UV_EOF, UV_ERRNO_MAX, INT_MIN};
  for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    assert_int_equal(uv_translate_sys_error(codes[i]), codes[i]);
}

#define test(function) cmocka_unit_test_teardown(function, restore_allocator)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(every_code_has_its_name_and_message),
      test(known_codes_need_no_memory),
      test(other_numbers_have_a_text_with_the_number),
      test(the_text_of_a_number_stays_valid),
      test(asking_again_takes_no_more_memory),
      test(without_memory_the_text_lacks_the_number),
      test(threads_that_ask_for_the_same_get_the_same),
      test(text_that_does_not_fit_is_cut),
      test(an_empty_buffer_is_not_written),
      test(numbers_of_the_system_become_codes),
      test(codes_and_zero_are_translated_to_themselves),
  };
  return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
