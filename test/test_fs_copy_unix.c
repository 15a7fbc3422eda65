/* Files: copying, where that depends on owners, holes, devices and the kernel. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/fs_copy.h"

#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

/* -- sendfile ---------------------------------------------------------------------------------- */

/* Kinds of descriptors: each as source and as target of each. */
enum kind { REGULAR, PIPE, SOCKET, TTY, KINDS };

/* The end to work on and the other one, which are the same for a file. */
static void open_kind(enum kind kind, bool is_source, int ends[2]) {
  int pair[2];

  switch (kind) {
    case PIPE:
      assert_int_equal(pipe(pair), 0);
      ends[0] = is_source ? pair[0] : pair[1];
      ends[1] = is_source ? pair[1] : pair[0];
      break;
    case SOCKET:
      assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
      break;
    case TTY:
      assert_int_equal(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
      break;
    default:
      ends[0] = ends[1] = open(is_source ? "in" : "out", O_RDWR | O_CREAT, 0600);
      assert_true(ends[0] >= 0);
      break;
  }
}

static void close_kind(const int ends[2]) {
  close(ends[0]);
  if (ends[1] != ends[0])
    close(ends[1]);
}

static void send_between(enum kind from, enum kind to) {
  static const char text[] = "a line of text\n";
  enum { TEXT_LEN = sizeof(text) - 1 };
  char found[64] = "";
  int source[2];
  int target[2];

  open_kind(from, true, source);
  open_kind(to, false, target);
  assert_int_equal(write(source[1], text, TEXT_LEN), TEXT_LEN);
  if (to == REGULAR)
    assert_int_equal(lseek(target[0], 0, SEEK_SET), 0);

  ssize_t n = FS(sendfile, target[0], source[0], 0, TEXT_LEN);
  if (n != TEXT_LEN)
    print_message("from kind %d to kind %d: %zd\n", (int) from, (int) to, n);
  assert_int_equal(n, TEXT_LEN);
  if (to == REGULAR) {
    assert_int_equal(lseek(target[0], 0, SEEK_CUR), TEXT_LEN);
    assert_int_equal(lseek(target[0], 0, SEEK_SET), 0);
  }
  assert_true(read(target[1], found, sizeof(found)) >= TEXT_LEN);
  assert_memory_equal(found, text, TEXT_LEN - 1);
  close_kind(source);
  close_kind(target);
  unlink("in");
  unlink("out");
}

static void every_kind_of_descriptor_is_source_and_target(void** state) {
  (void) state;
  for (int from = 0; from < KINDS; from++)
    for (int to = 0; to < KINDS; to++)
      send_between((enum kind) from, (enum kind) to);
}

static void* read_slowly(void* arg) {
  const struct timespec pause = {.tv_nsec = 1000 * 1000};

  nanosleep(&pause, NULL); /* gives the sender time to fill the socket */
  assert_gives(*(int*) arg, 0, 1 << 20);
  return arg;
}

/* Much more than its buffer takes. */
static void a_target_that_blocks_nobody_is_waited_for(void** state) {
  (void) state;
  pthread_t reader;
  int ends[2];

  make_long_file("from", 1 << 20);
  int in = open("from", O_RDONLY);
  for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
    if (is_pipe)
      assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    else
      assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, 0), 0); /* the reader's end waits */
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &ends[0]), 0);
    assert_int_equal(FS(sendfile, ends[1], in, 0, 1 << 20), 1 << 20);
    assert_int_equal(pthread_join(reader, NULL), 0);
    close(ends[0]);
    close(ends[1]);
  }
  close(in);
  unlink("from");
}

