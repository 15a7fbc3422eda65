/* Files: what is known about them, who may use them. */
#include "support/fs.h"

/* -- stat, lstat, fstat ------------------------------------------------------------------------ */

static void assert_told(const file_info* expected) {
  const uv_stat_t* found = &fs_req.statbuf;

  assert_ptr_equal(fs_req.ptr, found);
  assert_int_equal(found->st_mode, expected->st_mode);
  assert_int_equal(found->st_nlink, expected->st_nlink);
  assert_int_equal(found->st_ino, expected->st_ino);
  if (!S_ISDIR(expected->st_mode))
    assert_int_equal(found->st_size, expected->st_size);
  assert_int_equal(found->st_mtim.tv_sec, expected->st_mtim.tv_sec);
  assert_int_equal(found->st_mtim.tv_nsec, expected->st_mtim.tv_nsec);
}

static void paths_and_descriptors_are_told_alike(void** state) {
  (void) state;
  const char* names[] = {"file", "empty", "dir", "."};

  make_file("file", "text");
  make_file("empty", "");
  assert_int_equal(link("file", "name"), 0);
  assert_int_equal(mkdir("dir", 0755), 0);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    file_info expected = stat_of(names[i]);
    int fd = open(names[i], O_RDONLY | O_CLOEXEC);

    assert_int_equal(FS(stat, names[i]), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_STAT);
    assert_string_equal(fs_req.path, names[i]);
    assert_told(&expected);
    assert_int_equal(FS(lstat, names[i]), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_LSTAT);
    assert_told(&expected);
    assert_int_equal(FS(fstat, fd), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_FSTAT);
    assert_null(fs_req.path);
    assert_told(&expected);
    close(fd);
  }
  rmdir("dir");
  unlink("name");
  unlink("empty");
  unlink("file");
}

static void standard_descriptors_are_told_about_whatever_they_are(void** state) {
  (void) state;
  for (int fd = 0; fd <= 2; fd++)
    assert_int_equal(FS(fstat, fd), 0);
}

static void a_file_is_born_before_it_changes(void** state) {
  (void) state;
  make_file("file", "text");
  assert_int_equal(FS(stat, "file"), 0);
  uv_timespec_t born = fs_req.statbuf.st_birthtim;
  uv_timespec_t changed = fs_req.statbuf.st_ctim;

  assert_true(born.tv_sec < changed.tv_sec ||
              (born.tv_sec == changed.tv_sec && born.tv_nsec <= changed.tv_nsec));
  unlink("file");
}

static void what_is_not_there_is_told_so(void** state) {
  (void) state;
  assert_int_equal(FS(stat, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(stat, ""), UV_ENOENT);
  assert_int_equal(FS(lstat, ""), UV_ENOENT);
  assert_int_equal(FS(lstat, "none"), UV_ENOENT);
  assert_int_equal(FS(lstat, "none/file"), UV_ENOENT);
  assert_int_equal(FS(stat, long_name()), UV_ENAMETOOLONG);
  assert_int_equal(FS(fstat, -1), UV_EBADF);
  assert_int_equal(FS(fstat, 1 << 20), UV_EBADF);
  assert_int_equal(FS(statfs, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
}

static void failures_leave_the_last_answer(void** state) {
  (void) state;
  uv_fs_t req;

  memset(&req, 0, sizeof(req));
  assert_int_equal(uv_fs_stat(NULL, &req, ".", NULL), 0);
  uint64_t inode = req.statbuf.st_ino;
  uv_fs_req_cleanup(&req);
  assert_null(req.ptr);
  assert_int_equal(uv_fs_stat(NULL, &req, "none", NULL), UV_ENOENT);
  assert_int_equal(req.statbuf.st_ino, inode);
  uv_fs_req_cleanup(&req);
}

/* -- Access and modes -------------------------------------------------------------------------- */

static void access_asks_for_existence(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(access, "file", F_OK), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_ACCESS);
  assert_int_equal(FS(access, "file", R_OK | W_OK), 0);
  assert_int_equal(FS(access, ".", R_OK | W_OK | X_OK), 0);
  assert_int_equal(FS(access, "none", F_OK), UV_ENOENT);
  unlink("file");
}

static void whether_a_file_can_be_written_is_set(void** state) {
  (void) state;
  make_file("file", "");
  int fd = open("file", O_RDONLY | O_CLOEXEC);

  assert_int_equal(FS(chmod, "file", 0444), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_CHMOD);
  assert_int_equal(stat_of("file").st_mode, shown_mode(S_IFREG | 0444));
  assert_int_equal(FS(chmod, "file", 0640), 0);
  assert_int_equal(stat_of("file").st_mode, shown_mode(S_IFREG | 0640));
  assert_int_equal(FS(fchmod, fd, 0400), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_FCHMOD);
  assert_int_equal(stat_of("file").st_mode, shown_mode(S_IFREG | 0400));
  assert_int_equal(FS(fchmod, fd, 0600), 0);
  assert_int_equal(stat_of("file").st_mode, shown_mode(S_IFREG | 0600));
  assert_int_equal(FS(chmod, "none", 0600), UV_ENOENT);
  assert_int_equal(FS(fchmod, -1, 0600), UV_EBADF);
  close(fd);
  unlink("file");
}

/* -- statfs ------------------------------------------------------------------------------------ */

static void a_file_system_has_room(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(statfs, "file"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_STATFS);
  const uv_statfs_t* info = fs_req.ptr;

  assert_true(info->f_bsize > 0 && info->f_blocks > 0);
  assert_true(info->f_bfree <= info->f_blocks && info->f_bavail <= info->f_bfree);
  assert_true(info->f_ffree <= info->f_files);
  uv_fs_req_cleanup(&fs_req);
  assert_null(fs_req.ptr);
  unlink("file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(paths_and_descriptors_are_told_alike),
      both_tests(standard_descriptors_are_told_about_whatever_they_are),
      both_tests(a_file_is_born_before_it_changes),
      both_tests(what_is_not_there_is_told_so),
      sync_test(failures_leave_the_last_answer),
      both_tests(access_asks_for_existence),
      both_tests(whether_a_file_can_be_written_is_set),
      both_tests(a_file_system_has_room),
  };
  return cmocka_run_group_tests_name("fs_stat", tests, NULL, NULL);
}
