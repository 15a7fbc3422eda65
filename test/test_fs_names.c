/* Files: names, links, making directories. */
#include "support/descriptors.h"
#include "support/fs.h"

/* -- Unlink ------------------------------------------------------------------------------------ */

static void unlinking_removes_the_name(void** state) {
  (void) state;
  make_file("file", "text");
  if (make_link("file", "link")) {
    assert_int_equal(FS(unlink, "link"), 0);
    assert_false(exists("link"));
  }
  assert_true(exists("file"));
  assert_int_equal(FS(unlink, "file"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_UNLINK);
  assert_false(exists("file"));
}

/* -- Rename ------------------------------------------------------------------------------------ */

static void renaming_moves_and_replaces(void** state) {
  (void) state;
  make_file("a", "text of a");
  make_file("b", "text of b");

  assert_int_equal(FS(rename, "a", "c"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_RENAME);
  assert_string_equal(fs_req.path, "a");
  assert_false(exists("a"));
  assert_file_holds("c", "text of a");
  assert_int_equal(FS(rename, "c", "b"), 0);
  assert_file_holds("b", "text of a");
  unlink("b");
}

/* -- Links ------------------------------------------------------------------------------------- */

static void a_hard_link_is_the_same_file(void** state) {
  (void) state;
  make_file("file", "text");
  assert_int_equal(FS(link, "file", "name"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_LINK);
  assert_int_equal(stat_of("name").st_ino, stat_of("file").st_ino);
  assert_int_equal(stat_of("file").st_nlink, 2);
  if (make_link("file", "soft")) {
    assert_int_equal(FS(link, "soft", "soft name"), 0);
    assert_int_equal(stat_of("soft name").st_ino, stat_of("soft").st_ino);
    unlink("soft name");
    unlink("soft");
  }
  unlink("name");
  unlink("file");
}

static void what_is_no_link_is_not_read_as_one(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(readlink, "file"), UV_EINVAL);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(readlink, "."), UV_EINVAL);
  assert_int_equal(FS(readlink, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  unlink("file");
}

/* -- Missing and taken names ------------------------------------------------------------------- */

static void what_is_not_there_is_told_so(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(unlink, "none"), UV_ENOENT);
  assert_int_equal(FS(rename, "none", "x"), UV_ENOENT);
  assert_int_equal(FS(rename, "file", "none/x"), UV_ENOENT);
  assert_int_equal(FS(link, "none", "x"), UV_ENOENT);
  assert_int_equal(FS(link, "file", "none/x"), UV_ENOENT);
  assert_int_equal(FS(realpath, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(realpath, ""), UV_ENOENT);
  assert_int_equal(FS(mkdir, "none/dir", 0755), UV_ENOENT);
  assert_int_equal(FS(rmdir, "none"), UV_ENOENT);
  assert_int_equal(FS(mkdtemp, "none/XXXXXX"), UV_ENOENT);
  assert_int_equal(FS(mkstemp, "none/XXXXXX"), UV_ENOENT);
  assert_string_equal(fs_req.path, "");
  unlink("file");
}

static void what_is_there_is_not_made_again_nor_removed_with_entries(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(mkdir("full", 0755), 0);
  make_file("full/file", "");

  assert_int_equal(FS(link, "file", "full"), UV_EEXIST);
  assert_int_equal(FS(mkdir, "file", 0755), UV_EEXIST);
  assert_int_equal(FS(mkdir, "full", 0755), UV_EEXIST);
  ssize_t r = FS(rmdir, "full");
  assert_true(r == UV_ENOTEMPTY || r == UV_EEXIST);
  unlink("full/file");
  rmdir("full");
  unlink("file");
}

/* -- Directories ------------------------------------------------------------------------------- */

static void a_directory_is_made_and_removed(void** state) {
  (void) state;
  int before = (int) umask(022);
  ssize_t r = FS(mkdir, "dir", 0775);

  umask((mode_t) before);
  assert_int_equal(r, 0);
  assert_int_equal(fs_req.fs_type, UV_FS_MKDIR);
  assert_int_equal(stat_of("dir").st_mode, shown_mode(S_IFDIR | 0755));
  assert_int_equal(FS(rmdir, "dir"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_RMDIR);
  assert_false(exists("dir"));
}

/* -- Temporary names --------------------------------------------------------------------------- */

static void a_temporary_directory_gets_a_new_name(void** state) {
  (void) state;
  char template[] = "dir-XXXXXX";
  char first[sizeof(template)];

  assert_int_equal(FS(mkdtemp, template), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_MKDTEMP);
  assert_string_equal(template, "dir-XXXXXX");
  assert_memory_equal(fs_req.path, "dir-", 4);
  assert_int_equal(strlen(fs_req.path), strlen(template));
  assert_int_equal(stat_of(fs_req.path).st_mode, shown_mode(S_IFDIR | 0700));
  strcpy(first, fs_req.path);
  assert_int_equal(FS(mkdtemp, template), 0);
  assert_string_not_equal(fs_req.path, first);
  assert_int_equal(rmdir(fs_req.path), 0);
  assert_int_equal(rmdir(first), 0);
}

static void a_temporary_file_is_open_for_reading_and_writing(void** state) {
  (void) state;
  char template[] = "file-XXXXXX";
  char first[sizeof(template)];
  int fd = (int) FS(mkstemp, template);
  int second;
  char byte;

  assert_true(fd >= 0);
  assert_int_equal(fs_req.fs_type, UV_FS_MKSTEMP);
  assert_string_equal(template, "file-XXXXXX");
  assert_memory_equal(fs_req.path, "file-", 5);
  assert_int_equal(stat_of(fs_req.path).st_mode, shown_mode(S_IFREG | 0600));
  assert_true(is_cloexec(fd));
  assert_int_equal(write(fd, "x", 1), 1);
  assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
  assert_int_equal(read(fd, &byte, 1), 1);
  assert_int_equal(byte, 'x');
  strcpy(first, fs_req.path);
  second = (int) FS(mkstemp, template);
  assert_true(second >= 0);
  assert_string_not_equal(fs_req.path, first);
  unlink(fs_req.path);
  unlink(first);
  close(second);
  close(fd);
}

/* What is at `path` then. */
#if defined(_WIN32)
static const char* after_failed_mkdtemp(const char* template) {
  (void) template;
  return "";
}
#else
static const char* after_failed_mkdtemp(const char* template) {
  return template;
}
#endif

static void a_template_must_end_in_six_x(void** state) {
  (void) state;
  const char* templates[] = {"", "x", "XXXXX", "dir", "dir-XXXXXx", "XXXXXX-"};

  for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
    assert_int_equal(FS(mkdtemp, templates[i]), UV_EINVAL);
    assert_string_equal(fs_req.path, after_failed_mkdtemp(templates[i]));
    assert_int_equal(FS(mkstemp, templates[i]), UV_EINVAL);
    assert_string_equal(fs_req.path, "");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(unlinking_removes_the_name),
      both_tests(renaming_moves_and_replaces),
      both_tests(a_hard_link_is_the_same_file),
      both_tests(what_is_no_link_is_not_read_as_one),
      both_tests(what_is_not_there_is_told_so),
      both_tests(what_is_there_is_not_made_again_nor_removed_with_entries),
      both_tests(a_directory_is_made_and_removed),
      both_tests(a_temporary_directory_gets_a_new_name),
      both_tests(a_temporary_file_is_open_for_reading_and_writing),
      both_tests(a_template_must_end_in_six_x),
  };
  return cmocka_run_group_tests_name("fs_names", tests, NULL, NULL);
}