static void too_long_or_impossible_sends_are_refused(void** state) {
  (void) state;
  make_file("from", "text");
  int in = open("from", O_RDONLY);
  int out = open("to", O_WRONLY | O_CREAT, 0600);
  int directory = open(".", O_RDONLY);
  int nonblocking[2];
  int broken[2];
  int pty[2];

  assert_int_equal(pipe2(nonblocking, O_NONBLOCK), 0);
  assert_int_equal(pipe(broken), 0);
  close(broken[0]);
  assert_int_equal(openpty(&pty[0], &pty[1], NULL, NULL, NULL), 0);
  close(pty[0]);

#if UV_VERSION_HEX >= 0x013400
  assert_int_equal(FS(sendfile, out, in, 0, 0x7ffff001), UV_EINVAL);
  assert_int_equal(FS(sendfile, out, in, 0, SIZE_MAX), UV_EINVAL);
#endif
  assert_int_equal(FS(sendfile, -1, in, 0, 1), UV_EBADF);
  assert_int_equal(FS(sendfile, out, -1, 0, 1), UV_EBADF);
  assert_int_equal(FS(sendfile, in, in, 0, 1), UV_EBADF);
  assert_int_equal(FS(sendfile, out, out, 0, 1), UV_EBADF);
  assert_int_equal(FS(sendfile, out, directory, 0, 1), UV_EISDIR);
  assert_int_equal(FS(sendfile, out, nonblocking[0], 0, 1), UV_EAGAIN);
  assert_int_equal(FS(sendfile, pty[1], in, 0, 1), UV_EIO);
  assert_true(FS(sendfile, out, in, -5, 1) < 0);
  assert_int_equal(stat_of("to").st_size, 0);
  signal(SIGPIPE, SIG_IGN);
  assert_int_equal(FS(sendfile, broken[1], in, 0, 4), UV_EPIPE);
  signal(SIGPIPE, SIG_DFL);
  close(pty[1]);
  close(broken[1]);
  close(nonblocking[0]);
  close(nonblocking[1]);
  close(directory);
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

/* -- sendfile where the kernel lacks calls ----------------------------------------------------- */

/* 1 if all is sent right. */
static int send_file(void) {
  int in = open("from", O_RDONLY);
  int out = open("to", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char bytes[4096];
  int64_t total = 0;
  ssize_t n;

  if (FS(sendfile, out, in, 7, LEN) != LEN - 7 || lseek(out, 0, SEEK_SET) != 0)
    return 0;
  while ((n = read(out, bytes, sizeof(bytes))) > 0)
    for (ssize_t i = 0; i < n; i++)
      if (bytes[i] != byte_at(7 + total++))
        return 0;
  return total == LEN - 7;
}

static int send_without(int range_err, int sendfile_err) {
  if (range_err != 0 && fail_syscall(SYS_copy_file_range, range_err) != 0)
    return CHILD_CANNOT;
  if (sendfile_err != 0 && fail_syscall(SYS_sendfile, sendfile_err) != 0)
    return CHILD_CANNOT;
  return send_file();
}

static int without_copy_file_range(void) {
  return send_without(ENOSYS, 0);
}

static int without_both(void) {
  return send_without(ENOSYS, ENOSYS);
}

static int across_file_systems(void) {
  return send_without(EXDEV, EINVAL);
}

static int with_unsupported_file_system(void) {
  return send_without(EOPNOTSUPP, EIO);
}

static int with_forbidding_file_system(void) {
  return send_without(EPERM, 0);
}

static int with_old_network_file_system(void) {
  return send_without(EACCES, ENOTSOCK);
}

static void sending_works_whatever_the_kernel_lacks(void** state) {
  (void) state;
  make_long_file("from", LEN);
  const int answers[] = {
      in_child(without_copy_file_range),     in_child(without_both),
      in_child(across_file_systems),         in_child(with_unsupported_file_system),
      in_child(with_forbidding_file_system), in_child(with_old_network_file_system),
  };

  unlink("from");
  unlink("to");
  for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
    assert_int_equal(answers[i], 1);
}

static int send_to_full_disk(void) {
  char bytes[4096] = "";
  int in = open("from", O_RDONLY);
  int out;

  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  out = open("small/file", O_WRONLY | O_CREAT, 0600);
  while (write(out, bytes, sizeof(bytes)) > 0)
    continue;
  return (int) FS(sendfile, out, in, 0, LEN);
}

static int copy_to_full_disk(void) {
  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  int r = (int) copy("from", "small/to", 0);
  return exists("small/to") ? 1 : r;
}

static int copy_over_a_file_on_a_full_disk(void) {
  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  close(open("small/to", O_WRONLY | O_CREAT, 0600));
  int r = (int) copy("from", "small/to", UV_FS_COPYFILE_FICLONE);
  return exists("small/to") ? 1 : r;
}

/* The copy's other name must not lead to half of it. */
static int copy_over_a_linked_file_on_a_full_disk(void) {
  struct stat info;

  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  close(open("small/to", O_WRONLY | O_CREAT, 0600));
  if (link("small/to", "small/other") != 0)
    return 2;
  int r = (int) copy("from", "small/to", 0);
  return exists("small/to") || stat("small/other", &info) != 0 || info.st_size != 0 ? 1 : r;
}

static int clone_by_force_to_another_file_system(void) {
  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  int r = (int) copy("from", "small/to", UV_FS_COPYFILE_FICLONE_FORCE);
  return exists("small/to") ? 1 : r;
}

static void a_full_disk_leaves_no_half_of_a_copy(void** state) {
  (void) state;
  assert_int_equal(mkdir("small", 0755), 0);
  make_long_file("from", 4 * LEN);
  int sent = in_child(send_to_full_disk);
  int copied = in_child(copy_to_full_disk);
  int copied_over = in_child(copy_over_a_file_on_a_full_disk);
  int copied_over_linked =
      IS_OLDER_PEER ? UV_ENOSPC : in_child(copy_over_a_linked_file_on_a_full_disk);
  int forced = in_child(clone_by_force_to_another_file_system);

  unlink("from");
  rmdir("small");
  if (sent == CHILD_CANNOT) {
    print_message("mounting needs privileges that this process lacks\n");
    skip();
  }
  assert_int_equal(sent, UV_ENOSPC);
  assert_int_equal(copied, UV_ENOSPC);
  assert_int_equal(copied_over, UV_ENOSPC);
  assert_int_equal(copied_over_linked, UV_ENOSPC);
  assert_true(forced == UV_EXDEV || forced == UV_ENOTSUP);
}

/* -- copyfile ---------------------------------------------------------------------------------- */

static void a_copy_has_contents_mode_and_owner(void** state) {
  (void) state;
  make_long_file("from", LEN);
  chmod("from", 04755);
  mode_t before = umask(077);
  ssize_t r = copy("from", "to", 0);

  umask(before);
  assert_int_equal(r, 0);
  assert_int_equal(fs_req.fs_type, UV_FS_COPYFILE);
  assert_string_equal(fs_req.path, "from");
  assert_null(fs_req.ptr);
  assert_long_file("to", LEN);
  assert_int_equal(stat_of("to").st_mode, S_IFREG | 04755);
  assert_int_equal(stat_of("to").st_uid, stat_of("from").st_uid);
  assert_int_equal(stat_of("to").st_gid, stat_of("from").st_gid);
  unlink("from");
  unlink("to");
}

static void the_owner_is_copied_where_that_is_allowed(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("changing owners needs privileges that this process lacks\n");
    skip();
  }
  make_file("from", "text");
  assert_int_equal(chown("from", 4711, 4712), 0);
  assert_int_equal(copy("from", "to", 0), 0);
  assert_int_equal(stat_of("to").st_uid, 4711);
  assert_int_equal(stat_of("to").st_gid, 4712);
  unlink("from");
  unlink("to");
}

static void a_file_copied_onto_itself_stays(void** state) {
  (void) state;
  make_file("file", "text");
  assert_int_equal(link("file", "name"), 0);
  assert_int_equal(symlink("file", "link"), 0);

  assert_int_equal(copy("file", "file", 0), 0);
  assert_int_equal(copy("file", "name", 0), 0);
  assert_int_equal(copy("link", "file", 0), 0);
  assert_int_equal(copy("file", "link", UV_FS_COPYFILE_FICLONE), 0);
  assert_int_equal(copy("file", "file", UV_FS_COPYFILE_EXCL), UV_EEXIST);
  assert_file_holds("file", "text");
  unlink("link");
  unlink("name");
  unlink("file");
}

static void empty_files_have_empty_copies_with_the_same_times(void** state) {
  (void) state;
  const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};

  make_file("from", "");
  assert_int_equal(utimensat(AT_FDCWD, "from", times, 0), 0);
  assert_int_equal(copy("from", "to", 0), 0);
  assert_int_equal(stat_of("to").st_size, 0);
  assert_int_equal(stat_of("to").st_mtim.tv_sec, 2000);
  unlink("from");
  unlink("to");
}

