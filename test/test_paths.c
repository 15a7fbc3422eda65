/* Directories that matter to a process. */
#include "support/allocator.h"
#include "support/child.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*path_func)(char* buffer, size_t* size);

static const path_func path_funcs[] = {uv_cwd, uv_os_homedir, uv_os_tmpdir};
enum { PATH_FUNCS = sizeof(path_funcs) / sizeof(path_funcs[0]) };

static const char* const tmp_names[] = {"TMPDIR", "TMP", "TEMP", "TEMPDIR"};

static char start_dir[PATH_MAX];

static int set_up(void** state) {
  (void) state;
  return getcwd(start_dir, sizeof(start_dir)) == NULL;
}

static int tear_down(void** state) {
  (void) state;
  test_allocator_remove();
  for (int i = 0; i < 4; i++)
    unsetenv(tmp_names[i]);
  return chdir(start_dir);
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
  assert_int_equal(chdir("/usr"), 0);
  setenv("HOME", "/some/home", 1);
  setenv("TMPDIR", "/some/tmp", 1);
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
  char path[PATH_MAX];
  size_t size = sizeof(path);
  assert_int_equal(uv_cwd(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, strlen(expected));
}

static void the_working_directory_is_where_chdir_went(void** state) {
  (void) state;
  assert_cwd(start_dir);
  assert_int_equal(uv_chdir("/"), 0);
  assert_cwd("/");
  assert_int_equal(uv_chdir("usr/"), 0);
  assert_cwd("/usr");
}

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

  assert_int_equal(small_err, UV_ENOBUFS);
  assert_int_equal(small, sizeof(path));
  assert_int_equal(fitting_err, 0);
  assert_int_equal(fitting, sizeof(path) - 1);
  assert_int_equal(memory_err, UV_ENOMEM);
  assert_int_equal(unmeasured, 10);
}

/* -- Home and temporary files ------------------------------------------------------------------ */

static void assert_path(path_func function, const char* expected) {
  char path[PATH_MAX];
  size_t size = sizeof(path);
  assert_int_equal(function(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, strlen(expected));
}

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

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(all_need_a_buffer_and_its_size),
      test(all_tell_the_size_that_they_need),
      test(the_working_directory_is_where_chdir_went),
      test(chdir_needs_a_directory),
      test(chdir_needs_permission),
      test(a_deleted_working_directory_is_not_found),
      test(a_path_may_be_longer_than_path_max),
      test(home_is_what_the_environment_says),
      test(without_home_it_is_what_the_user_database_says),
      test(a_user_whom_the_database_lacks_has_no_home),
      test(the_first_variable_decides_where_temporary_files_go),
      test(one_slash_at_the_end_is_taken_off),
  };
  for (int i = 0; i < 4; i++)
    unsetenv(tmp_names[i]);
  return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
