/* Files: names and links, where that depends on modes, rights and the kernel. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/fs.h"

#include <errno.h>
#include <stdlib.h>

/* Newer processors only have the calls with directories. */
#if !defined(SYS_link)
#define SYS_link SYS_linkat
#define SYS_symlink SYS_symlinkat
#endif

/* -- Unlink ------------------------------------------------------------------------------------ */

static void unlinking_fails_as_unlink_does(void** state) {
  (void) state;
  assert_int_equal(mkdir("dir", 0755), 0);
  make_file("file", "");

  assert_int_equal(FS(unlink, "dir"), UV_EISDIR);
  assert_int_equal(FS(unlink, "file/x"), UV_ENOTDIR);
  assert_int_equal(FS(unlink, long_name()), UV_ENAMETOOLONG);
  unlink("file");
  rmdir("dir");
}

/* -- Rename ------------------------------------------------------------------------------------ */

static void renaming_fails_as_rename_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(mkdir("dir", 0755), 0);
  assert_int_equal(mkdir("full", 0755), 0);
  make_file("full/file", "");

  assert_int_equal(FS(rename, "file", "dir"), UV_EISDIR);
  assert_int_equal(FS(rename, "dir", "file"), UV_ENOTDIR);
  assert_int_equal(FS(rename, "dir", "dir/below"), UV_EINVAL);
  ssize_t r = FS(rename, "dir", "full");
  assert_true(r == UV_ENOTEMPTY || r == UV_EEXIST);
  unlink("full/file");
  rmdir("full");
  rmdir("dir");
  unlink("file");
}

/* -- Links ------------------------------------------------------------------------------------- */

child_function(link_with_too_many_names, fail_link(EMLINK), FS(link, "file", "x"));

static void linking_fails_as_link_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(mkdir("dir", 0755), 0);

  assert_int_equal(FS(link, "dir", "x"), UV_EPERM);
  int too_many = in_child(link_with_too_many_names);
  rmdir("dir");
  unlink("file");
  assert_int_equal(too_many, UV_EMLINK);
}

static void a_symbolic_link_has_the_text_given(void** state) {
  (void) state;
  assert_int_equal(FS(symlink, "where it may \xff point", "link", 0), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_SYMLINK);
  assert_string_equal(fs_req.path, "where it may \xff point");
  assert_int_equal(FS(readlink, "link"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_READLINK);
  assert_string_equal(fs_req.path, "link");
  assert_string_equal(fs_req.ptr, "where it may \xff point");

  /* The flags are for Windows. */
  assert_int_equal(FS(symlink, "x", "other", UV_FS_SYMLINK_DIR | UV_FS_SYMLINK_JUNCTION), 0);
  unlink("other");
  unlink("link");
}

child_function(symlink_without_support, fail_symlink(EPERM), FS(symlink, "x", "y", 0));

static void making_a_symbolic_link_fails_as_symlink_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(symlink, "x", "file", 0), UV_EEXIST);
  assert_int_equal(FS(symlink, "x", "none/link", 0), UV_ENOENT);
  assert_int_equal(FS(symlink, "", "link", 0), UV_ENOENT);
  assert_int_equal(FS(symlink, long_path(), "link", 0), UV_ENAMETOOLONG);
  unlink("file");
  assert_child(symlink_without_support, UV_EPERM);
}

static void links_of_any_length_are_read(void** state) {
  (void) state;
  const size_t lengths[] = {1, 127, 128, 255, 256, 257, 511, 512, 513, 1024, 4000, 4095};
  char text[4096];

  for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
    memset(text, 'a' + (int) i, lengths[i]);
    text[lengths[i]] = '\0';
    assert_int_equal(symlink(text, "link"), 0);
    assert_int_equal(FS(readlink, "link"), 0);
    assert_string_equal(fs_req.ptr, text);
    unlink("link");
  }
}