/* They claim to be empty. */
static void files_of_the_kernel_are_copied(void** state) {
  (void) state;
  char expected[4096] = "";
  int fd = open("/proc/version", O_RDONLY);

  assert_true(read(fd, expected, sizeof(expected) - 1) > 0);
  close(fd);
  assert_int_equal(copy("/proc/version", "to", 0), 0);
  assert_file_holds("to", expected);
  unlink("to");
}

static void what_has_no_size_is_copied_as_empty(void** state) {
  (void) state;
  assert_int_equal(copy("/dev/zero", "to", 0), 0);
  assert_int_equal(stat_of("to").st_size, 0);
  unlink("to");
}

static void times_after_2038_are_copied(void** state) {
  (void) state;
  const int64_t second = INT64_C(4294967301); /* of the year 2106 */

  make_file("from", "");
  assert_int_equal(FS(utime, "from", (double) second, (double) second), 0);
  assert_int_equal(copy("from", "to", 0), 0);
  assert_int_equal(FS(stat, "to"), 0);
  assert_true(fs_req.statbuf.st_mtim.tv_sec == (long) second);
  unlink("from");
  unlink("to");
}

/* Longer than one system call may copy: libuv until 1.52 does not come back from this. */
static void huge_files_are_copied_with_their_holes(void** state) {
  (void) state;
  const int64_t size = (INT64_C(9) << 30) + 4097;
  const int64_t places[] = {0, INT64_C(0x7ffff000) - 2, (INT64_C(1) << 32) - 2, INT64_C(8) << 30};
  int from = open("from", O_RDWR | O_CREAT, 0600);
  char found[4];

  for (int i = 0; i < 4; i++)
    assert_int_equal(pwrite(from, "data", 4, places[i]), 4);
  assert_int_equal(ftruncate(from, size), 0);
  assert_int_equal(copy("from", "to", 0), 0);

  int to = open("to", O_RDONLY);
  assert_int_equal(stat_of("to").st_size, size);
  assert_true(stat_of("to").st_blocks < 10000);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(pread(to, found, 4, places[i]), 4);
    assert_memory_equal(found, "data", 4);
  }
  assert_int_equal(pread(to, found, 4, size - 4), 4);
  assert_memory_equal(found, "\0\0\0\0", 4);
  close(from);
  close(to);
  unlink("from");
  unlink("to");
}

