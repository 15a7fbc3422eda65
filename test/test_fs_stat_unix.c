/* Files: what is known about them, where that is what POSIX says; modes, owners and rights. */
#include "support/child.h"
#include "support/fs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/vfs.h>

static void assert_time(const uv_timespec_t* time, const struct timespec* expected) {
  assert_int_equal(time->tv_sec, expected->tv_sec);
  assert_int_equal(time->tv_nsec, expected->tv_nsec);
}

static bool is_what_stat_says(const uv_stat_t* found, const struct stat* expected) {
  return found->st_dev == expected->st_dev && found->st_mode == expected->st_mode &&
         found->st_nlink == expected->st_nlink && found->st_uid == expected->st_uid &&
         found->st_gid == expected->st_gid && found->st_rdev == expected->st_rdev &&
         found->st_ino == expected->st_ino && found->st_size == (uint64_t) expected->st_size &&
         found->st_blksize == (uint64_t) expected->st_blksize &&
         found->st_blocks == (uint64_t) expected->st_blocks && found->st_flags == 0 &&
         found->st_gen == 0;
}

static void assert_told(const struct stat* expected) {
  assert_ptr_equal(fs_req.ptr, &fs_req.statbuf);
  assert_true(is_what_stat_says(&fs_req.statbuf, expected));
  assert_time(&fs_req.statbuf.st_atim, &expected->st_atim);
  assert_time(&fs_req.statbuf.st_mtim, &expected->st_mtim);
  assert_time(&fs_req.statbuf.st_ctim, &expected->st_ctim);
}

/* -- stat, lstat, fstat ------------------------------------------------------------------------ */

static void what_is_told_is_what_the_system_says(void** state) {
  (void) state;
  const char* paths[] = {"file", "hole", ".", "link", "fifo", "/dev/null", "/proc/self/stat", "/"};
  struct stat expected;

  make_file("file", "text");
  make_file("hole", "");
  assert_int_equal(truncate("hole", INT64_C(5) << 30), 0);
  assert_int_equal(symlink("file", "link"), 0);
  assert_int_equal(mkfifo("fifo", 0640), 0);
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
    assert_int_equal(stat(paths[i], &expected), 0);
    assert_int_equal(FS(stat, paths[i]), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_STAT);
    assert_string_equal(fs_req.path, paths[i]);
    if (i < 4) /* the others' times may move */
      assert_told(&expected);
    assert_true(is_what_stat_says(&fs_req.statbuf, &expected));
  }
  unlink("file");
  unlink("hole");
  unlink("link");
  unlink("fifo");
}

static void links_are_told_about_themselves(void** state) {
  (void) state;
  struct stat expected;

  assert_int_equal(symlink("nowhere", "link"), 0);
  assert_int_equal(lstat("link", &expected), 0);
  assert_int_equal(FS(lstat, "link"), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_LSTAT);
  assert_told(&expected);
  assert_int_equal(fs_req.statbuf.st_size, strlen("nowhere"));
  assert_int_equal(FS(stat, "link"), UV_ENOENT);
  unlink("link");
}

static void descriptors_of_all_kinds_are_told_about(void** state) {
  (void) state;
  struct stat expected;
  int fds[4];

  make_file("file", "text");
  fds[0] = open("file", O_RDONLY);
  assert_int_equal(pipe(fds + 1), 0);
  fds[3] = socket(AF_UNIX, SOCK_STREAM, 0);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(fstat(fds[i], &expected), 0);
    assert_int_equal(FS(fstat, fds[i]), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_FSTAT);
    assert_told(&expected);
    assert_null(fs_req.path);
    close(fds[i]);
  }
  for (int fd = 0; fd <= 2; fd++)
    assert_int_equal(FS(fstat, fd), 0);
  unlink("file");
}