/* Its lstat(2) says that it has 0 bytes. */
static void links_of_the_kernel_are_read(void** state) {
  (void) state;
  char expected[4096] = "";

  assert_non_null(getcwd(expected, sizeof(expected)));
  assert_int_equal(FS(readlink, "/proc/self/cwd"), 0);
  assert_string_equal(fs_req.ptr, expected);
}

static void reading_a_link_fails_as_readlink_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(readlink, "file/x"), UV_ENOTDIR);
  unlink("file");
}

/* -- Realpath ---------------------------------------------------------------------------------- */

static void a_path_is_resolved(void** state) {
  (void) state;
  char expected[4096];

  assert_int_equal(mkdir("dir", 0755), 0);
  make_file("dir/file", "");
  assert_int_equal(symlink("dir/../dir", "link"), 0);
  snprintf(expected, sizeof(expected), "%s/dir/file", temp_dir);

  assert_int_equal(FS(realpath, "./link//../link/./file"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_REALPATH);
  assert_string_equal(fs_req.ptr, expected);
  assert_string_equal(fs_req.path, "./link//../link/./file");
  assert_int_equal(FS(realpath, "/"), 0);
  assert_string_equal(fs_req.ptr, "/");
  unlink("link");
  unlink("dir/file");
  rmdir("dir");
}

static void resolving_fails_as_realpath_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(symlink("self", "self"), 0);

  assert_int_equal(FS(realpath, "file/x"), UV_ENOTDIR);
  assert_int_equal(FS(realpath, "self"), UV_ELOOP);
  assert_int_equal(FS(realpath, long_name()), UV_ENAMETOOLONG);
  assert_null(fs_req.ptr);
  unlink("self");
  unlink("file");
}

/* Names that are too long together, and short enough one by one. */
static void a_path_that_grows_too_long_is_still_resolved(void** state) {
  (void) state;
  enum { DEPTH = 20 };
  char name[251] = "";
  size_t len = strlen(temp_dir) + DEPTH * sizeof(name);
  int r;

  memset(name, 'd', sizeof(name) - 1);
  for (int i = 0; i < DEPTH; i++) {
    assert_int_equal(mkdir(name, 0755), 0);
    assert_int_equal(chdir(name), 0);
  }
  r = (int) FS(realpath, ".");
  if (r == 0)
    assert_int_equal(strlen(fs_req.ptr), len);
  for (int i = 0; i < DEPTH; i++) {
    assert_int_equal(chdir(".."), 0);
    assert_int_equal(rmdir(name), 0);
  }
  /* Where the C library's getcwd(3) has no limit. */
  assert_true(r == 0 || r == UV_ENAMETOOLONG);
}

enum { SWAPS = 2000, LONG_LEN = 1000 };

static char long_target[LONG_LEN + 1];
static bool swaps_are_over;

/* Its text is short and long by turns; there is always one. */
static void swap_link(void* arg) {
  (void) arg;
  for (int i = 0; i < SWAPS; i++) {
    (void) !symlink(i % 2 == 0 ? long_target : "file", "next");
    (void) !rename("next", "link");
  }
  __atomic_store_n(&swaps_are_over, true, __ATOMIC_RELEASE);
}

/* Between the system calls of one request it may become longer or shorter. */
static void a_link_that_changes_is_read_as_it_was_at_one_moment(void** state) {
  uv_thread_t thread;

  (void) state;
  for (size_t i = 0; i < LONG_LEN; i += 2)
    memcpy(long_target + i, "./", 2);
  memcpy(long_target + LONG_LEN - 4, "file", 4);
  make_file("file", "");
  assert_int_equal(symlink("file", "link"), 0);
  swaps_are_over = false;
  assert_int_equal(uv_thread_create(&thread, swap_link, NULL), 0);
  do {
    assert_int_equal(FS(readlink, "link"), 0);
    if (strcmp(fs_req.ptr, "file") != 0)
      assert_string_equal(fs_req.ptr, long_target);
    assert_int_equal(FS(realpath, "link"), 0);
    assert_string_equal(strrchr(fs_req.ptr, '/'), "/file");
  } while (!__atomic_load_n(&swaps_are_over, __ATOMIC_ACQUIRE));
  assert_int_equal(uv_thread_join(&thread), 0);
  unlink("link");
  unlink("file");
}

