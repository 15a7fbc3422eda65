/* Files: opening, reading and writing, on Windows alone. */
#include "support/descriptors.h"
#include "support/win/fs_calls.h"

static DWORD attributes_of(const char* name) {
  return GetFileAttributesW(wide_name(name));
}

/* -- Errors ------------------------------------------------------------------------------------ */

static void the_systems_own_code_is_told(void** state) {
  (void) state;
  assert_int_equal(FS(stat, "none"), UV_ENOENT);
  assert_int_equal(uv_fs_get_system_error(&fs_req), ERROR_FILE_NOT_FOUND);
  assert_int_equal(FS(open, "none/file", UV_FS_O_RDONLY, 0), UV_ENOENT);
  assert_int_equal(uv_fs_get_system_error(&fs_req), ERROR_PATH_NOT_FOUND);
  assert_int_equal(FS(stat, "."), 0);
  assert_int_equal(uv_fs_get_system_error(&fs_req), 0);
}

static void names_that_are_no_wtf8_are_not_there(void** state) {
  (void) state;
  assert_int_equal(FS(stat, "\xff"), UV_ENOENT);
  assert_int_equal(uv_fs_get_system_error(&fs_req), ERROR_INVALID_NAME);
  assert_int_equal(FS(rename, "x", "\xc3"), UV_ENOENT);
  assert_int_equal(FS(mkdir, "\xf8", 0), UV_ENOENT);
  assert_null(fs_req.ptr);
}

/* -- Open -------------------------------------------------------------------------------------- */

static void flags_that_exclude_each_other_are_refused(void** state) {
  (void) state;
  const int flags[] = {
      UV_FS_O_RDWR | UV_FS_O_WRONLY,
      UV_FS_O_RDONLY | UV_FS_O_RANDOM | UV_FS_O_SEQUENTIAL,
      UV_FS_O_RDWR | UV_FS_O_SYNC | UV_FS_O_DSYNC,
      UV_FS_O_WRONLY | UV_FS_O_APPEND | UV_FS_O_DIRECT,
  };

  for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
    assert_int_equal(FS(open, "file", flags[i] | UV_FS_O_CREAT, 0644), UV_EINVAL);
    assert_int_equal(uv_fs_get_system_error(&fs_req), ERROR_INVALID_PARAMETER);
    assert_false(exists("file"));
  }
}

static void hints_change_nothing_that_is_seen(void** state) {
  (void) state;
  const int hints[] = {UV_FS_O_RANDOM, UV_FS_O_SEQUENTIAL, UV_FS_O_SHORT_LIVED, UV_FS_O_SYNC,
                       UV_FS_O_DSYNC};

  for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
    char text[8] = "";
    int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT | hints[i]);

    assert_int_equal(write_text(fd, "text", -1), 4);
    assert_int_equal(read_some(fd, text, 8, 0), 4);
    assert_string_equal(text, "text");
    close_file(fd);
    assert_int_equal(FS(unlink, "file"), 0);
  }
}

static void a_locked_file_is_opened_once(void** state) {
  (void) state;
  int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT | UV_FS_O_EXLOCK);

  assert_int_equal(FS(open, "file", UV_FS_O_RDONLY, 0), UV_EBUSY);
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDONLY | UV_FS_O_EXLOCK);
  assert_int_equal(FS(open, "file", UV_FS_O_RDONLY | UV_FS_O_EXLOCK, 0), UV_EBUSY);
  close_file(fd);
  close_file(open_file("file", UV_FS_O_RDONLY));
  unlink("file");
}

static void an_open_file_can_be_renamed_and_removed(void** state) {
  (void) state;
  char text[8] = "";

  make_file("file", "text");
  int fd = open_file("file", UV_FS_O_RDONLY);

  assert_int_equal(FS(rename, "file", "new"), 0);
  assert_int_equal(FS(unlink, "new"), 0);
  assert_int_equal(read_some(fd, text, 8, 0), 4);
  assert_string_equal(text, "text");
  close_file(fd);
  assert_false(exists("new"));
}

static void a_temporary_file_goes_with_its_last_descriptor(void** state) {
  (void) state;
  int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT | UV_FS_O_TEMPORARY);

  assert_int_equal(write_text(fd, "x", -1), 1);
  close_file(fd);
  assert_false(exists("file"));
}