static void telling_fails_as_stat_does(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(symlink("self", "self"), 0);

  assert_int_equal(FS(stat, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(stat, ""), UV_ENOENT);
  assert_int_equal(FS(lstat, ""), UV_ENOENT);
  assert_int_equal(FS(lstat, "none"), UV_ENOENT);
  assert_int_equal(FS(stat, "file/x"), UV_ENOTDIR);
  assert_int_equal(FS(lstat, "file/x"), UV_ENOTDIR);
  assert_int_equal(FS(stat, "self"), UV_ELOOP);
  assert_int_equal(FS(lstat, "self/x"), UV_ELOOP);
  assert_int_equal(FS(stat, long_name()), UV_ENAMETOOLONG);
  assert_int_equal(FS(lstat, long_path()), UV_ENAMETOOLONG);
  assert_int_equal(FS(fstat, -1), UV_EBADF);
  assert_int_equal(FS(fstat, 1 << 20), UV_EBADF);
  unlink("self");
  unlink("file");
}

/* AT_FDCWD, as it happens. */
static void no_negative_number_is_a_descriptor(void** state) {
  (void) state;
  assert_int_equal(FS(fstat, AT_FDCWD), UV_EBADF);
  assert_null(fs_req.ptr);
}

/* Twice: the second time it is known. */
static int tell_without_statx(int err) {
  struct stat expected;
  int fd = open("file", O_RDONLY);

  if (fail_syscall(SYS_statx, err) != 0)
    return CHILD_CANNOT;
  for (int i = 0; i < 2; i++) {
    if (FS(stat, "none") != UV_ENOENT || stat("file", &expected) != 0)
      return 1;
    if (FS(stat, "file") != 0 || !is_what_stat_says(&fs_req.statbuf, &expected))
      return 2;
    if (fs_req.statbuf.st_birthtim.tv_nsec != expected.st_ctim.tv_nsec)
      return 3;
    if (FS(fstat, fd) != 0 || !is_what_stat_says(&fs_req.statbuf, &expected))
      return 4;
    if (FS(lstat, "link") != 0 || !S_ISLNK(fs_req.statbuf.st_mode))
      return 5;
    if (FS(fstat, -1) != UV_EBADF)
      return 6;
  }
  return 0;
}

static int tell_on_old_kernel(void) {
  return tell_without_statx(ENOSYS);
}

static int tell_in_old_sandbox(void) {
  return tell_without_statx(EPERM);
}

static int tell_in_odd_sandbox(void) {
  return tell_without_statx(EINVAL);
}

static void files_are_told_about_without_statx(void** state) {
  (void) state;
  if (sizeof(void*) < 8) {
    print_message("the C library's own functions need statx where longs have 32 bits\n");
    skip();
  }
  make_file("file", "text");
  assert_int_equal(symlink("file", "link"), 0);
  int answers[] = {in_child(tell_on_old_kernel), in_child(tell_in_old_sandbox),
                   in_child(tell_in_odd_sandbox)};

  unlink("link");
  unlink("file");
  for (int i = 0; i < 3; i++)
    assert_int_equal(answers[i], 0);
}

/* -- statfs ------------------------------------------------------------------------------------ */

static void a_file_system_is_told_about(void** state) {
  (void) state;
  const char* paths[] = {".", "file", "/proc", "/"};
  struct statfs expected;

  make_file("file", "");
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
    assert_int_equal(statfs(paths[i], &expected), 0);
    assert_int_equal(FS(statfs, paths[i]), 0);
    assert_int_equal(fs_req.fs_type, UV_FS_STATFS);
    const uv_statfs_t* found = fs_req.ptr;

    assert_non_null(found);
    assert_int_equal(found->f_type, expected.f_type);
    assert_int_equal(found->f_bsize, expected.f_bsize);
    assert_int_equal(found->f_blocks, expected.f_blocks);
    assert_int_equal(found->f_files, expected.f_files);
    assert_true(found->f_bfree <= found->f_blocks);
    assert_true(found->f_bavail <= found->f_bfree);
    assert_true(found->f_ffree <= found->f_files);
#if UV_VERSION_HEX >= 0x013400
    assert_int_equal(found->f_frsize, expected.f_frsize);
    for (int k = 0; k < 3; k++)
      assert_int_equal(found->f_spare[k], 0);
#endif
    uv_fs_req_cleanup(&fs_req);
    assert_null(fs_req.ptr);
  }
  unlink("file");
}

child_function(statfs_closed, become_nobody(), FS(statfs, "closed/file"));
#if defined(SYS_statfs64)
enum { LARGE_STATFS = SYS_statfs64 };
#else
enum { LARGE_STATFS = SYS_statfs };
#endif

child_function(statfs_unknown, fail_both(LARGE_STATFS, SYS_statfs, ENOSYS), FS(statfs, "."));

