/* Files: what is so on Windows alone. */
#include "support/descriptors.h"
#include "support/fs.h"

#include <stdlib.h>
#include <wchar.h>

static int open_file(const char* name, int flags) {
  int fd = (int) FS(open, name, flags, 0644);

  assert_true(fd >= 0);
  return fd;
}

static ssize_t write_text(int fd, const char* text, int64_t offset) {
  uv_buf_t buf = uv_buf_init((char*) text, (unsigned) strlen(text));
  return FS(write, fd, &buf, 1, offset);
}

static ssize_t read_some(int fd, char* to, unsigned int len, int64_t offset) {
  uv_buf_t buf = uv_buf_init(to, len);
  return FS(read, fd, &buf, 1, offset);
}

static void close_file(int fd) {
  assert_int_equal(FS(close, fd), 0);
}

static DWORD attributes_of(const char* name) {
  return GetFileAttributesW(wide_name(name));
}

static void set_attributes(const char* name, DWORD attributes) {
  assert_true(SetFileAttributesW(wide_name(name), attributes));
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

/* -- Close ------------------------------------------------------------------------------------- */

static void standard_descriptors_stay_open(void** state) {
  (void) state;
  for (int fd = 0; fd <= 2; fd++) {
    intptr_t before = _get_osfhandle(fd);

    assert_int_equal(FS(close, fd), 0);
    assert_int_equal(_get_osfhandle(fd), before);
  }
}

/* -- Mapped files ------------------------------------------------------------------------------ */

static void a_mapped_file_is_read_and_written_as_others_are(void** state) {
  (void) state;
  char text[16] = "";
  int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT | UV_FS_O_FILEMAP);

  assert_int_equal(read_some(fd, text, 16, 0), 0);
  assert_int_equal(write_text(fd, "", -1), 0);
  assert_int_equal(write_text(fd, "01234", -1), 5);
  assert_int_equal(write_text(fd, "56789", -1), 5);
  assert_int_equal(write_text(fd, "ab", 3), 2);
  assert_int_equal(read_some(fd, text, 4, 2), 4);
  assert_string_equal(text, "2ab5");
  assert_int_equal(read_some(fd, text, 16, -1), 0);
  assert_int_equal(FS(fstat, fd), 0);
  assert_int_equal(fs_req.statbuf.st_size, 10);
  assert_file_holds("file", "012ab56789");
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDONLY | UV_FS_O_FILEMAP);
  assert_int_equal(read_some(fd, text, 3, -1), 3);
  assert_memory_equal(text, "012", 3);
  assert_int_equal(read_some(fd, text, 16, -1), 7);
  assert_memory_equal(text, "ab56789", 7);
  close_file(fd);
  assert_int_equal(FS(unlink, "file"), 0);
}

static void a_mapped_file_takes_many_buffers_at_any_place(void** state) {
  (void) state;
  enum { DISTANCE = 200000 };
  char in[2][3] = {"ab", "cd"};
  char out[5] = "";
  const uv_buf_t writes[] = {uv_buf_init(in[0], 2), uv_buf_init(NULL, 0), uv_buf_init(in[1], 2)};
  const uv_buf_t reads[] = {uv_buf_init(out, 1), uv_buf_init(out + 1, 3)};
  int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_CREAT | UV_FS_O_FILEMAP);

  assert_int_equal(FS(write, fd, writes, 3, DISTANCE), 4);
  assert_int_equal(FS(read, fd, reads, 2, DISTANCE), 4);
  assert_string_equal(out, "abcd");
  assert_int_equal(FS(read, fd, reads, 2, DISTANCE - 2), 4);
  assert_memory_equal(out, "\0\0ab", 4);
  assert_int_equal(stat_of("file").st_size, DISTANCE + 4);
  close_file(fd);
  unlink("file");
}

