/* Files: reading directories, where that depends on devices, rights and limits. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/fs_dir.h"

#include <dirent.h>
#include <errno.h>

/* -- Scandir ----------------------------------------------------------------------------------- */

static void devices_are_told_apart(void** state) {
  (void) state;
  uv_dirent_t entry;
  uv_dirent_type_t type = UV_DIRENT_FILE;

  assert_true(FS(scandir, "/dev", 0) > 0);
  while (uv_fs_scandir_next(&fs_req, &entry) == 0)
    if (strcmp(entry.name, "null") == 0)
      type = entry.type;
  assert_type(type, UV_DIRENT_CHAR);
}

/* -- Opendir, readdir, closedir ---------------------------------------------------------------- */

static void an_open_directory_is_close_on_exec(void** state) {
  (void) state;
  uv_dir_t* dir = open_dir(".");

  assert_true(is_cloexec(dirfd(dir->dir)));
  close_dir(dir);
}

static void a_directory_needs_a_descriptor(void** state) {
  (void) state;
  fs_warm_up();
  struct rlimit before = limit_descriptors(0);
  int opened = (int) FS(opendir, ".");
  int scanned = (int) FS(scandir, ".", 0);
  unlimit_descriptors(&before);
  assert_int_equal(opened, UV_EMFILE);
  assert_int_equal(scanned, UV_EMFILE);
}

child_function(scan_as_nobody, become_nobody(), FS(scandir, "closed", 0));
child_function(open_as_nobody, become_nobody(), FS(opendir, "closed"));
child_function(open_with_full_table, fail_open(ENFILE), FS(opendir, "."));

static void what_is_not_allowed_is_not_read(void** state) {
  (void) state;
  assert_int_equal(mkdir("closed", 0755), 0);
  chmod("closed", geteuid() == 0 ? 0700 : 0);
  int scanned = in_child(scan_as_nobody);
  int opened = in_child(open_as_nobody);

  rmdir("closed");
  assert_int_equal(scanned, UV_EACCES);
  assert_int_equal(opened, UV_EACCES);
  assert_child(open_with_full_table, UV_ENFILE);
}

/* -- Errors of reading ------------------------------------------------------------------------- */

static int read_broken(void) {
  uv_dirent_t entry = {.name = NULL};
  uv_dir_t* dir;
  int r;

  if (FS(opendir, ".") != 0)
    return 1;
  dir = fs_req.ptr;
  dir->dirents = &entry;
  dir->nentries = 1;
  if (fail_syscall(SYS_getdents64, EIO) != 0)
    return CHILD_CANNOT;
  r = (int) FS(readdir, dir);
  return FS(closedir, dir) == 0 ? r : 1;
}

child_function(scan_broken, fail_syscall(SYS_getdents64, EIO), FS(scandir, ".", 0));

static void the_error_of_reading_is_told(void** state) {
  (void) state;
  assert_child(read_broken, UV_EIO);
  assert_child(scan_broken, UV_EIO);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(devices_are_told_apart),         both_tests(an_open_directory_is_close_on_exec),
      both_tests(a_directory_needs_a_descriptor), sync_test(what_is_not_allowed_is_not_read),
      sync_test(the_error_of_reading_is_told),
  };
  return cmocka_run_group_tests_name("fs_dir_unix", tests, NULL, NULL);
}
