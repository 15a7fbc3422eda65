/* Files: opening and closing. */
#include "support/descriptors.h"
#include "support/fs.h"

/* -- Open -------------------------------------------------------------------------------------- */

static void opening_gives_a_descriptor(void** state) {
  (void) state;
  make_file("file", "text");
  int fd = (int) FS(open, "file", UV_FS_O_RDONLY, 0);
  char text[5] = "";

  assert_true(fd >= 0);
  assert_int_equal(fs_req.fs_type, UV_FS_OPEN);
  assert_string_equal(fs_req.path, "file");
  assert_null(fs_req.ptr);
  assert_int_equal(read(fd, text, 4), 4);
  assert_string_equal(text, "text");
  assert_int_equal(close(fd), 0);
  unlink("file");
}

static void descriptors_are_close_on_exec(void** state) {
  (void) state;
  int fd = (int) FS(open, ".", UV_FS_O_RDONLY | UV_FS_O_DIRECTORY, 0);

  assert_true(is_cloexec(fd));
  assert_int_equal(FS(close, fd), 0);
}

static void truncating_empties_and_appending_goes_to_the_end(void** state) {
  (void) state;
  make_file("file", "old");
  int fd = (int) FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_APPEND, 0);

  assert_int_equal(write(fd, "+", 1), 1);
  close(fd);
  assert_file_holds("file", "old+");
  fd = (int) FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_TRUNC, 0);
  close(fd);
  assert_file_holds("file", "");
  unlink("file");
}

static void a_directory_can_be_opened_for_reading(void** state) {
  (void) state;
  int fd = (int) FS(open, temp_dir, UV_FS_O_RDONLY, 0);

  assert_true(fd >= 0);
  assert_int_equal(FS(close, fd), 0);
}

static void opening_fails_for_what_is_not_there_or_already_there(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(open, "none", UV_FS_O_RDONLY, 0), UV_ENOENT);
  assert_int_equal(fs_req.result, UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(uv_translate_sys_error(uv_fs_get_system_error(&fs_req)), UV_ENOENT);
  assert_int_equal(FS(open, "", UV_FS_O_RDONLY, 0), UV_ENOENT);
  assert_int_equal(FS(open, "none/file", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0600), UV_ENOENT);
  assert_int_equal(FS(open, "none", UV_FS_O_WRONLY | UV_FS_O_TRUNC, 0), UV_ENOENT);
  for (int i = 0; i < 2; i++)
    assert_int_equal(FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_EXCL, 0), UV_EEXIST);
  assert_int_equal(FS(open, long_name(), UV_FS_O_RDONLY, 0), UV_ENAMETOOLONG);
  unlink("file");
}

/* -- Close ------------------------------------------------------------------------------------- */

static void closing_closes(void** state) {
  (void) state;
  int fd = open(".", O_RDONLY);

  assert_int_equal(FS(close, fd), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_CLOSE);
  assert_null(fs_req.path);
  assert_null(fs_req.ptr);
  assert_false(is_open(fd));
}

static void closing_what_is_not_open_fails(void** state) {
  (void) state;
  fs_warm_up();
  int fd = open(".", O_RDONLY);

  close(fd);
  assert_int_equal(FS(close, fd), UV_EBADF);
  assert_int_equal(FS(close, -1), UV_EBADF);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(opening_gives_a_descriptor),
      both_tests(descriptors_are_close_on_exec),
      both_tests(truncating_empties_and_appending_goes_to_the_end),
      both_tests(a_directory_can_be_opened_for_reading),
      both_tests(opening_fails_for_what_is_not_there_or_already_there),
      both_tests(closing_closes),
      both_tests(closing_what_is_not_open_fails),
  };
  return cmocka_run_group_tests_name("fs_open", tests, NULL, NULL);
}
