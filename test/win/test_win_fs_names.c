/* Files: names, and what is known about files, on Windows alone. */
#include "support/win/fs_calls.h"

#include <stdio.h>
#include <wchar.h>

static void set_attributes(const char* name, DWORD attributes) {
  assert_true(SetFileAttributesW(wide_name(name), attributes));
}

/* -- Metadata ---------------------------------------------------------------------------------- */

static void every_field_is_told(void** state) {
  (void) state;
  make_file("file", "text");
  mkdir("dir", 0);
  assert_int_equal(FS(stat, "file"), 0);
  const uv_stat_t* info = &fs_req.statbuf;

  assert_int_equal(info->st_mode, _S_IFREG | 0666);
  assert_int_equal(info->st_nlink, 1);
  assert_int_equal(info->st_size, 4);
  assert_int_equal(info->st_ino, stat_of("file").st_ino);
  assert_int_equal(info->st_blksize, 4096);
  assert_int_equal(info->st_uid | info->st_gid | info->st_rdev | info->st_flags | info->st_gen, 0);
  assert_int_equal(info->st_mtim.tv_sec, stat_of("file").st_mtim.tv_sec);
  assert_int_equal(info->st_mtim.tv_nsec, stat_of("file").st_mtim.tv_nsec);
  uint64_t device = info->st_dev;

  assert_int_equal(FS(stat, "dir"), 0);
  assert_int_equal(fs_req.statbuf.st_mode, _S_IFDIR | 0666);
  assert_int_equal(fs_req.statbuf.st_size, 0);
  assert_int_equal(fs_req.statbuf.st_dev, device);
  rmdir("dir");
  unlink("file");
}

static void a_slash_at_the_end_does_not_matter(void** state) {
  (void) state;
  const char* paths[] = {"dir", "dir/", "dir\\", ".", "./", "\\", "/", "c:", "c:\\", "c:/"};

  mkdir("dir", 0);
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
    assert_int_equal(FS(stat, paths[i]), 0);
    assert_int_equal(fs_req.statbuf.st_mode & _S_IFMT, _S_IFDIR);
    assert_string_equal(fs_req.path, paths[i]);
    assert_int_equal(FS(lstat, paths[i]), 0);
  }
  rmdir("dir");
}

static void what_is_no_file_is_told_by_its_kind(void** state) {
  (void) state;
  int ends[2];

  assert_int_equal(FS(stat, "NUL"), 0);
  assert_int_equal(fs_req.statbuf.st_mode, _S_IFCHR | 0666);
  assert_int_equal(fs_req.statbuf.st_nlink, 1);
  assert_int_equal(fs_req.statbuf.st_blksize, 4096);
  assert_int_equal(fs_req.statbuf.st_rdev, 0x150000);

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(FS(fstat, ends[0]), 0);
  assert_int_equal(fs_req.statbuf.st_mode, S_IFIFO);
  assert_int_equal(fs_req.statbuf.st_nlink, 1);
  assert_int_equal(fs_req.statbuf.st_rdev, 0x110000);
  assert_int_equal(fs_req.statbuf.st_ino, _get_osfhandle(ends[0]));
  close(ends[0]);
  close(ends[1]);
}

static void only_the_owners_right_to_write_is_kept(void** state) {
  (void) state;
  make_file("file", "");
  for (int archive = 0; archive < 2; archive++) {
    set_attributes("file", archive ? FILE_ATTRIBUTE_ARCHIVE : FILE_ATTRIBUTE_NORMAL);
    int fd = open_file("file", UV_FS_O_RDONLY);

    assert_int_equal(FS(fchmod, fd, 0400), 0);
    assert_int_equal(stat_of("file").st_mode & 0777, 0444);
    assert_int_equal(FS(fchmod, fd, 0600), 0);
    assert_int_equal(stat_of("file").st_mode & 0777, 0666);
    assert_int_equal(FS(chmod, "file", 0), 0);
    assert_int_equal(stat_of("file").st_mode & 0777, 0444);
    assert_int_equal(FS(chmod, "file", 0222), 0);
    assert_int_equal(stat_of("file").st_mode & 0777, 0666);
    close_file(fd);
  }
  unlink("file");
}

static void read_only_directories_can_be_written_to_and_removed(void** state) {
  (void) state;
  mkdir("dir", 0);
  assert_int_equal(FS(chmod, "dir", 0444), 0);
  assert_int_equal(FS(access, "dir", W_OK), 0);
  assert_int_equal(FS(rmdir, "dir"), 0);
  assert_false(exists("dir"));
}

