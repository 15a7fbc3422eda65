/* What a child is started with on POSIX: program, environment, directory, user. The tests run for
 * both ways of making a child. What needs an ordinary user, or changes the process, is done in a
 * fork of the test; there, a number other than 0 says where it failed. */
#include "support/descriptors.h"
#include "support/spawn_fork.h"
#include "support/temp_dir.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { NOBODY = 65534 };

/* -- What a child is started with -------------------------------------------------------------- */

static void arguments_may_be_any_bytes(void** state) {
  struct loop_fixture* f = *state;

  prepare("args", "\xff\x01");
  args[0] = (char*) (uintptr_t) "\xfe";
  assert_string_equal(output_of_child(f), "\xfe\nargs\n\xff\x01\n");
}

static void arguments_may_be_null(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.args = NULL;
  expect_exit(f, 0, 0);
}

static void environment_is_the_whole_one_given(void** state) {
  struct loop_fixture* f = *state;
  char* env[] = {(char*) (uintptr_t) "ONE=1", (char*) (uintptr_t) "TWO=zwei", NULL};

  prepare("env");
  options.env = env;
  assert_string_equal(output_of_child(f), "ONE=1\nTWO=zwei\n");
}

static void directory_is_the_one_given(void** state) {
  struct loop_fixture* f = *state;

  prepare("directory");
  options.cwd = "/usr";
  assert_string_equal(output_of_child(f), "/usr");
}

static void directory_that_is_none_is_an_error(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.cwd = "/dev/null";
  expect_failure(f, UV_ENOTDIR);
}

static void detached_child_has_a_session_of_its_own(void** state) {
  struct loop_fixture* f = *state;

  prepare("session");
  assert_string_equal(output_of_child(f), "0");
  prepare("session");
  options.flags = UV_PROCESS_DETACHED;
  assert_string_equal(output_of_child(f), "1");
}

static void flags_of_windows_are_ignored(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "3");
  options.flags = UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS | UV_PROCESS_WINDOWS_HIDE |
                  UV_PROCESS_WINDOWS_HIDE_CONSOLE | UV_PROCESS_WINDOWS_HIDE_GUI;
  expect_exit(f, 3, 0);
}

/* -- Finding the program ----------------------------------------------------------------------- */

static int make_dir(void** state) {
  temp_dir_make();
  return loop_setup(state);
}

static int remove_dir(void** state) {
  int r = loop_teardown(state);
  temp_dir_remove();
  return r;
}

static void write_file(const char* path, const char* text, mode_t mode) {
  FILE* file = fopen(path, "w");

  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  assert_int_equal(chmod(path, mode), 0);
}

static const char* env_path(const char* format, const char* directory) {
  static char entry[512];

  strcpy(entry, "PATH=");
  snprintf(entry + 5, sizeof(entry) - 5, format, directory);
  return entry;
}

static void prepare_search(const char* file, const char* path_entry) {
  static char* env[3];

  prepare_program(file, (const char* const[]){"script argument", NULL});
  env[0] = (char*) (uintptr_t) "OTHER=1";
  env[1] = (char*) (uintptr_t) path_entry;
  options.env = env;
}

static void program_is_searched_in_the_path_given(void** state) {
  struct loop_fixture* f = *state;
  const char* program = temp_path("program");

  write_file(program, "#!/bin/sh\nexit 11\n", 0755);
  prepare_search("program", env_path("/nonexistent:/dev/null:%s:/usr/bin", temp_dir));
  expect_exit(f, 11, 0);
  unlink(program);
}

static void program_is_searched_in_the_parents_path(void** state) {
  struct loop_fixture* f = *state;
  const char* program = temp_path("program");
  char* before = strdup(getenv("PATH"));

  write_file(program, "#!/bin/sh\nexit 12\n", 0755);
  setenv("PATH", temp_dir, 1);
  prepare_search("program", NULL);
  options.env = NULL;
  expect_exit(f, 12, 0);
  setenv("PATH", before, 1);
  free(before);
  unlink(program);
}

static void empty_element_is_the_new_directory(void** state) {
  struct loop_fixture* f = *state;
  const char* program = temp_path("program");

  write_file(program, "#!/bin/sh\nexit 13\n", 0755);
  prepare_search("program", "PATH=/nonexistent:");
  options.cwd = temp_dir;
  expect_exit(f, 13, 0);
  unlink(program);
}