static int copy_on_full_quota(void) {
  if (fail_syscall(SYS_copy_file_range, EDQUOT) != 0 || fail_syscall(SYS_sendfile, EDQUOT) != 0)
    return CHILD_CANNOT;
  return (int) copy("from", "to", 0);
}

static void a_copy_that_fails_is_removed(void** state) {
  (void) state;
  make_file("from", "text");
  make_file("to", "old");
  int answer = in_child(copy_on_full_quota);

  unlink("from");
  assert_false(exists("to"));
  assert_int_equal(uv_translate_sys_error(EDQUOT), answer);
}

static void sharing_is_tried_and_copying_comes_after_it(void** state) {
  (void) state;
  make_long_file("from", LEN);
  assert_int_equal(copy("from", "to", UV_FS_COPYFILE_FICLONE), 0);
  assert_long_file("to", LEN);
  unlink("to");

  ssize_t r = copy("from", "to", UV_FS_COPYFILE_FICLONE | UV_FS_COPYFILE_FICLONE_FORCE);
  if (r == 0)
    assert_long_file("to", LEN);
  else
    assert_false(exists("to"));
  assert_true(r == 0 || r == UV_ENOTSUP || r == UV_EXDEV || r == UV_EINVAL);
  unlink("to");
  unlink("from");
}

static int force_on_old_kernel(void) {
  if (fail_syscall(SYS_ioctl, ENOTTY) != 0)
    return CHILD_CANNOT;
  return (int) copy("from", "to", UV_FS_COPYFILE_FICLONE_FORCE);
}

static void forced_sharing_fails_where_it_is_unknown(void** state) {
  (void) state;
  make_file("from", "text");
  int answer = in_child(force_on_old_kernel);

  assert_false(exists("to"));
  unlink("from");
  assert_int_equal(answer, UV_ENOTSUP);
}

static void copying_fails_without_a_target_made(void** state) {
  (void) state;
  make_file("from", "text");
  assert_int_equal(mkdir("dir", 0755), 0);

  assert_int_equal(copy("none", "to", 0), UV_ENOENT);
  assert_int_equal(copy("dir", "to", 0), UV_EISDIR);
  assert_false(exists("to"));
  assert_int_equal(copy("from", "none/to", 0), UV_ENOENT);
  assert_int_equal(copy("from", "dir", 0), UV_EISDIR);
  assert_int_equal(copy("from", "from/to", 0), UV_ENOTDIR);
  assert_int_equal(copy("from", "to", 8), UV_EINVAL);
  assert_int_equal(copy("from", "to", -1), UV_EINVAL);
  assert_int_equal(copy("from", long_name(), 0), UV_ENAMETOOLONG);
  assert_false(exists("to"));
  rmdir("dir");
  unlink("from");
}

