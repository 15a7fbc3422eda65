/* Files: links of Windows, and what is stored in them. */
#include "support/fs.h"
#include "win/fs_reparse.h"

#include <stdlib.h>
#include <wchar.h>

/* -- Links ------------------------------------------------------------------------------------- */

static void a_junction_leads_to_an_absolute_directory(void** state) {
  (void) state;
  char target[512];

  mkdir("dir", 0);
  make_file("dir/file", "text");
  assert_int_equal(FS(symlink, "dir", "link", UV_FS_SYMLINK_JUNCTION), UV_EINVAL);
  assert_false(exists("link"));
  snprintf(target, sizeof(target), "%s//dir", temp_dir);
  int r = (int) FS(symlink, target, "link", UV_FS_SYMLINK_JUNCTION);
  if (r != 0) {
    assert_false(exists("link"));
    unlink("dir/file");
    rmdir("dir");
    print_message("this file system has no junctions: %s\n", uv_err_name(r));
    skip();
  }
  snprintf(target, sizeof(target), "%s\\dir", temp_dir);
  assert_int_equal(FS(readlink, "link"), 0);
  assert_string_equal(fs_req.ptr, target);
  assert_int_equal(FS(lstat, "link"), 0);
  assert_int_equal(fs_req.statbuf.st_mode & _S_IFMT, S_IFLNK);
  assert_int_equal(fs_req.statbuf.st_size, strlen(target));
  assert_int_equal(FS(stat, "link/file"), 0);
  assert_int_equal(FS(unlink, "link"), 0);
  assert_true(exists("dir/file"));
  unlink("dir/file");
  rmdir("dir");
}

static void links_to_files_and_directories_are_two_kinds(void** state) {
  (void) state;
  int r = (int) FS(symlink, "dir", "link", UV_FS_SYMLINK_DIR);

  if (r != 0 || !exists("link")) {
    print_message("no symbolic links here: %s\n", r != 0 ? uv_err_name(r) : "made none");
    skip();
  }
  mkdir("dir", 0);
  make_file("dir/file", "text");
  assert_int_equal(FS(stat, "link/file"), 0);
  assert_int_equal(FS(lstat, "link"), 0);
  assert_int_equal(fs_req.statbuf.st_mode & _S_IFMT, S_IFLNK);
  assert_int_equal(fs_req.statbuf.st_size, strlen("dir"));
  assert_int_equal(FS(symlink, "file", "dir/other", 0), 0);
  assert_int_equal(FS(readlink, "dir/other"), 0);
  assert_string_equal(fs_req.ptr, "file");
  assert_file_holds("dir/other", "text");
  assert_int_equal(FS(unlink, "dir/other"), 0);
  assert_int_equal(FS(unlink, "link"), 0);
  unlink("dir/file");
  rmdir("dir");
}

static void what_is_no_link_cannot_be_read_as_one(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(readlink, "file"), UV_EINVAL);
  assert_int_equal(uv_fs_get_system_error(&fs_req), ERROR_NOT_A_REPARSE_POINT);
  assert_int_equal(FS(readlink, "."), UV_EINVAL);
  assert_null(fs_req.ptr);
  unlink("file");
}

/* -- What is in reparse points ----------------------------------------------------------------- */

static const DWORD TAG_JUNCTION = 0xA0000003;
static const DWORD TAG_SYMLINK = 0xA000000C;
static const DWORD TAG_LINUX_LINK = 0xA000001D;
static const DWORD TAG_PROGRAM_ALIAS = 0x8000001B;

/* As the kernel gives it. */
static union {
  struct {
    DWORD tag;
    USHORT len;
    USHORT reserved;
    USHORT substitute_offset;
    USHORT substitute_len;
  } head;
  WCHAR units[UV__REPARSE_SIZE / sizeof(WCHAR)];
  char bytes[UV__REPARSE_SIZE];
} reparse;

enum { HEADER_SIZE = 8 };

/* Data with the text at `text_at` bytes. */
static void set_reparse(DWORD tag, size_t text_at, const void* text, size_t text_size) {
  memset(&reparse, 0, sizeof(reparse));
  reparse.head.tag = tag;
  reparse.head.len = (USHORT) (text_at + text_size);
  memcpy(reparse.bytes + HEADER_SIZE + text_at, text, text_size);
}

