/* Shared libraries. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <string.h>

#if defined(_WIN32)

#define MISSING_LIBRARY "C:\\no\\such\\library.dll"
#define LIBRARY "msvcrt.dll"

/* What is no library but there. */
#define OTHER_FILE "C:\\windows\\win.ini"

#else

#define MISSING_LIBRARY "/no/such/library.so"
#define LIBRARY "libm.so.6"
#define OTHER_FILE "/etc/passwd"

#endif

static int restore_allocator(void** state) {
  (void) state;
  test_allocator_remove();
  return 0;
}

static void a_symbol_of_a_library_can_be_called(void** state) {
  (void) state;
  uv_lib_t lib;
  union {
    void* pointer;
    double (*function)(double);
  } symbol;

  assert_int_equal(uv_dlopen(LIBRARY, &lib), 0);
  assert_int_equal(uv_dlsym(&lib, "floor", &symbol.pointer), 0);
  assert_true(symbol.function(2.5) == 2.0);
  assert_string_equal(uv_dlerror(&lib), "no error");
  uv_dlclose(&lib);
  assert_null(lib.handle);
  assert_null(lib.errmsg);
}

#if defined(_WIN32)

/* A program exports nothing as a rule, so there is nothing to find in it. */
static void without_a_name_it_is_the_program_itself(void** state) {
  (void) state;
  uv_lib_t lib;
  assert_int_equal(uv_dlopen(NULL, &lib), 0);
  assert_ptr_equal(lib.handle, GetModuleHandleW(NULL));
  uv_dlclose(&lib);
}

#else

static void without_a_name_it_is_the_program_itself(void** state) {
  (void) state;
  uv_lib_t lib;
  void* symbol = NULL;
  assert_int_equal(uv_dlopen(NULL, &lib), 0);
  assert_int_equal(uv_dlsym(&lib, "malloc", &symbol), 0);
  assert_non_null(symbol);
  uv_dlclose(&lib);
}

#endif

static void a_missing_library_is_named_by_the_error(void** state) {
  (void) state;
  uv_lib_t lib;

  assert_int_equal(uv_dlopen(MISSING_LIBRARY, &lib), -1);
  assert_non_null(strstr(uv_dlerror(&lib), MISSING_LIBRARY));
  assert_non_null(strstr(uv_dlerror(&lib), MISSING_LIBRARY));
  uv_dlclose(&lib);
  assert_string_equal(uv_dlerror(&lib), "no error");
}

static void a_file_that_is_no_library_is_named_by_the_error(void** state) {
  (void) state;
  uv_lib_t lib;
  assert_int_equal(uv_dlopen(OTHER_FILE, &lib), -1);
  assert_non_null(strstr(uv_dlerror(&lib), OTHER_FILE));
  assert_null(strstr(uv_dlerror(&lib), "%1"));
  uv_dlclose(&lib);
}

static void a_name_that_is_no_utf8_is_that_of_no_library(void** state) {
  (void) state;
  uv_lib_t lib;
  assert_int_equal(uv_dlopen("\xFF.dll", &lib), -1);
  assert_non_null(strstr(uv_dlerror(&lib), "\xFF.dll"));
  uv_dlclose(&lib);
}

static void a_missing_symbol_is_named_by_the_error(void** state) {
  (void) state;
  uv_lib_t lib;
  void* symbol = &lib;

  assert_int_equal(uv_dlopen(LIBRARY, &lib), 0);
  assert_int_equal(uv_dlsym(&lib, "no_such_symbol", &symbol), -1);
  assert_null(symbol);
  assert_non_null(strstr(uv_dlerror(&lib), "no_such_symbol"));
  assert_int_equal(uv_dlsym(&lib, "another_one", &symbol), -1);
  assert_non_null(strstr(uv_dlerror(&lib), "another_one"));
  uv_dlclose(&lib);
}

static void success_ends_the_error(void** state) {
  (void) state;
  uv_lib_t lib;
  void* symbol;

  assert_int_equal(uv_dlopen(LIBRARY, &lib), 0);
  assert_int_equal(uv_dlsym(&lib, "no_such_symbol", &symbol), -1);
  assert_int_equal(uv_dlsym(&lib, "floor", &symbol), 0);
  assert_string_equal(uv_dlerror(&lib), "no error");
  uv_dlclose(&lib);
}

static void closing_nothing_or_twice_is_harmless(void** state) {
  (void) state;
  uv_lib_t lib = {NULL, NULL};

  assert_string_equal(uv_dlerror(&lib), "no error");
  uv_dlclose(&lib);
  assert_int_equal(uv_dlopen(LIBRARY, &lib), 0);
  uv_dlclose(&lib);
  uv_dlclose(&lib);
  assert_null(lib.handle);
}

static void without_memory_the_error_says_so(void** state) {
  (void) state;
  uv_lib_t lib;

  test_allocator_install(1, true);
  assert_int_equal(uv_dlopen(MISSING_LIBRARY, &lib), -1);
  assert_non_null(strstr(uv_dlerror(&lib), "not enough memory"));
  uv_dlclose(&lib);
  assert_string_equal(uv_dlerror(&lib), "no error");
  assert_int_equal(test_allocator.live, 0);
}

#define test(function) cmocka_unit_test_teardown(function, restore_allocator)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(a_symbol_of_a_library_can_be_called),
      test(without_a_name_it_is_the_program_itself),
      test(a_missing_library_is_named_by_the_error),
      test(a_file_that_is_no_library_is_named_by_the_error),
      test(a_name_that_is_no_utf8_is_that_of_no_library),
      test(a_missing_symbol_is_named_by_the_error),
      test(success_ends_the_error),
      test(closing_nothing_or_twice_is_harmless),
      test(without_memory_the_error_says_so),
  };
  return cmocka_run_group_tests_name("dl", tests, NULL, NULL);
}