static void a_file_system_that_cannot_be_reached_is_not_told_about(void** state) {
  (void) state;
  assert_int_equal(FS(statfs, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(mkdir("closed", 0755), 0);
  chmod("closed", geteuid() == 0 ? 0700 : 0);
  int answer = in_child(statfs_closed);
  rmdir("closed");
  assert_int_equal(answer, UV_EACCES);
  assert_child(statfs_unknown, UV_ENOSYS);
}

/* -- access ------------------------------------------------------------------------------------ */

static void access_asks_for_existence(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(access, "file", F_OK), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_ACCESS);
  assert_int_equal(FS(access, ".", R_OK | W_OK | X_OK), 0);
  assert_int_equal(FS(access, "file", X_OK), UV_EACCES);
  assert_int_equal(FS(access, "none", F_OK), UV_ENOENT);
  assert_int_equal(FS(access, "file/x", F_OK), UV_ENOTDIR);
  assert_int_equal(FS(access, "file", -1), UV_EINVAL);
  unlink("file");
}

child_function(access_to_read, become_nobody(), FS(access, "file", R_OK));
child_function(access_to_write, become_nobody(), FS(access, "file", W_OK));
child_function(access_read_only, mount_small("mount", MS_RDONLY), FS(access, "mount", W_OK));

/* -- chmod ------------------------------------------------------------------------------------- */

static void modes_are_set_whatever_the_umask(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(symlink("file", "link"), 0);
  int fd = open("file", O_RDONLY);
  mode_t before = umask(077);
  int by_path = (int) FS(chmod, "link", 06757);

  umask(before);
  assert_int_equal(by_path, 0);
  assert_int_equal(fs_req.fs_type, UV_FS_CHMOD);
  assert_int_equal(stat_of("file").st_mode, S_IFREG | 06757);
  assert_int_equal(FS(fchmod, fd, 0400), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_FCHMOD);
  assert_int_equal(stat_of("file").st_mode, S_IFREG | 0400);
  assert_int_equal(FS(chmod, "none", 0600), UV_ENOENT);
  assert_int_equal(FS(fchmod, -1, 0600), UV_EBADF);
  close(fd);
  unlink("link");
  unlink("file");
}

static int fchmod_file(const char* path) {
  return (int) FS(fchmod, open(path, O_RDONLY), 0600);
}

static int fchown_file(const char* path, uv_uid_t uid) {
  return (int) FS(fchown, open(path, O_RDONLY), uid, (uv_gid_t) -1);
}

child_function(chmod_roots, become_nobody(), FS(chmod, "file", 0600));
child_function(fchmod_roots, become_nobody(), fchmod_file("file"));
child_function(chmod_closed, become_nobody(), FS(chmod, "closed/file", 0600));
child_function(chmod_read_only, mount_small("mount", MS_RDONLY), FS(chmod, "mount", 0600));
child_function(fchmod_read_only, mount_small("mount", MS_RDONLY), fchmod_file("mount"));

/* -- chown ------------------------------------------------------------------------------------- */

static void owners_are_set_one_by_one(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("changing owners needs privileges that this process lacks\n");
    skip();
  }
  make_file("file", "");
  assert_int_equal(symlink("file", "link"), 0);
  int fd = open("file", O_RDONLY);

  assert_int_equal(FS(chown, "link", 4711, (uv_gid_t) -1), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_CHOWN);
  assert_int_equal(stat_of("file").st_uid, 4711);
  assert_int_equal(stat_of("file").st_gid, getegid());
  assert_int_equal(FS(fchown, fd, (uv_uid_t) -1, 4712), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_FCHOWN);
  assert_int_equal(stat_of("file").st_uid, 4711);
  assert_int_equal(stat_of("file").st_gid, 4712);
  assert_int_equal(FS(lchown, "link", 1, 2), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_LCHOWN);
  assert_int_equal(stat_of("link").st_uid, 1);
  assert_int_equal(stat_of("link").st_gid, 2);
  assert_int_equal(stat_of("file").st_uid, 4711);
  close(fd);
  unlink("link");
  unlink("file");
}