static void set_named(DWORD tag, const WCHAR* name) {
  size_t size = wcslen(name) * sizeof(*name);

  set_reparse(tag, tag == TAG_SYMLINK ? 12 : 8, name, size);
  reparse.head.substitute_len = (USHORT) size;
}

static void assert_leads(const char* expected) {
  char* target = NULL;

  assert_int_equal(uv__reparse_target(&reparse, &target), 0);
  assert_string_equal(target, expected);
  free(target);
}

static void assert_leads_nowhere(DWORD error) {
  char* target = NULL;

  assert_int_equal(uv__reparse_target(&reparse, &target), error);
}

static void a_links_text_is_told_as_programs_have_it(void** state) {
  (void) state;
  set_named(TAG_SYMLINK, L"\\??\\C:\\dir\\\u00e4");
  assert_leads("C:\\dir\\\xc3\xa4");
  set_named(TAG_SYMLINK, L"\\??\\C:");
  assert_leads("C:");
  set_named(TAG_SYMLINK, L"\\??\\UNC\\server\\share");
  assert_leads("\\\\server\\share");
  set_named(TAG_SYMLINK, L"..\\relative");
  assert_leads("..\\relative");
  set_named(TAG_SYMLINK, L"\\??\\Volume{1}\\x");
  assert_leads("\\??\\Volume{1}\\x");
  set_named(TAG_JUNCTION, L"\\??\\c:\\dir");
  assert_leads("c:\\dir");
  set_reparse(TAG_LINUX_LINK, 4, "/home/\xc3\xa4", 8);
  assert_leads("/home/\xc3\xa4");
  static const WCHAR strings[] =
      L"package\0entry\0C:\\x.exe\0"
      L"0";
  set_reparse(TAG_PROGRAM_ALIAS, 4, strings, sizeof(strings));
  assert_leads("C:\\x.exe");
}

static void what_is_no_link_leads_nowhere(void** state) {
  (void) state;
  set_named(TAG_JUNCTION, L"\\??\\Volume{1}\\");
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
  set_named(TAG_JUNCTION, L"\\??\\C:");
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
  set_named(0x9000001A, L"\\??\\C:\\x"); /* a file of a cloud */
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
  static const WCHAR relative[] = L"package\0entry\0x.exe";
  set_reparse(TAG_PROGRAM_ALIAS, 4, relative, sizeof(relative));
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
  set_reparse(TAG_PROGRAM_ALIAS, 4, L"package", sizeof(L"package"));
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
}

static void broken_data_are_not_read_beyond_their_end(void** state) {
  (void) state;
  set_named(TAG_SYMLINK, L"x");
  reparse.head.substitute_len = 4;
  assert_leads_nowhere(ERROR_INVALID_REPARSE_DATA);
  set_named(TAG_SYMLINK, L"x");
  reparse.head.substitute_offset = 0xfffe;
  assert_leads_nowhere(ERROR_INVALID_REPARSE_DATA);
  set_named(TAG_JUNCTION, L"x");
  reparse.head.len = 0xffff;
  reparse.head.substitute_len = 0xfff0;
  assert_leads_nowhere(ERROR_INVALID_REPARSE_DATA);
  set_reparse(TAG_LINUX_LINK, 0, "", 1);
  assert_leads_nowhere(ERROR_INVALID_REPARSE_DATA);
  set_reparse(TAG_PROGRAM_ALIAS, 0, "", 0);
  assert_leads_nowhere(ERROR_SYMLINK_NOT_SUPPORTED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      sync_test(a_junction_leads_to_an_absolute_directory),
      sync_test(links_to_files_and_directories_are_two_kinds),
      both_tests(what_is_no_link_cannot_be_read_as_one),
      cmocka_unit_test(a_links_text_is_told_as_programs_have_it),
      cmocka_unit_test(what_is_no_link_leads_nowhere),
      cmocka_unit_test(broken_data_are_not_read_beyond_their_end),
  };
  return cmocka_run_group_tests_name("win_fs_links", tests, NULL, NULL);
}