/* Wine lets the superuser write what is read-only. "file" is. */
static bool has_all_rights(void) {
  HANDLE file = CreateFileW(L"file", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

  if (file == INVALID_HANDLE_VALUE)
    return false;
  CloseHandle(file);
  return true;
}

static void files_without_the_owners_right_to_write_are_read_only(void** state) {
  (void) state;
  close_file((int) FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0444));
  assert_true(attributes_of("file") & FILE_ATTRIBUTE_READONLY);
  assert_int_equal(FS(stat, "file"), 0);
  assert_int_equal(fs_req.statbuf.st_mode, _S_IFREG | 0444);
  if (!has_all_rights())
    assert_int_equal(FS(open, "file", UV_FS_O_WRONLY, 0), UV_EPERM);
  assert_int_equal(FS(access, "file", W_OK), UV_EPERM);
  assert_int_equal(FS(access, "file", R_OK | X_OK), 0);
  assert_int_equal(FS(unlink, "file"), 0);
  assert_false(exists("file"));

  int mask = _umask(_S_IWRITE);
  ssize_t fd = FS(open, "file", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0644);
  _umask(mask);
  close_file((int) fd);
  assert_true(attributes_of("file") & FILE_ATTRIBUTE_READONLY);
  assert_int_equal(FS(unlink, "file"), 0);
}

static void a_directory_is_no_file_to_be_made(void** state) {
  (void) state;
  mkdir("dir", 0);
  for (int map = 0; map < 2; map++) {
    int flags = map ? UV_FS_O_FILEMAP : 0;
    char text[4];

    assert_int_equal(FS(open, "dir", flags | UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_EXCL, 0644),
                     UV_EEXIST);
    assert_int_equal(FS(open, "dir", flags | UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_TRUNC, 0644),
                     UV_EISDIR);
    int fd = open_file("dir", flags | UV_FS_O_RDONLY);
    assert_int_equal(read_some(fd, text, 4, 0), UV_EISDIR);
    assert_int_equal(read_some(fd, text, 4, -1), UV_EISDIR);
    assert_int_equal(write_text(fd, "x", -1), UV_EBADF);
    close_file(fd);
  }
  rmdir("dir");
}

static void descriptors_can_run_out(void** state) {
  (void) state;
  enum { MOST = 10000 };
  static int fds[MOST];
  int count = 0;
  ssize_t r = 0;

  for (; count < MOST && r >= 0; count++) {
    r = FS(open, ".", UV_FS_O_RDONLY, 0);
    fds[count] = (int) r;
  }
  ssize_t made = FS(mkstemp, "XXXXXX");
  ssize_t created = FS(open, "new", UV_FS_O_WRONLY | UV_FS_O_CREAT, 0444);
  while (--count > 0)
    close_file(fds[count - 1]);
  assert_int_equal(r, UV_EMFILE);
  assert_int_equal(made, UV_EMFILE);
  assert_int_equal(created, UV_EMFILE);
  assert_false(exists("new"));
  close_file(open_file(".", UV_FS_O_RDONLY));
}

/* -- Close ------------------------------------------------------------------------------------- */

static void standard_descriptors_stay_open(void** state) {
  (void) state;
  for (int fd = 0; fd <= 2; fd++) {
    intptr_t before = _get_osfhandle(fd);

    assert_int_equal(FS(close, fd), 0);
    assert_int_equal(_get_osfhandle(fd), before);
  }
}

/* -- Reading and writing ----------------------------------------------------------------------- */

static void a_file_is_read_and_written_as_it_was_opened(void** state) {
  (void) state;
  char text[8];

  make_file("file", "text");
  int fd = open_file("file", UV_FS_O_WRONLY);
  assert_int_equal(read_some(fd, text, 8, 0), UV_EBADF);
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDONLY);
  assert_int_equal(write_text(fd, "x", 0), UV_EBADF);
  /* The latter is Wine's. */
  ssize_t cut = FS(ftruncate, fd, 1);
  assert_true(cut == UV_EPERM || cut == UV_EINVAL);
  ssize_t synchronised = FS(fsync, fd);
  assert_true(synchronised == UV_EPERM || synchronised == UV_EBADF);
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDWR);
  assert_int_equal(FS(ftruncate, fd, -1), UV_EINVAL);
  assert_int_equal(FS(fsync, fd), 0);
  assert_int_equal(FS(fdatasync, fd), 0);
  close_file(fd);
  assert_int_equal(read_some(fd, text, 8, 0), UV_EBADF);
  assert_int_equal(write_text(fd, "x", 0), UV_EBADF);
  assert_int_equal(FS(fsync, fd), UV_EBADF);
  assert_int_equal(FS(ftruncate, fd, 0), UV_EBADF);
  unlink("file");
}