static void keeping_both_owners_is_allowed_to_all(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(chown, "file", (uv_uid_t) -1, (uv_gid_t) -1), 0);
  assert_int_equal(FS(lchown, "file", geteuid(), getegid()), 0);
  assert_int_equal(FS(chown, "none", 0, 0), UV_ENOENT);
  assert_int_equal(FS(lchown, "none", 0, 0), UV_ENOENT);
  assert_int_equal(FS(fchown, -1, 0, 0), UV_EBADF);
  unlink("file");
}

child_function(chown_as_nobody, become_nobody(), FS(chown, "file", 4711, (uv_gid_t) -1));
child_function(fchown_as_nobody, become_nobody(), fchown_file("readable", 4711));
child_function(lchown_as_nobody, become_nobody(), FS(lchown, "file", 4711, (uv_gid_t) -1));
child_function(chown_closed, become_nobody(), FS(chown, "closed/file", 1, 1));
child_function(lchown_closed, become_nobody(), FS(lchown, "closed/file", 1, 1));
child_function(chown_read_only, mount_small("mount", MS_RDONLY), FS(chown, "mount", 1, 1));
child_function(fchown_read_only, mount_small("mount", MS_RDONLY), fchown_file("mount", 1));
child_function(lchown_read_only, mount_small("mount", MS_RDONLY), FS(lchown, "mount", 1, 1));
child_function(stat_closed, become_nobody(), FS(stat, "closed/file"));
child_function(lstat_closed, become_nobody(), FS(lstat, "closed/file"));

/* -- Privileges and file systems --------------------------------------------------------------- */

static void what_is_not_allowed_is_refused(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("making files of another user needs privileges that this process lacks\n");
    skip();
  }
  make_file("file", "");
  chmod("file", 0600);
  make_file("readable", "");
  assert_int_equal(mkdir("closed", 0700), 0);
  const struct {
    int answer;
    int expected;
  } cases[] = {
      {in_child(access_to_read), UV_EACCES},  {in_child(access_to_write), UV_EACCES},
      {in_child(chmod_roots), UV_EPERM},      {in_child(chmod_closed), UV_EACCES},
      {in_child(chown_as_nobody), UV_EPERM},  {in_child(fchown_as_nobody), UV_EPERM},
      {in_child(lchown_as_nobody), UV_EPERM}, {in_child(chown_closed), UV_EACCES},
      {in_child(lchown_closed), UV_EACCES},   {in_child(stat_closed), UV_EACCES},
      {in_child(lstat_closed), UV_EACCES},
  };

  chmod("file", 0644);
  int fchmod_answer = in_child(fchmod_roots);
  rmdir("closed");
  unlink("readable");
  unlink("file");
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    assert_int_equal(cases[i].answer, cases[i].expected);
  assert_int_equal(fchmod_answer, UV_EPERM);
}

static void a_read_only_file_system_stays_as_it_is(void** state) {
  (void) state;
  int (*const functions[])(void) = {
      access_read_only, chmod_read_only,  fchmod_read_only,
      chown_read_only,  fchown_read_only, lchown_read_only,
  };
  enum { COUNT = sizeof(functions) / sizeof(functions[0]) };
  int answers[COUNT];

  assert_int_equal(mkdir("mount", 0755), 0);
  for (int i = 0; i < COUNT; i++)
    answers[i] = in_child(functions[i]);
  rmdir("mount");
  if (answers[0] == CHILD_CANNOT) {
    print_message("mounting needs privileges that this process lacks\n");
    skip();
  }
  for (int i = 0; i < COUNT; i++)
    assert_int_equal(answers[i], UV_EROFS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(what_is_told_is_what_the_system_says),
      both_tests(links_are_told_about_themselves),
      both_tests(descriptors_of_all_kinds_are_told_about),
      both_tests(telling_fails_as_stat_does),
      newer_both_tests(no_negative_number_is_a_descriptor),
      sync_test(files_are_told_about_without_statx),
      both_tests(a_file_system_is_told_about),
      both_tests(a_file_system_that_cannot_be_reached_is_not_told_about),
      both_tests(access_asks_for_existence),
      both_tests(modes_are_set_whatever_the_umask),
      both_tests(owners_are_set_one_by_one),
      both_tests(keeping_both_owners_is_allowed_to_all),
      sync_test(what_is_not_allowed_is_refused),
      sync_test(a_read_only_file_system_stays_as_it_is),
  };
  return cmocka_run_group_tests_name("fs_stat_unix", tests, NULL, NULL);
}