/* -- Directories ------------------------------------------------------------------------------- */

static void making_a_directory_fails_as_mkdir_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(mkdir, ".", 0755), UV_EEXIST);
  assert_int_equal(FS(mkdir, "file/dir", 0755), UV_ENOTDIR);
  assert_int_equal(FS(mkdir, long_name(), 0755), UV_ENAMETOOLONG);
  unlink("file");
}

static void removing_a_directory_fails_as_rmdir_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(rmdir, "file"), UV_ENOTDIR);
  unlink("file");
}

/* -- Temporary names --------------------------------------------------------------------------- */

static void temporary_names_fail_as_other_names_do(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(mkdtemp, "file/XXXXXX"), UV_ENOTDIR);
  assert_int_equal(FS(mkstemp, "file/XXXXXX"), UV_ENOTDIR);
  unlink("file");
}

static void a_template_is_whole_again_after_a_failure(void** state) {
  (void) state;
  assert_int_equal(FS(mkdtemp, "none/XXXXXX"), UV_ENOENT);
  assert_string_equal(fs_req.path, "none/XXXXXX");
}

child_function(mkstemp_without_descriptors, fail_open(EMFILE), FS(mkstemp, "XXXXXX"));
child_function(mkstemp_with_full_table, fail_open(ENFILE), FS(mkstemp, "XXXXXX"));

static void a_temporary_file_needs_a_descriptor(void** state) {
  (void) state;
  assert_child(mkstemp_without_descriptors, UV_EMFILE);
  assert_child(mkstemp_with_full_table, UV_ENFILE);
}

/* -- Privileges and file systems --------------------------------------------------------------- */

/* What nobody may do with files in a directory of somebody else. `denied/` may be read and
 * searched, `closed/` not even searched. */
child_function(unlink_denied, become_nobody(), FS(unlink, "denied/file"));
child_function(rename_denied, become_nobody(), FS(rename, "denied/file", "denied/new"));
child_function(link_denied, become_nobody(), FS(link, "open", "denied/new"));
child_function(symlink_denied, become_nobody(), FS(symlink, "x", "denied/new", 0));
child_function(readlink_denied, become_nobody(), FS(readlink, "closed/link"));
child_function(realpath_denied, become_nobody(), FS(realpath, "closed/link"));
child_function(mkdir_denied, become_nobody(), FS(mkdir, "denied/new", 0755));
child_function(rmdir_denied, become_nobody(), FS(rmdir, "denied/dir"));
child_function(mkdtemp_denied, become_nobody(), FS(mkdtemp, "denied/XXXXXX"));
child_function(mkstemp_denied, become_nobody(), FS(mkstemp, "denied/XXXXXX"));

static void what_is_not_allowed_is_refused(void** state) {
  (void) state;
  int (*const operations[])(void) = {
      unlink_denied,   rename_denied, link_denied,  symlink_denied, readlink_denied,
      realpath_denied, mkdir_denied,  rmdir_denied, mkdtemp_denied, mkstemp_denied,
  };
  enum { COUNT = sizeof(operations) / sizeof(operations[0]) };
  int answers[COUNT];

  make_file("open", "");
  assert_int_equal(mkdir("denied", 0755), 0);
  assert_int_equal(mkdir("denied/dir", 0755), 0);
  make_file("denied/file", "");
  assert_int_equal(mkdir("closed", 0755), 0);
  assert_int_equal(symlink("x", "closed/link"), 0);
  chmod("open", 0666);
  chmod("denied", 0555);
  chmod("closed", geteuid() == 0 ? 0700 : 0);
  for (int i = 0; i < COUNT; i++)
    answers[i] = in_child(operations[i]);
  chmod("denied", 0755);
  chmod("closed", 0755);
  unlink("closed/link");
  rmdir("closed");
  unlink("denied/file");
  rmdir("denied/dir");
  rmdir("denied");
  unlink("open");

  for (int i = 0; i < COUNT; i++)
    assert_int_equal(answers[i], UV_EACCES);
}

