/* Environment variables. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdlib.h>
#include <string.h>

#define NAME "RONDO_TEST_VARIABLE"

#if defined(_WIN32)

/* The system keeps the variables, in an order of its own, and the C library a copy; what is no
 * variable cannot be in it. */
enum { LONG_SIZE = 32766 /* the most that Windows promises, with the NUL */ };

static WCHAR* saved;

static void clear_environment(void) {
  WCHAR* block = GetEnvironmentStringsW();

  for (WCHAR* entry = block; *entry != L'\0'; entry += wcslen(entry) + 1) {
    WCHAR* name = _wcsdup(entry);
    *wcschr(name + 1, L'=') = L'\0';
    SetEnvironmentVariableW(name, NULL);
    free(name);
  }
  FreeEnvironmentStringsW(block);
}

static void save_environment(void) {
  saved = GetEnvironmentStringsW();
}

static void restore_environment(void) {
  clear_environment();
  for (WCHAR* entry = saved; *entry != L'\0'; entry += wcslen(entry) + 1) {
    WCHAR* equals = wcschr(entry + 1, L'=');
    *equals = L'\0';
    SetEnvironmentVariableW(entry, equals + 1);
    *equals = L'=';
  }
  FreeEnvironmentStringsW(saved);
}

/* Entries without '=' are left out. */
static void set_environment(char** entries) {
  clear_environment();
  for (; *entries != NULL; entries++) {
    char* copy = _strdup(*entries);
    char* equals = strchr(copy, '=');
    if (equals != NULL) {
      *equals = '\0';
      SetEnvironmentVariableA(copy, equals + 1);
    }
    free(copy);
  }
}

static const char* system_value(const char* name) {
  static char value[64];
  DWORD len = GetEnvironmentVariableA(name, value, sizeof(value));
  return len == 0 || len >= sizeof(value) ? NULL : value;
}

#else

extern char** environ;

enum { LONG_SIZE = 128 * 1024 };

static char** saved_environ;

static void save_environment(void) {
  saved_environ = environ;
}

static void restore_environment(void) {
  environ = saved_environ;
}

static void set_environment(char** entries) {
  environ = entries;
}

static const char* system_value(const char* name) {
  return getenv(name);
}

#endif

static int set_up(void** state) {
  (void) state;
  save_environment();
  return 0;
}

static int tear_down(void** state) {
  (void) state;
  restore_environment();
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
  assert_string_equal(system_value(NAME), "the second");
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
  size_t size = LONG_SIZE;
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

/* The value in a list, NULL if the name is not there. */
static const char* find(const uv_env_item_t* items, int count, const char* name) {
  for (int i = 0; i < count; i++)
    if (strcmp(items[i].name, name) == 0)
      return items[i].value;
  return NULL;
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

  set_environment(entries);
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 3);
  assert_string_equal(find(items, count, "ONE"), "1");
  assert_string_equal(find(items, count, "EMPTY"), "");
  assert_string_equal(find(items, count, "TWO"), "2=zwei");
  uv_os_free_environ(items, count);
}

static void an_empty_environment_has_no_items(void** state) {
  (void) state;
  static char* no_entries[] = {NULL};
  uv_env_item_t* items = NULL;
  int count = -1;

  set_environment(no_entries);
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 0);
  uv_os_free_environ(items, count);
}

static void want_of_memory_leaves_no_list(void** state) {
  (void) state;
  static char one[] = "ONE=1";
  static char two[] = "TWO=2";
  static char* entries[] = {one, two, NULL};

  set_environment(entries);
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

#if defined(_WIN32)

static void names_may_begin_with_an_equals_sign(void** state) {
  (void) state;
  char value[20];
  size_t size = sizeof(value);
  uv_env_item_t* items;
  int count;

  assert_int_equal(uv_os_setenv("=RONDO:", "R:\\here"), 0);
  assert_int_equal(uv_os_getenv("=RONDO:", value, &size), 0);
  assert_string_equal(value, "R:\\here");
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_string_equal(find(items, count, "=RONDO:"), "R:\\here");
  uv_os_free_environ(items, count);
  assert_int_equal(uv_os_unsetenv("=RONDO:"), 0);
  size = sizeof(value);
  assert_int_equal(uv_os_getenv("=RONDO:", value, &size), UV_ENOENT);
}

static void names_are_the_same_in_small_letters(void** state) {
  (void) state;
  char value[20];
  size_t size = sizeof(value);

  assert_int_equal(uv_os_setenv(NAME, "value"), 0);
  assert_int_equal(uv_os_getenv("rondo_test_variable", value, &size), 0);
  assert_string_equal(value, "value");
}

static void text_that_is_no_wtf8_is_refused(void** state) {
  (void) state;
  char value[20];
  size_t size = sizeof(value);

  assert_int_equal(uv_os_setenv(NAME, "\xFF"), UV_EINVAL);
  assert_int_equal(uv_os_setenv("\xFF", "value"), UV_EINVAL);
  assert_int_equal(uv_os_getenv("\xFF", value, &size), UV_EINVAL);
  assert_int_equal(uv_os_unsetenv("\xFF"), UV_EINVAL);
}

/* How many allocations fail a call before it is done. */
static int failures_of(int (*call)(void)) {
  int failures = 0;
  int err = UV_ENOMEM;

  for (long fail_at = 1; err != 0; fail_at++) {
    test_allocator_install(fail_at, false);
    err = call();
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
    failures += err != 0;
  }
  return failures;
}

static int set_variable(void) {
  return uv_os_setenv(NAME, "value");
}

static int get_variable(void) {
  char value[20];
  size_t size = sizeof(value);
  return uv_os_getenv(NAME, value, &size);
}

static void want_of_memory_for_the_systems_text_is_an_error(void** state) {
  (void) state;
  assert_true(failures_of(set_variable) > 0);
  assert_true(failures_of(get_variable) > 0);
}

#define PLATFORM_TESTS \
  test(names_may_begin_with_an_equals_sign), test(names_are_the_same_in_small_letters), \
      test(text_that_is_no_wtf8_is_refused), test(want_of_memory_for_the_systems_text_is_an_error)

#else

/* As clearenv(3) leaves it. */
static void a_cleared_environment_has_no_items(void** state) {
  (void) state;
  uv_env_item_t* items = NULL;
  int count = -1;

  environ = NULL;
  assert_int_equal(uv_os_environ(&items, &count), 0);
  assert_int_equal(count, 0);
  uv_os_free_environ(items, count);
}

#define PLATFORM_TESTS test(a_cleared_environment_has_no_items)

#endif

static void what_is_not_ascii_comes_back_as_it_was(void** state) {
  (void) state;
  static const char text[] = "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80";
  char value[20];
  size_t size = sizeof(value);

  assert_int_equal(uv_os_setenv(NAME, text), 0);
  assert_int_equal(uv_os_getenv(NAME, value, &size), 0);
  assert_string_equal(value, text);
  assert_int_equal(size, strlen(text));
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(a_variable_that_was_set_is_read_back),
      test(an_empty_value_is_a_value),
      test(a_variable_that_is_not_set_is_not_found),
      test(a_small_buffer_is_told_the_size_needed),
      test(a_long_value_comes_back_whole),
      test(bad_arguments_are_refused),
      test(the_whole_environment_is_listed),
      test(an_empty_environment_has_no_items),
      test(want_of_memory_leaves_no_list),
      test(what_is_not_ascii_comes_back_as_it_was),
      PLATFORM_TESTS,
  };
  return cmocka_run_group_tests_name("env", tests, NULL, NULL);
}
