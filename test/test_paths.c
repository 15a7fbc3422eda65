/* Directories that matter to a process. */
#include "support/allocator.h"
#include "support/c_library.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if !defined(_WIN32)
#include "support/child.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

typedef int (*path_func)(char* buffer, size_t* size);

static const path_func path_funcs[] = {uv_cwd, uv_os_homedir, uv_os_tmpdir};
enum { PATH_FUNCS = sizeof(path_funcs) / sizeof(path_funcs[0]) };

#if defined(_WIN32)

/* One that is there, its parent, its name, and what the paths are made of. */
#define DIRECTORY "C:\\windows"
#define ROOT "C:\\"
#define NAME "windows\\"
#define HOME_VARIABLE "USERPROFILE"
#define SOME_HOME "C:\\some\\home"
#define TMP_VARIABLE "TMP"
#define SOME_TMP "C:\\some\\tmp"

static const char* const tmp_names[] = {"TMP", "TEMP", "USERPROFILE"};

#else

#define DIRECTORY "/usr"
#define ROOT "/"
#define NAME "usr/"
#define HOME_VARIABLE "HOME"
#define SOME_HOME "/some/home"
#define TMP_VARIABLE "TMPDIR"
#define SOME_TMP "/some/tmp"

static const char* const tmp_names[] = {"TMPDIR", "TMP", "TEMP", "TEMPDIR"};

#endif

enum { LONGEST = 4096, TMP_NAMES = sizeof(tmp_names) / sizeof(tmp_names[0]) };

static char start_dir[LONGEST];

static int set_up(void** state) {
  (void) state;
  return getcwd(start_dir, sizeof(start_dir)) == NULL;
}

static int tear_down(void** state) {
  (void) state;
  test_allocator_remove();
  for (int i = 0; i < TMP_NAMES; i++)
    uv_os_unsetenv(tmp_names[i]);
  return uv_chdir(start_dir);
}

static void all_need_a_buffer_and_its_size(void** state) {
  (void) state;
  for (int f = 0; f < PATH_FUNCS; f++) {
    char path[10] = "#";
    size_t size = sizeof(path);
    assert_int_equal(path_funcs[f](NULL, &size), UV_EINVAL);
    assert_int_equal(path_funcs[f](path, NULL), UV_EINVAL);
    size = 0;
    assert_int_equal(path_funcs[f](path, &size), UV_EINVAL);
    assert_string_equal(path, "#");
  }
}

static void all_tell_the_size_that_they_need(void** state) {
  (void) state;
  assert_int_equal(uv_chdir(DIRECTORY), 0);
  assert_int_equal(uv_os_setenv(HOME_VARIABLE, SOME_HOME), 0);
  assert_int_equal(uv_os_setenv(TMP_VARIABLE, SOME_TMP), 0);
  for (int f = 0; f < PATH_FUNCS; f++) {
    char whole[100];
    size_t whole_size = sizeof(whole);
    assert_int_equal(path_funcs[f](whole, &whole_size), 0);
    assert_int_equal(whole_size, strlen(whole));
    for (size_t room = 1; room <= whole_size; room++) {
      char path[100];
      size_t size = room;
      memset(path, '#', sizeof(path));
      assert_int_equal(path_funcs[f](path, &size), UV_ENOBUFS);
      assert_int_equal(size, whole_size + 1);
      assert_int_equal(path[room], '#');
      assert_int_equal(path_funcs[f](path, &size), 0);
      assert_string_equal(path, whole);
      assert_int_equal(size, whole_size);
    }
  }
}

/* -- Working directory ------------------------------------------------------------------------- */