static void path_with_a_slash_is_relative_to_the_new_directory(void** state) {
  struct loop_fixture* f = *state;
  const char* program = temp_path("program");

  write_file(program, "#!/bin/sh\nexit 14\n", 0755);
  prepare_search("./program", "PATH=/nonexistent");
  options.cwd = temp_dir;
  expect_exit(f, 14, 0);
  unlink(program);
}

static void without_a_path_the_systems_is_searched(void** state) {
  struct loop_fixture* f = *state;

  prepare_program("sh", (const char* const[]){"-c", "exit 15", NULL});
  options.env = (char*[]){(char*) (uintptr_t) "OTHER=1", NULL};
  expect_exit(f, 15, 0);
}

static void search_goes_on_behind_a_file_that_may_not_be_executed(void** state) {
  struct loop_fixture* f = *state;
  char path[256];

  write_file(temp_path("program"), "#!/bin/sh\nexit 16\n", 0644);
  prepare_search("program", env_path("%s:/usr/bin", temp_dir));
  expect_failure(f, UV_EACCES); /* remembered until the end */

  assert_int_equal(mkdir(temp_path("more"), 0755), 0);
  write_file(temp_path("more/program"), "#!/bin/sh\nexit 16\n", 0755);
  snprintf(path, sizeof(path), "%s:%s/more", temp_dir, temp_dir);
  prepare_search("program", env_path("%s", path));
  expect_exit(f, 16, 0);
  unlink(temp_path("more/program"));
  rmdir(temp_path("more"));
  unlink(temp_path("program"));
}

/* As execvp(3) has it. */
static void text_without_interpreter_is_run_by_the_shell(void** state) {
  struct loop_fixture* f = *state;
  const char* program = temp_path("program");

  write_file(program, "test \"$1\" = 'script argument' && exit 17\n", 0755);
  prepare_search(program, "PATH=/nonexistent");
  expect_exit(f, 17, 0);
  prepare_search("program", env_path("/nonexistent:%s", temp_dir));
  expect_exit(f, 17, 0);
  prepare_search(program, "PATH=/nonexistent");
  args[0] = NULL;
  expect_exit(f, 1, 0);
  unlink(program);
}

static void program_that_cannot_be_executed_is_an_error(void** state) {
  struct loop_fixture* f = *state;
  static char long_name[300];
  const char* loop_link = temp_path("loop");

  memset(long_name, 'n', sizeof(long_name) - 1);
  assert_int_equal(symlink("loop", loop_link), 0);
  const struct {
    const char* file;
    int err;
  } cases[] = {
      {"/nonexistent", UV_ENOENT},
      {"no-such-program-anywhere", UV_ENOENT},
      {"", UV_ENOENT},
      {"/dev/null/program", UV_ENOTDIR},
      {"/etc", UV_EACCES},
      {"/etc/passwd", UV_EACCES},
      {loop_link, UV_ELOOP},
      {long_name, UV_ENAMETOOLONG},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    prepare_search(cases[i].file, "PATH=/usr/bin:/bin");
    expect_failure(f, cases[i].err);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
  }
  unlink(loop_link);
}

/* -- Users ------------------------------------------------------------------------------------- */

static const char* ids_of_child(struct loop_fixture* f, unsigned int flags, int uid, int gid) {
  prepare_shell("id -u; id -g; id -G");
  options.flags = flags;
  options.uid = (uv_uid_t) uid;
  options.gid = (uv_gid_t) gid;
  return output_of_child(f);
}

static void root_may_start_children_as_others(void** state) {
  struct loop_fixture* f = *state;

  if (!is_root())
    skip();
  assert_string_equal(ids_of_child(f, UV_PROCESS_SETUID | UV_PROCESS_SETGID, NOBODY, 12345),
                      "65534\n12345\n12345\n");
  assert_string_equal(ids_of_child(f, UV_PROCESS_SETUID, NOBODY, 12345), "65534\n0\n0\n");
  assert_string_equal(ids_of_child(f, UV_PROCESS_SETGID, NOBODY, 12345), "0\n12345\n12345\n");
  assert_string_equal(ids_of_child(f, 0, NOBODY, 12345), "0\n0\n0\n");
  assert_int_equal(geteuid(), 0);
  assert_int_equal(getegid(), 0);
}

