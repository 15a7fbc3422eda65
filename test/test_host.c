/* The machine's names. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <string.h>

#if defined(_WIN32)
#include <stdio.h>
#else
#include <sys/utsname.h>
#include <unistd.h>
#endif

static void the_host_name_is_the_systems(void** state) {
  (void) state;
  char expected[UV_MAXHOSTNAMESIZE];
  char name[UV_MAXHOSTNAMESIZE];
  size_t size = sizeof(name);

  assert_int_equal(uv_os_gethostname(name, &size), 0);
  assert_int_equal(gethostname(expected, sizeof(expected)), 0);
  assert_string_equal(name, expected);
  assert_int_equal(size, strlen(expected));
}

static void a_buffer_that_is_too_small_is_left_alone(void** state) {
  (void) state;
  char name[UV_MAXHOSTNAMESIZE];
  size_t whole_size = sizeof(name);

  assert_int_equal(uv_os_gethostname(name, &whole_size), 0);
  for (size_t room = 1; room <= whole_size; room++) {
    size_t size = room;
    strcpy(name, "#");
    assert_int_equal(uv_os_gethostname(name, &size), UV_ENOBUFS);
    assert_int_equal(size, whole_size + 1);
    assert_string_equal(name, "#");
    assert_int_equal(uv_os_gethostname(name, &size), 0);
  }
}

static void the_host_name_needs_a_buffer_and_its_size(void** state) {
  (void) state;
  char name[UV_MAXHOSTNAMESIZE];
  size_t size = sizeof(name);
  assert_int_equal(uv_os_gethostname(NULL, &size), UV_EINVAL);
  assert_int_equal(uv_os_gethostname(name, NULL), UV_EINVAL);
  size = 0;
  assert_int_equal(uv_os_gethostname(name, &size), UV_EINVAL);
}

#if defined(_WIN32)

/* The C library has no uname(). What the system says of itself has to be asked for: it tells
 * programs that it is an older one. */
static void the_system_is_what_uname_says(void** state) {
  (void) state;
  typedef LONG(WINAPI * version_func)(RTL_OSVERSIONINFOW*);
  FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");
  RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};
  char product[256];
  DWORD size = sizeof(product);
  char expected[64];
  uv_utsname_t system;

  ((version_func) (void (*)(void)) found)(&version);
  assert_int_equal(
      RegGetValueA(HKEY_LOCAL_MACHINE, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
                   "ProductName", RRF_RT_REG_SZ, NULL, product, &size),
      0);

  memset(&system, '#', sizeof(system));
  assert_int_equal(uv_os_uname(&system), 0);
  snprintf(expected, sizeof(expected), "%lu.%lu.%lu", version.dwMajorVersion,
           version.dwMinorVersion, version.dwBuildNumber);
  assert_string_equal(system.release, expected);
  /* libuv, too, has the first name where it is built with mingw-w64. */
  snprintf(expected, sizeof(expected), "MINGW32_NT-%lu.%lu", version.dwMajorVersion,
           version.dwMinorVersion);
  assert_true(strcmp(system.sysname, expected) == 0 || strcmp(system.sysname, "Windows_NT") == 0);
  /* The registry calls Windows 11 by the name of 10. */
  if (version.dwBuildNumber < 22000)
    assert_int_equal(strncmp(system.version, product, strlen(product)), 0);
  else
    assert_null(strstr(system.version, "Windows 10"));
  assert_string_equal(system.machine, "x86_64");
}

#else

static void the_system_is_what_uname_says(void** state) {
  (void) state;
  struct utsname expected;
  uv_utsname_t system;

  assert_int_equal(uname(&expected), 0);
  memset(&system, '#', sizeof(system));
  assert_int_equal(uv_os_uname(&system), 0);
  assert_string_equal(system.sysname, expected.sysname);
  assert_string_equal(system.release, expected.release);
  assert_string_equal(system.version, expected.version);
  assert_string_equal(system.machine, expected.machine);
}

#endif

static void uname_needs_a_place_for_the_answer(void** state) {
  (void) state;
  assert_int_equal(uv_os_uname(NULL), UV_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_host_name_is_the_systems),
      cmocka_unit_test(a_buffer_that_is_too_small_is_left_alone),
      cmocka_unit_test(the_host_name_needs_a_buffer_and_its_size),
      cmocka_unit_test(the_system_is_what_uname_says),
      cmocka_unit_test(uname_needs_a_place_for_the_answer),
  };
  return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