static void assert_cwd(const char* expected) {
  char path[LONGEST];
  size_t size = sizeof(path);
  assert_int_equal(uv_cwd(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, strlen(expected));
}

static void the_working_directory_is_where_chdir_went(void** state) {
  (void) state;
  assert_cwd(start_dir);
  assert_int_equal(uv_chdir(ROOT), 0);
  assert_cwd(ROOT);
  assert_int_equal(uv_chdir(NAME), 0);
  assert_cwd(DIRECTORY);
}

static void assert_path(path_func function, const char* expected) {
  char path[LONGEST];
  size_t size = sizeof(path);
  assert_int_equal(function(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, strlen(expected));
}

#if defined(_WIN32)

static void chdir_needs_a_directory(void** state) {
  (void) state;
  assert_int_equal(uv_chdir("C:\\no\\such\\directory"), UV_ENOENT);
  /* The system's code for it is of many things that are not there. */
  assert_int_equal(uv_chdir("C:\\windows\\system32\\ntdll.dll"), UV_ENOENT);
  assert_int_equal(uv_chdir(""), UV_ENOENT);
  assert_int_equal(uv_chdir("\xFF"), UV_EINVAL);
  assert_int_equal(uv_chdir(NULL), UV_EINVAL);
  assert_cwd(start_dir);
}

/* The C library and cmd.exe read it, for paths such as "C:file". */
static void a_variable_tells_the_working_directory_of_a_drive(void** state) {
  (void) state;
  char value[LONGEST];
  size_t size = sizeof(value);
  assert_int_equal(uv_chdir(DIRECTORY), 0);
  assert_int_equal(uv_os_getenv("=C:", value, &size), 0);
  assert_string_equal(value, DIRECTORY);
  size = sizeof(value);
  assert_int_equal(uv_chdir(ROOT), 0);
  assert_int_equal(uv_os_getenv("=C:", value, &size), 0);
  assert_string_equal(value, ROOT);
}

static void a_name_that_is_not_ascii_is_told_in_utf8(void** state) {
  (void) state;
  char path[LONGEST];
  size_t size;

  /* U+00E4 and U+1F600. */
  CreateDirectoryW(L"C:\\\x00E4\xD83D\xDE00", NULL);
  int err = uv_chdir("C:\\\xC3\xA4\xF0\x9F\x98\x80");
  size = sizeof(path);
  int cwd_err = uv_cwd(path, &size);
  uv_chdir(start_dir);
  RemoveDirectoryW(L"C:\\\x00E4\xD83D\xDE00");
  assert_int_equal(err, 0);
  assert_int_equal(cwd_err, 0);
  assert_string_equal(path, "C:\\\xC3\xA4\xF0\x9F\x98\x80");
}

static void home_is_what_the_environment_says(void** state) {
  (void) state;
  assert_int_equal(uv_os_setenv("USERPROFILE", "C:\\some\\home\\"), 0);
  assert_path(uv_os_homedir, "C:\\some\\home\\");
}

static void what_is_no_path_is_no_directory(void** state) {
  (void) state;
  static const char* const values[] = {"", "C", "C:"};
  for (int i = 0; i < 3; i++)
    for (size_t room = 1; room <= 10; room++) {
      char path[10];
      size_t size = room;
      assert_int_equal(uv_os_setenv("USERPROFILE", values[i]), 0);
      assert_int_equal(uv_os_homedir(path, &size), UV_ENOENT);
    }
}

static void without_home_it_is_what_the_user_database_says(void** state) {
  (void) state;
  uv_passwd_t user;
  char path[LONGEST];
  size_t size = sizeof(path);

  assert_int_equal(uv_os_unsetenv("USERPROFILE"), 0);
  assert_int_equal(uv_os_get_passwd(&user), 0);
  assert_path(uv_os_homedir, user.homedir);
  uv_os_free_passwd(&user);
  test_allocator_install(1, true);
  assert_int_equal(uv_os_homedir(path, &size), UV_ENOMEM);
  assert_int_equal(test_allocator.live, 0);
}

static void one_backslash_at_the_end_is_taken_off_but_for_a_root(void** state) {
  (void) state;
  const char* const cases[][2] = {{"C:\\ab\\", "C:\\ab"}, {"C:\\ab", "C:\\ab"}, {"C:\\", "C:\\"}};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(uv_os_setenv("TMP", cases[i][0]), 0);
    assert_path(uv_os_tmpdir, cases[i][1]);
  }
}

static void the_first_variable_decides_where_temporary_files_go(void** state) {
  (void) state;
  assert_int_equal(uv_os_setenv("TEMP", "C:\\second"), 0);
  assert_path(uv_os_tmpdir, "C:\\second");
  assert_int_equal(uv_os_setenv("TMP", "C:\\first"), 0);
  assert_path(uv_os_tmpdir, "C:\\first");
}

static void want_of_memory_is_an_error(void** state) {
  (void) state;
  assert_int_equal(uv_os_setenv("USERPROFILE", SOME_HOME), 0);
  for (int f = 0; f < PATH_FUNCS; f++) {
    char path[LONGEST];
    size_t size = sizeof(path);
    test_allocator_install(1, true);
    assert_int_equal(path_funcs[f](path, &size), UV_ENOMEM);
    assert_int_equal(uv_chdir(DIRECTORY), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
  }
}

#define PLATFORM_TESTS \
  test(a_variable_tells_the_working_directory_of_a_drive), \
      test(a_name_that_is_not_ascii_is_told_in_utf8), test(what_is_no_path_is_no_directory), \
      test(one_backslash_at_the_end_is_taken_off_but_for_a_root), test(want_of_memory_is_an_error)

#else

static void chdir_needs_a_directory(void** state) {
  (void) state;
  assert_int_equal(uv_chdir("/no/such/directory"), UV_ENOENT);
  assert_int_equal(uv_chdir("/dev/null"), UV_ENOTDIR);
  assert_int_equal(uv_chdir(""), UV_ENOENT);
  assert_cwd(start_dir);
}

static char closed_directory[] = "/tmp/test_paths_XXXXXX";

child_function(enter_closed_directory, become_nobody(), uv_chdir(closed_directory));

static void chdir_needs_permission(void** state) {
  (void) state;
  assert_non_null(mkdtemp(closed_directory));
  assert_int_equal(chmod(closed_directory, 0), 0);
  int err = in_child(enter_closed_directory);

  assert_int_equal(rmdir(closed_directory), 0);
  if (err == CHILD_CANNOT)
    skip();
  assert_int_equal(err, UV_EACCES);
}

static void a_deleted_working_directory_is_not_found(void** state) {
  (void) state;
  char directory[] = "/tmp/test_paths_XXXXXX";
  char path[PATH_MAX];
  size_t size = sizeof(path);

  assert_non_null(mkdtemp(directory));
  assert_int_equal(uv_chdir(directory), 0);
  assert_int_equal(rmdir(directory), 0);
  assert_int_equal(uv_cwd(path, &size), UV_ENOENT);
}

/* Makes a directory deeper than PATH_MAX and goes there. */
enum { DEPTH = 30, NAME_LEN = 200 };

static void descend(char* base, const char* name) {
  assert_non_null(mkdtemp(base));
  assert_int_equal(chdir(base), 0);
  for (int i = 0; i < DEPTH; i++) {
    assert_int_equal(mkdir(name, 0700), 0);
    assert_int_equal(chdir(name), 0);
  }
}

static void ascend(const char* base, const char* name) {
  for (int i = 0; i < DEPTH; i++) {
    assert_int_equal(chdir(".."), 0);
    assert_int_equal(rmdir(name), 0);
  }
  assert_int_equal(rmdir(base), 0);
}

static void a_path_may_be_longer_than_path_max(void** state) {
  (void) state;
  char base[] = "/tmp/test_paths_XXXXXX";
  char name[NAME_LEN + 1];
  char path[DEPTH * (NAME_LEN + 1) + sizeof(base)];
  size_t small = 10;
  size_t fitting = sizeof(path);
  size_t unmeasured = 10;

  memset(name, 'n', NAME_LEN);
  name[NAME_LEN] = '\0';
  descend(base, name);
  int small_err = uv_cwd(path, &small);
  int fitting_err = uv_cwd(path, &fitting);
  test_allocator_install(1, true);
  int memory_err = uv_cwd(path, &unmeasured);
  ascend(base, name);

  if (small_err == UV_ENAMETOOLONG)
    skip_on_musl("no more than PATH_MAX");
  assert_int_equal(small_err, UV_ENOBUFS);
  assert_int_equal(small, sizeof(path));
  assert_int_equal(fitting_err, 0);
  assert_int_equal(fitting, sizeof(path) - 1);
  assert_int_equal(memory_err, UV_ENOMEM);
  assert_int_equal(unmeasured, 10);
}

/* -- Home and temporary files ------------------------------------------------------------------ */

static void home_is_what_the_environment_says(void** state) {
  (void) state;
  setenv("HOME", "/some/home/", 1);
  assert_path(uv_os_homedir, "/some/home/");
  setenv("HOME", "", 1);
  assert_path(uv_os_homedir, "");
}

static void without_home_it_is_what_the_user_database_says(void** state) {
  (void) state;
  uv_passwd_t user;
  char path[PATH_MAX];
  size_t size = sizeof(path);

  unsetenv("HOME");
  int err = uv_os_get_passwd(&user);
  if (err != 0) {
    assert_int_equal(uv_os_homedir(path, &size), err);
    return;
  }
  assert_path(uv_os_homedir, user.homedir);
  uv_os_free_passwd(&user);

  for (long fail_at = 1; fail_at <= 2; fail_at++) {
    test_allocator_install(fail_at, false);
    assert_int_equal(uv_os_homedir(path, &size), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
  }
}

enum { NOBODY_HAS_THIS = 0x7ffffff0 };

static int home_of_an_unknown_user(void) {
  char path[PATH_MAX];
  size_t size = sizeof(path);

  if (setuid(NOBODY_HAS_THIS) != 0)
    return CHILD_CANNOT;
  unsetenv("HOME");
  return uv_os_homedir(path, &size);
}

static void a_user_whom_the_database_lacks_has_no_home(void** state) {
  (void) state;
  assert_child(home_of_an_unknown_user, UV_ENOENT);
}

static void the_first_variable_decides_where_temporary_files_go(void** state) {
  (void) state;
  assert_path(uv_os_tmpdir, "/tmp");
  for (int i = 3; i >= 0; i--) {
    setenv(tmp_names[i], tmp_names[i], 1);
    assert_path(uv_os_tmpdir, tmp_names[i]);
  }
  setenv("TMPDIR", "", 1);
  assert_path(uv_os_tmpdir, "");
}

static void one_slash_at_the_end_is_taken_off(void** state) {
  (void) state;
  const char* const cases[][2] = {
      {"/ab/", "/ab"}, {"/ab//", "/ab/"}, {"/", "/"}, {"//", "/"}, {"/ab", "/ab"}};
  for (int i = 0; i < 5; i++) {
    setenv("TMPDIR", cases[i][0], 1);
    assert_path(uv_os_tmpdir, cases[i][1]);
  }
}

#define PLATFORM_TESTS \
  test(chdir_needs_permission), test(a_deleted_working_directory_is_not_found), \
      test(a_path_may_be_longer_than_path_max), test(a_user_whom_the_database_lacks_has_no_home), \
      test(one_slash_at_the_end_is_taken_off)

#endif

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(all_need_a_buffer_and_its_size),
      test(all_tell_the_size_that_they_need),
      test(the_working_directory_is_where_chdir_went),
      test(chdir_needs_a_directory),
      test(home_is_what_the_environment_says),
      test(without_home_it_is_what_the_user_database_says),
      test(the_first_variable_decides_where_temporary_files_go),
      PLATFORM_TESTS,
  };
  for (int i = 0; i < TMP_NAMES; i++)
    uv_os_unsetenv(tmp_names[i]);
  return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