static void owners_are_left_alone(void** state) {
  (void) state;
  assert_int_equal(FS(chown, "none", 1, 2), 0);
  assert_int_equal(FS(lchown, "none", 1, 2), 0);
  assert_int_equal(FS(fchown, -1, 1, 2), 0);
}

static void file_systems_tell_their_clusters(void** state) {
  (void) state;
  assert_int_equal(FS(statfs, "."), 0);
  const uv_statfs_t* info = fs_req.ptr;

  assert_true(info->f_bsize >= 512);
  assert_int_equal(info->f_frsize, info->f_bsize);
  assert_true(info->f_blocks > 0 && info->f_bavail <= info->f_bfree &&
              info->f_bfree <= info->f_blocks);
  assert_int_equal(info->f_type | info->f_files | info->f_ffree, 0);
}

/* -- Names ------------------------------------------------------------------------------------- */

static void names_are_utf8(void** state) {
  (void) state;
  const char name[] = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
  uv_dirent_t entry;

  assert_int_equal(FS(mkdir, "dir", 0), 0);
  assert_int_equal(FS(mkdir, "dir/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 0), 0);
  assert_true(GetFileAttributesW(L"dir\\\u00e4\u20ac\xd83d\xde00") & FILE_ATTRIBUTE_DIRECTORY);
  assert_int_equal(FS(scandir, "dir", 0), 1);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
  assert_string_equal(entry.name, name);
  assert_int_equal(entry.type, UV_DIRENT_DIR);
  assert_int_equal(FS(rmdir, "dir/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 0);
  rmdir("dir");
}

static void half_a_pair_is_a_name_too(void** state) {
  (void) state;
  uv_dirent_t entry;
  char path[32];
  HANDLE file;

  assert_int_equal(FS(mkdir, "dir", 0), 0);
  file = CreateFileW(L"dir\\x\xd83d", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) {
    rmdir("dir");
    print_message("this file system has no names with half a surrogate pair\n");
    skip();
  }
  CloseHandle(file);
  assert_int_equal(FS(scandir, "dir", 0), 1);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
  snprintf(path, sizeof(path), "dir/%s", entry.name);
  if (strcmp(entry.name, "x\xed\xa0\xbd") != 0) {
    DeleteFileW(L"dir\\x\xd83d");
    rmdir("dir");
    print_message("this file system changes names with half a surrogate pair\n");
    skip();
  }
  assert_int_equal(FS(stat, path), 0);
  assert_int_equal(FS(unlink, path), 0);
  rmdir("dir");
}

/* Wine does not. */
static bool tells_long_paths(const char* absolute) {
  WCHAR path[2048];
  WCHAR* slash = path + 4;
  HANDLE file;
  DWORD len;

  swprintf(path, sizeof(path) / sizeof(path[0]), L"\\\\?\\%ls", wide_name(absolute));
  while ((slash = wcschr(slash, L'/')) != NULL)
    *slash = L'\\';
  file = CreateFileW(path, 0, 0, NULL, OPEN_EXISTING, 0, NULL);
  assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
  len = GetFinalPathNameByHandleW(file, path, sizeof(path) / sizeof(path[0]), 0);
  CloseHandle(file);
  return len > 0;
}

/* Longer than most functions of the system take, relative and absolute. */
static void paths_may_be_long(void** state) {
  (void) state;
  enum { DEPTH = 6 };
  char path[1024] = "";
  char file[1100];
  char moved[1100];
  char absolute[1400];

  for (int i = 0; i < DEPTH; i++) {
    memset(path + strlen(path), 'a' + i, 100);
    assert_int_equal(FS(mkdir, path, 0), 0);
    strcat(path, "/");
  }
  snprintf(file, sizeof(file), "%sfile", path);
  snprintf(moved, sizeof(moved), "%smoved", path);
  snprintf(absolute, sizeof(absolute), "%s/%s", temp_dir, moved);
  close_file(open_file(file, UV_FS_O_RDWR | UV_FS_O_CREAT));
  assert_int_equal(FS(rename, file, moved), 0);
  assert_int_equal(FS(stat, absolute), 0);
  assert_int_equal(FS(scandir, path, 0), 1);
  assert_int_equal(FS(copyfile, moved, file, 0), 0);
  if (tells_long_paths(absolute)) {
    assert_int_equal(FS(realpath, moved), 0);
    assert_true(strlen(fs_req.ptr) > strlen(moved));
    assert_int_equal(((char*) fs_req.ptr)[1], ':');
  }
  assert_int_equal(FS(unlink, file), 0);
  assert_int_equal(FS(unlink, moved), 0);
  for (int i = 0; i < DEPTH; i++) {
    path[strlen(path) - 1] = '\0';
    assert_int_equal(FS(rmdir, path), 0);
    path[strlen(path) - 100] = '\0';
  }
}

static void a_name_that_is_too_long_is_told_so(void** state) {
  (void) state;
  char name[300];

  memset(name, 'n', 256);
  name[256] = '\0';
  assert_int_equal(FS(open, name, UV_FS_O_RDONLY, 0), UV_ENAMETOOLONG);
  assert_int_equal(FS(mkdir, name, 0), UV_ENAMETOOLONG);
  assert_int_equal(FS(rename, "x", name), UV_ENAMETOOLONG);
}

static void a_real_path_is_that_of_the_system(void** state) {
  (void) state;
  char expected[512];

  make_file("File", "");
  assert_int_equal(FS(realpath, "./File"), 0);
  const char* path = fs_req.ptr;

  assert_true(path[1] == ':' && path[2] == '\\');
  assert_null(strchr(path, '/'));
  snprintf(expected, sizeof(expected), "%s\\File", strrchr(temp_dir, '\\') + 1);
  assert_string_equal(path + strlen(path) - strlen(expected), expected);
  unlink("File");
}

static void removing_takes_what_it_is_for(void** state) {
  (void) state;
  make_file("file", "");
  mkdir("dir", 0);
  assert_int_equal(FS(rmdir, "file"), UV_ENOENT);
  assert_int_equal(FS(unlink, "dir"), UV_EPERM);
  assert_true(exists("file") && exists("dir"));
  set_attributes("file", FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
  assert_int_equal(FS(unlink, "file"), 0);
  assert_int_equal(FS(rmdir, "dir"), 0);
  assert_false(exists("file") || exists("dir"));
}

static void a_template_without_wildcards_leaves_no_name(void** state) {
  (void) state;
  assert_int_equal(FS(mkdtemp, "dir"), UV_EINVAL);
  assert_string_equal(fs_req.path, "");
  assert_int_equal(FS(mkstemp, "none/XXXXXX"), UV_ENOENT);
  assert_string_equal(fs_req.path, "");
}

static void copying_by_force_is_unknown_and_directories_are_no_files(void** state) {
  (void) state;
  make_file("from", "text");
  mkdir("dir", 0);
  assert_int_equal(FS(copyfile, "from", "to", UV_FS_COPYFILE_FICLONE_FORCE), UV_ENOSYS);
  assert_false(exists("to"));
  assert_int_equal(FS(copyfile, "from", "to", UV_FS_COPYFILE_FICLONE), 0);
  assert_file_holds("to", "text");
  assert_int_equal(FS(copyfile, "from", "from", 0), 0);
  assert_int_equal(FS(copyfile, "from", "to", UV_FS_COPYFILE_EXCL), UV_EEXIST);
  assert_int_equal(FS(copyfile, "from", "dir", 0), UV_EISDIR);
  assert_int_equal(FS(copyfile, "dir", "to", 0), UV_EISDIR);
  rmdir("dir");
  unlink("to");
  unlink("from");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(every_field_is_told),
      both_tests(a_slash_at_the_end_does_not_matter),
      both_tests(what_is_no_file_is_told_by_its_kind),
      both_tests(only_the_owners_right_to_write_is_kept),
      both_tests(read_only_directories_can_be_written_to_and_removed),
      both_tests(owners_are_left_alone),
      both_tests(file_systems_tell_their_clusters),
      both_tests(names_are_utf8),
      sync_test(half_a_pair_is_a_name_too),
      both_tests(paths_may_be_long),
      both_tests(a_name_that_is_too_long_is_told_so),
      both_tests(a_real_path_is_that_of_the_system),
      both_tests(removing_takes_what_it_is_for),
      both_tests(a_template_without_wildcards_leaves_no_name),
      both_tests(copying_by_force_is_unknown_and_directories_are_no_files),
  };
  return cmocka_run_group_tests_name("win_fs_names", tests, NULL, NULL);
}