static void a_mapped_file_is_appended_to_and_cut(void** state) {
  (void) state;
  char text[8] = "";

  make_file("file", "0123");
  int fd = open_file("file", UV_FS_O_WRONLY | UV_FS_O_APPEND | UV_FS_O_FILEMAP);

  assert_int_equal(write_text(fd, "45", 0), 2);
  assert_int_equal(write_text(fd, "67", -1), 2);
  assert_file_holds("file", "01234567");
  assert_int_equal(FS(ftruncate, fd, 3), 0);
  assert_file_holds("file", "012");
  assert_int_equal(FS(ftruncate, fd, 0), 0);
  assert_int_equal(write_text(fd, "new", -1), 3);
  assert_int_equal(FS(ftruncate, fd, 5), 0);
  assert_int_equal(stat_of("file").st_size, 5);
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_TRUNC | UV_FS_O_FILEMAP);
  assert_int_equal(read_some(fd, text, 8, 0), 0);
  close_file(fd);
  unlink("file");
}

static void a_mapped_file_does_only_what_it_was_opened_for(void** state) {
  (void) state;
  char text[8];

  make_file("file", "text");
  int fd = open_file("file", UV_FS_O_WRONLY | UV_FS_O_FILEMAP);
  assert_int_equal(read_some(fd, text, 8, 0), UV_EBADF);
  close_file(fd);
  fd = open_file("file", UV_FS_O_RDONLY | UV_FS_O_FILEMAP);
  assert_int_equal(write_text(fd, "x", 0), UV_EBADF);
  assert_int_equal(FS(ftruncate, fd, 0), UV_EPERM);
  close_file(fd);
  assert_file_holds("file", "text");

  /* The number belongs to somebody else now. */
  int plain = open_file("file", UV_FS_O_RDWR);
  assert_int_equal(plain, fd);
  assert_int_equal(write_text(plain, "x", 0), 1);
  close_file(plain);
  unlink("file");
}

static void a_mapped_file_survives_memory_that_is_none(void** state) {
  (void) state;
  char* nowhere = VirtualAlloc(NULL, 65536, MEM_RESERVE, PAGE_NOACCESS);
  char text[8] = "";

  assert_non_null(nowhere);
  make_file("file", "text");
  int fd = open_file("file", UV_FS_O_RDWR | UV_FS_O_FILEMAP);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(read_some(fd, nowhere, 4, 0), UV_EFAULT);
    uv_buf_t buf = uv_buf_init(nowhere, 4);
    assert_int_equal(FS(write, fd, &buf, 1, 0), UV_EFAULT);
  }
  assert_int_equal(read_some(fd, text, 8, -1), 4);
  assert_string_equal(text, "text");
  close_file(fd);
  unlink("file");
  VirtualFree(nowhere, 0, MEM_RELEASE);
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
      both_tests(standard_descriptors_stay_open),
      both_tests(a_mapped_file_is_read_and_written_as_others_are),
      both_tests(a_mapped_file_takes_many_buffers_at_any_place),
      both_tests(a_mapped_file_is_appended_to_and_cut),
      both_tests(a_mapped_file_does_only_what_it_was_opened_for),
      both_tests(a_mapped_file_survives_memory_that_is_none),
      both_tests(every_field_is_told),
      both_tests(a_slash_at_the_end_does_not_matter),
      both_tests(what_is_no_file_is_told_by_its_kind),
      both_tests(only_the_owners_right_to_write_is_kept),
      both_tests(read_only_directories_can_be_written_to_and_removed),
      both_tests(owners_are_left_alone),
      both_tests(file_systems_tell_their_clusters),
      both_tests(names_are_utf8),
      both_tests(half_a_pair_is_a_name_too),
      both_tests(paths_may_be_long),
      both_tests(a_name_that_is_too_long_is_told_so),
      both_tests(a_real_path_is_that_of_the_system),
      both_tests(removing_takes_what_it_is_for),
      both_tests(a_template_without_wildcards_leaves_no_name),
      both_tests(copying_by_force_is_unknown_and_directories_are_no_files),
      both_tests(a_junction_leads_to_an_absolute_directory),
      both_tests(links_to_files_and_directories_are_two_kinds),
      both_tests(what_is_no_link_cannot_be_read_as_one),
      sync_test(no_handles_are_left_open),
  };
  return cmocka_run_group_tests_name("win_fs", tests, NULL, NULL);
}