/* In a directory with the sticky bit, only owners remove and rename. */
child_function(unlink_in_sticky_directory, become_nobody(), FS(unlink, "sticky/file"));
child_function(rename_in_sticky_directory, become_nobody(),
               FS(rename, "sticky/file", "sticky/new"));
child_function(rmdir_in_sticky_directory, become_nobody(), FS(rmdir, "sticky/dir"));

static void a_sticky_directory_keeps_the_files_of_others(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("making files of another user needs privileges that this process lacks\n");
    skip();
  }
  assert_int_equal(mkdir("sticky", 0755), 0);
  chmod("sticky", 01777);
  make_file("sticky/file", "");
  assert_int_equal(mkdir("sticky/dir", 0755), 0);
  int unlinked = in_child(unlink_in_sticky_directory);
  int renamed = in_child(rename_in_sticky_directory);
  int removed = in_child(rmdir_in_sticky_directory);

  unlink("sticky/file");
  rmdir("sticky/dir");
  rmdir("sticky");
  assert_int_equal(unlinked, UV_EPERM);
  assert_int_equal(renamed, UV_EPERM);
  assert_int_equal(removed, UV_EPERM);
}

child_function(rename_across, mount_small("other", 0), FS(rename, "file", "other/file"));
child_function(link_across, mount_small("other", 0), FS(link, "file", "other/file"));
child_function(rmdir_mounted, mount_small("other", 0), FS(rmdir, "other"));
child_function(mkdir_read_only, mount_small("other", MS_RDONLY), FS(mkdir, "other/dir", 0755));

static void other_file_systems_are_other_places(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(mkdir("other", 0755), 0);
  int renamed = in_child(rename_across);
  int linked = in_child(link_across);
  int removed = in_child(rmdir_mounted);
  int made = in_child(mkdir_read_only);

  rmdir("other");
  unlink("file");
  if (renamed == CHILD_CANNOT) {
    print_message("mounting needs privileges that this process lacks\n");
    skip();
  }
  assert_int_equal(renamed, UV_EXDEV);
  assert_int_equal(linked, UV_EXDEV);
  assert_int_equal(removed, UV_EBUSY);
  assert_int_equal(made, UV_EROFS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(unlinking_fails_as_unlink_does),
      both_tests(renaming_fails_as_rename_does),
      both_tests(linking_fails_as_link_does),
      both_tests(a_symbolic_link_has_the_text_given),
      both_tests(making_a_symbolic_link_fails_as_symlink_does),
      both_tests(links_of_any_length_are_read),
      both_tests(links_of_the_kernel_are_read),
      both_tests(reading_a_link_fails_as_readlink_does),
      both_tests(a_path_is_resolved),
      both_tests(resolving_fails_as_realpath_does),
      both_tests(a_link_that_changes_is_read_as_it_was_at_one_moment),
      both_tests(a_path_that_grows_too_long_is_still_resolved),
      both_tests(making_a_directory_fails_as_mkdir_does),
      both_tests(removing_a_directory_fails_as_rmdir_does),
      both_tests(temporary_names_fail_as_other_names_do),
      newer_both_tests(a_template_is_whole_again_after_a_failure),
      sync_test(a_temporary_file_needs_a_descriptor),
      sync_test(what_is_not_allowed_is_refused),
      sync_test(a_sticky_directory_keeps_the_files_of_others),
      sync_test(other_file_systems_are_other_places),
  };
  return cmocka_run_group_tests_name("fs_names_unix", tests, NULL, NULL);
}