/* One buffer that is not filled ends a read: the next would wait for ever. */
static void a_pipe_gives_what_it_has_and_its_end(void** state) {
  (void) state;
  char bytes[2][8];
  const uv_buf_t bufs[] = {uv_buf_init(bytes[0], 8), uv_buf_init(bytes[1], 8)};
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write_text(ends[1], "text", -1), 4);
  assert_int_equal(FS(read, ends[0], bufs, 2, -1), 4);
  assert_memory_equal(bytes[0], "text", 4);
  close(ends[1]);
  assert_int_equal(FS(read, ends[0], bufs, 2, -1), 0);
  close(ends[0]);
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  assert_int_equal(write_text(ends[1], "text", -1), UV_EPIPE);
  close(ends[1]);
}

static void more_than_can_be_written_is_refused(void** state) {
  (void) state;
  char byte;
  const uv_buf_t bufs[] = {{.base = &byte, .len = 0x7ffff000}, {.base = &byte, .len = 1}};
  const uv_buf_t wrapping[] = {{.base = &byte, .len = ULONG_MAX}, {.base = &byte, .len = 1}};

  assert_int_equal(FS(write, 0, bufs, 2, 0), UV_EINVAL);
  assert_int_equal(FS(write, 0, wrapping, 2, 0), UV_EINVAL);
  assert_int_equal(FS(write, 0, NULL, 1, 0), UV_EINVAL);
  assert_int_equal(FS(sendfile, 0, 0, 0, 0x7ffff001), UV_EINVAL);
}

/* -- Handles ----------------------------------------------------------------------------------- */

static void use_everything(void) {
  uv_dirent_t entry;

  close_file(open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT));
  close_file(open_file("file", UV_FS_O_RDWR | UV_FS_O_FILEMAP));
  FS(stat, "file");
  FS(lstat, "file");
  FS(stat, "none");
  FS(statfs, "file");
  FS(chmod, "file", 0600);
  FS(utime, "file", 1, 2);
  FS(lutime, "file", 1, 2);
  FS(readlink, "file");
  FS(realpath, "file");
  FS(scandir, ".", 0);
  FS(scandir, "file", 0);
  FS(opendir, "file");
  FS(copyfile, "file", "to", 0);
  FS(copyfile, "file", "to", UV_FS_COPYFILE_EXCL);
  FS(symlink, "C:/x", "link", UV_FS_SYMLINK_JUNCTION);
  FS(rmdir, "file");
  FS(unlink, "to");
  FS(unlink, "link");
  assert_int_equal(FS(opendir, "."), 0);
  uv_dir_t* dir = fs_req.ptr;
  dir->dirents = &entry;
  dir->nentries = 1;
  FS(readdir, dir);
  assert_int_equal(FS(closedir, dir), 0);
}

static void no_handles_are_left_open(void** state) {
  (void) state;
  enum { ROUNDS = 50 };

  use_everything();
  int before = count_descriptors();
  for (int i = 0; i < ROUNDS; i++)
    use_everything();
  assert_true(count_descriptors() < before + ROUNDS / 2);
  unlink("file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(the_systems_own_code_is_told),
      both_tests(names_that_are_no_wtf8_are_not_there),
      both_tests(flags_that_exclude_each_other_are_refused),
      both_tests(hints_change_nothing_that_is_seen),
      both_tests(a_locked_file_is_opened_once),
      both_tests(an_open_file_can_be_renamed_and_removed),
      both_tests(a_temporary_file_goes_with_its_last_descriptor),
      both_tests(files_without_the_owners_right_to_write_are_read_only),
      both_tests(a_directory_is_no_file_to_be_made),
      sync_test(descriptors_can_run_out),
      both_tests(standard_descriptors_stay_open),
      both_tests(a_file_is_read_and_written_as_it_was_opened),
      both_tests(a_pipe_gives_what_it_has_and_its_end),
      both_tests(more_than_can_be_written_is_refused),
      sync_test(no_handles_are_left_open),
  };
  return cmocka_run_group_tests_name("win_fs", tests, NULL, NULL);
}
