/* Files: opening and closing, where that depends on modes, the kernel and its limits. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/fs.h"

#include <errno.h>

/* -- Open -------------------------------------------------------------------------------------- */

static void new_files_have_the_mode_less_the_umask(void** state) {
  (void) state;
  mode_t before = umask(027);
  int fd = (int) FS(open, "new", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0666);

  umask(before);
  assert_true(fd >= 0);
  assert_int_equal(stat_of("new").st_mode, S_IFREG | 0640);
  assert_int_equal(FS(close, fd), 0);
  unlink("new");
}

static void the_mode_of_an_existing_file_stays(void** state) {
  (void) state;
  make_file("file", "");
  chmod("file", 0604);
  int fd = (int) FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0777);

  assert_int_equal(stat_of("file").st_mode & 07777, 0604);
  assert_int_equal(FS(close, fd), 0);
  unlink("file");
}

static void names_are_any_bytes(void** state) {
  (void) state;
  char name[256];

  for (int i = 0; i < 255; i++)
    name[i] = (char) (i + 1 == '/' ? 'x' : i + 1);
  name[255] = '\0';
  int fd = (int) FS(open, name, UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_EXCL, 0600);

  assert_true(fd >= 0);
  close(fd);
  assert_true(exists(name));
  assert_int_equal(FS(unlink, name), 0);
  assert_false(exists(name));
}

static void paths_can_be_as_long_as_the_kernel_allows(void** state) {
  (void) state;
  char path[4096] = "";
  size_t len = sizeof(path) - 1 - strlen("f");

  while (strlen(path) + 2 <= len)
    strcat(path, "./");
  while (strlen(path) < len)
    strcat(path, "/");
  strcat(path, "f");
  make_file("f", "");
  int fd = (int) FS(open, path, UV_FS_O_RDONLY, 0);

  assert_true(fd >= 0);
  close(fd);
  unlink("f");
}

static void opening_fails_as_open_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(symlink("self", "self"), 0);

  assert_int_equal(FS(open, "file/file", UV_FS_O_RDONLY, 0), UV_ENOTDIR);
  assert_int_equal(uv_fs_get_system_error(&fs_req), ENOTDIR);
  assert_int_equal(FS(open, ".", UV_FS_O_WRONLY, 0), UV_EISDIR);
  assert_int_equal(FS(open, "self", UV_FS_O_RDONLY, 0), UV_ELOOP);
  assert_int_equal(FS(open, long_path(), UV_FS_O_RDONLY, 0), UV_ENAMETOOLONG);
  assert_int_equal(FS(open, ".", UV_FS_O_RDONLY | O_TMPFILE, 0), UV_EINVAL);
  unlink("self");
  unlink("file");
}

static void opening_without_descriptors_left_fails(void** state) {
  (void) state;
  fs_warm_up();
  struct rlimit before = limit_descriptors(0);
  int r = (int) FS(open, ".", UV_FS_O_RDONLY, 0);

  unlimit_descriptors(&before);
  assert_int_equal(r, UV_EMFILE);
}

child_function(open_of_roots, become_nobody(), FS(open, "roots", UV_FS_O_RDONLY, 0));
child_function(open_in_roots_directory, become_nobody(),
               FS(open, "new", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0600));
child_function(open_with_full_table, fail_open(ENFILE), FS(open, ".", UV_FS_O_RDONLY, 0));
child_function(open_what_is_forbidden, fail_open(EPERM), FS(open, ".", UV_FS_O_RDONLY, 0));

static void what_is_not_allowed_is_not_opened(void** state) {
  (void) state;
  make_file("roots", "secret");
  chmod("roots", geteuid() == 0 ? 0600 : 0);
  chmod(".", 0555);
  int open_file = in_child(open_of_roots);
  int create = in_child(open_in_roots_directory);

  chmod(".", 0755);
  unlink("roots");
  assert_int_equal(open_file, UV_EACCES);
  assert_int_equal(create, UV_EACCES);
  assert_child(open_what_is_forbidden, UV_EPERM);
  assert_child(open_with_full_table, UV_ENFILE);
}

static int open_as_descriptor_0(void) {
  close(0);
  return (int) FS(open, ".", UV_FS_O_RDONLY, 0);
}

static void descriptor_0_is_a_result(void** state) {
  (void) state;
  assert_child(open_as_descriptor_0, 0);
}

/* -- Close ------------------------------------------------------------------------------------- */

static int close_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (FS(close, fd) != 0 || is_open(fd))
      return 1;
  return 0;
}

static void descriptors_0_to_2_are_closed_as_others(void** state) {
  (void) state;
  assert_child(close_standard_descriptors, 0);
}

static int close_with(int err) {
  return fail_syscall(SYS_close, err) != 0 ? CHILD_CANNOT : (int) FS(close, 0);
}

static int close_interrupted(void) {
  return close_with(EINTR);
}

static int close_in_progress(void) {
  return close_with(EINPROGRESS);
}

static int close_after_failed_write(void) {
  return close_with(EIO);
}

static int close_on_full_disk(void) {
  return close_with(ENOSPC);
}

static void a_close_that_was_interrupted_is_one(void** state) {
  (void) state;
  assert_child(close_interrupted, 0);
  assert_child(close_in_progress, 0);
}

static void closing_tells_of_writes_that_failed(void** state) {
  (void) state;
  assert_child(close_after_failed_write, UV_EIO);
  assert_child(close_on_full_disk, UV_ENOSPC);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(new_files_have_the_mode_less_the_umask),
      both_tests(the_mode_of_an_existing_file_stays),
      both_tests(names_are_any_bytes),
      both_tests(paths_can_be_as_long_as_the_kernel_allows),
      both_tests(opening_fails_as_open_does),
      both_tests(opening_without_descriptors_left_fails),
      sync_test(what_is_not_allowed_is_not_opened),
      sync_test(descriptor_0_is_a_result),
      sync_test(descriptors_0_to_2_are_closed_as_others),
      sync_test(a_close_that_was_interrupted_is_one),
      sync_test(closing_tells_of_writes_that_failed),
  };
  return cmocka_run_group_tests_name("fs_open_unix", tests, NULL, NULL);
}