/* A kernel takes the right to dump core from memory that another user had as well. */
static void parent_can_still_be_dumped(void** state) {
  struct loop_fixture* f = *state;

  if (!is_root())
    skip();
  assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
  ids_of_child(f, UV_PROCESS_SETUID | UV_PROCESS_SETGID, NOBODY, NOBODY);
  assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
}

static int act_as_nobody(void) {
  uv_loop_t loop;
  int end;

  if (is_root()) {
    gid_t group = 12345;
    if (setgroups(1, &group) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
      return 1;
  }
  prepare_shell("exit 4");
  if (spawn_and_wait(&loop) != 4)
    return 2;
  prepare_shell("exit 0");
  options.flags = UV_PROCESS_SETUID;
  options.uid = 0;
  if (spawn_and_wait(&loop) != UV_EPERM)
    return 3;
  options.flags = UV_PROCESS_SETGID;
  options.gid = 0;
  if (spawn_and_wait(&loop) != UV_EPERM)
    return 4;
  /* One's own ids are allowed, though the groups cannot be dropped. */
  prepare_shell("exit 5");
  options.flags = UV_PROCESS_SETUID | UV_PROCESS_SETGID;
  options.uid = getuid();
  options.gid = getgid();
  if (spawn_and_wait(&loop) != 5)
    return 5;
  prepare_program(temp_path("program"), (const char* const[]){NULL});
  if (spawn_and_wait(&loop) != UV_EACCES)
    return 6;
  prepare_shell("exit 0");
  options.cwd = temp_dir;
  if (spawn_and_wait(&loop) != UV_EACCES)
    return 7;
  /* No process more for this user. */
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_NPROC, &none);
  prepare_shell("exit 0");
  end = spawn_and_wait(&loop);
  return end == UV_EAGAIN ? 0 : 8;
}

static void ordinary_user_has_his_limits(void** state) {
  const char* program = temp_path("program");

  (void) state;
  if (!is_root())
    skip();
  write_file(program, "#!/bin/sh\n", 0700);
  chmod(temp_dir, 0700);
  expect_in_fork(act_as_nobody);
  unlink(program);
}

static int act_as_init(void) {
  uv_loop_t loop;
  int status;
  pid_t init;

  if (unshare(CLONE_NEWPID) != 0)
    return 77;
  init = fork();
  if (init == 0) {
    if (getpid() != 1)
      _exit(1);
    /* An orphan becomes ours: its end is not mistaken for that of a child. */
    prepare_shell("(exec sleep 0.05) & exit 6");
    if (spawn_and_wait(&loop) != 6)
      _exit(2);
    prepare_shell("kill -TERM $$");
    _exit(spawn_and_wait(&loop) == 1000 + SIGTERM ? 0 : 3);
  }
  waitpid(init, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

static void process_one_may_have_children(void** state) {
  pid_t pid = fork();
  int status;

  (void) state;
  if (pid == 0) {
    alarm(PATIENCE_S);
    _exit(act_as_init());
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    skip(); /* no right to make a pid namespace */
  assert_int_equal(status, 0);
}

/* -- Running ----------------------------------------------------------------------------------- */

#define dir_test(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(arguments_may_be_any_bytes),
      newer_loop_test(arguments_may_be_null),
      loop_test(environment_is_the_whole_one_given),
      loop_test(directory_is_the_one_given),
      loop_test(directory_that_is_none_is_an_error),
      loop_test(detached_child_has_a_session_of_its_own),
      loop_test(flags_of_windows_are_ignored),
      dir_test(program_is_searched_in_the_path_given),
      dir_test(program_is_searched_in_the_parents_path),
      dir_test(empty_element_is_the_new_directory),
      dir_test(path_with_a_slash_is_relative_to_the_new_directory),
      loop_test(without_a_path_the_systems_is_searched),
      dir_test(search_goes_on_behind_a_file_that_may_not_be_executed),
      dir_test(text_without_interpreter_is_run_by_the_shell),
      dir_test(program_that_cannot_be_executed_is_an_error),
      loop_test(root_may_start_children_as_others),
      loop_test(parent_can_still_be_dumped),
      dir_test(ordinary_user_has_his_limits),
      cmocka_unit_test(process_one_may_have_children),
  };
  return run_spawn_tests("program of a child of POSIX", tests);
}