/* As root, libuv removes /dev/null here. */
static void devices_are_no_targets_and_stay(void** state) {
  (void) state;
  make_file("from", "text");
  chmod("from", 0600);
  if (geteuid() != 0 || mknod("null", S_IFCHR | 0666, makedev(1, 3)) != 0) {
    unlink("from");
    print_message("making a device needs privileges that this process lacks\n");
    skip();
  }
  chmod("null", 0666);
  ssize_t r = copy("from", "null", 0);

  bool stays = exists("null") && stat_of("null").st_mode == (S_IFCHR | 0666);
  unlink("null");
  unlink("from");
  assert_int_equal(r, UV_EINVAL);
  assert_true(stays);
}

static void no_descriptors_are_left_open(void** state) {
  (void) state;
  make_file("from", "text");
  copy("from", "to", 0);
  int before = count_descriptors();

  copy("from", "to", 0);
  copy("none", "to", 0);
  copy("from", ".", 0);
  copy(".", "to", 0);
  copy("from", "to", UV_FS_COPYFILE_EXCL);
  copy("from", "from", 0);
  copy("from", "to", UV_FS_COPYFILE_FICLONE_FORCE);
  assert_int_equal(count_descriptors(), before);
  unlink("from");
  unlink("to");
}

child_function(copy_a_secret, become_nobody(), copy("secret", "dir/to", 0));
child_function(copy_over_a_protected_file, become_nobody(), copy("open", "protected", 0));
child_function(copy_over_somebodys_file, become_nobody(), copy("open", "writable", 0));

static int copy_somebodys_file(void) {
  if (become_nobody() != 0)
    return CHILD_CANNOT;
  int r = (int) copy("open", "dir/to", 0);
  return r != 0 || stat_of("dir/to").st_uid == NOBODY ? r : 1;
}

static void what_is_not_allowed_is_not_copied(void** state) {
  (void) state;
  if (geteuid() != 0) {
    print_message("making files of another user needs privileges that this process lacks\n");
    skip();
  }
  make_file("secret", "");
  chmod("secret", 0600);
  make_file("open", "text");
  make_file("protected", "old");
  make_file("writable", "old");
  chmod("writable", 0666);
  assert_int_equal(mkdir("dir", 0777), 0);
  chmod("dir", 0777);
  int secret = in_child(copy_a_secret);
  int protected_file = in_child(copy_over_a_protected_file);
  int somebodys = in_child(copy_over_somebodys_file);
  int to_own = in_child(copy_somebodys_file);

  assert_file_holds("protected", "old");
  unlink("dir/to");
  rmdir("dir");
  unlink("secret");
  unlink("open");
  unlink("protected");
  unlink("writable");
  assert_int_equal(secret, UV_EACCES);
  assert_int_equal(protected_file, UV_EACCES);
  assert_int_equal(somebodys, UV_EPERM);
  assert_int_equal(to_own, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(every_kind_of_descriptor_is_source_and_target),
      both_tests(a_target_that_blocks_nobody_is_waited_for),
      both_tests(too_long_or_impossible_sends_are_refused),
      newer_sync_test(sending_works_whatever_the_kernel_lacks),
      sync_test(a_full_disk_leaves_no_half_of_a_copy),
      both_tests(a_copy_has_contents_mode_and_owner),
      newer_both_tests(the_owner_is_copied_where_that_is_allowed),
      both_tests(a_file_copied_onto_itself_stays),
      newer_both_tests(empty_files_have_empty_copies_with_the_same_times),
      newer_both_tests(files_of_the_kernel_are_copied),
      both_tests(what_has_no_size_is_copied_as_empty),
      newer_both_tests(times_after_2038_are_copied),
      newer_both_tests(huge_files_are_copied_with_their_holes),
      sync_test(a_copy_that_fails_is_removed),
      both_tests(sharing_is_tried_and_copying_comes_after_it),
      newer_sync_test(forced_sharing_fails_where_it_is_unknown),
      both_tests(copying_fails_without_a_target_made),
      newer_both_tests(devices_are_no_targets_and_stay),
      both_tests(no_descriptors_are_left_open),
      sync_test(what_is_not_allowed_is_not_copied),
  };
  return cmocka_run_group_tests_name("fs_copy_unix", tests, NULL, NULL);
}
