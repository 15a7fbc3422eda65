/* Files: copying files, and bytes between descriptors. */
#include "support/fs_copy.h"

/* -- sendfile ---------------------------------------------------------------------------------- */

static void bytes_go_from_file_to_file(void** state) {
  (void) state;
  make_long_file("from", LEN);
  int in = open("from", O_RDONLY);
  int out = open("to", O_RDWR | O_CREAT, 0600);

  assert_int_equal(FS(sendfile, out, in, 0, 100), 100);
  assert_int_equal(fs_req.fs_type, UV_FS_SENDFILE);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(sendfile, out, in, 100, LEN), LEN - 100);
  assert_int_equal(lseek(in, 0, SEEK_CUR), 0);
  assert_int_equal(lseek(out, 0, SEEK_CUR), LEN);
  assert_long_file("to", LEN);
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

static void a_hole_is_sent_to_its_end(void** state) {
  (void) state;
  int in = open("from", O_RDWR | O_CREAT, 0600);
  int out = open("to", O_RDWR | O_CREAT, 0600);

  assert_int_equal(ftruncate(in, 65546), 0);
  assert_int_equal(FS(sendfile, out, in, 1, 131072), 65545);
  assert_int_equal(stat_of("to").st_size, 65545);
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

static void nothing_is_sent_at_the_end_or_for_length_0(void** state) {
  (void) state;
  make_file("from", "text");
  int in = open("from", O_RDONLY);
  int out = open("to", O_RDWR | O_CREAT, 0600);

  assert_int_equal(FS(sendfile, out, in, 0, 0), 0);
  assert_int_equal(FS(sendfile, out, in, 4, 10), 0);
  assert_int_equal(FS(sendfile, out, in, INT64_C(1) << 33, 10), 0);
  assert_int_equal(stat_of("to").st_size, 0);
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

static void offsets_beyond_4_gib_are_sent_from(void** state) {
  (void) state;
  const int64_t start = (INT64_C(1) << 32) - 2;
  int in = open("from", O_RDWR | O_CREAT, 0600);
  int out = open("to", O_RDWR | O_CREAT, 0600);
  char found[8] = "";

  assert_int_equal(pwrite(in, "abcd", 4, start), 4);
  assert_int_equal(FS(sendfile, out, in, start, 100), 4);
  assert_int_equal(pread(out, found, 8, 0), 4);
  assert_string_equal(found, "abcd");
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

static void a_pipe_is_sent_until_its_end(void** state) {
  (void) state;
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "text", 4), 4);
  close(ends[1]);
  int out = open("to", O_RDWR | O_CREAT, 0600);

  assert_int_equal(FS(sendfile, out, ends[0], 1000, 100), 4);
  assert_file_holds("to", "text");
  assert_int_equal(FS(sendfile, out, ends[0], 0, 100), 0);
  close(out);
  close(ends[0]);
  unlink("to");
}

/* copy_file_range(2) and sendfile(2) both refuse such a target. */
static void what_is_sent_is_appended_where_the_target_says_so(void** state) {
  (void) state;
  make_file("from", "new");
  make_file("to", "old");
  int in = open("from", O_RDONLY);
  int out = open("to", O_WRONLY | O_APPEND);

  assert_int_equal(FS(sendfile, out, in, 0, 100), 3);
  assert_file_holds("to", "oldnew");
  close(in);
  close(out);
  unlink("from");
  unlink("to");
}

/* -- copyfile ---------------------------------------------------------------------------------- */

static void an_existing_target_is_overwritten(void** state) {
  (void) state;
  make_file("from", "new");
  make_file("to", "old and longer");
  chmod("from", 0640);
  uint64_t inode = stat_of("to").st_ino;

  assert_int_equal(copy("from", "to", 0), 0);
  assert_file_holds("to", "new");
  assert_int_equal(stat_of("to").st_ino, inode);
  assert_int_equal(stat_of("to").st_mode & 07777, shown_mode(0640));
  assert_int_equal(copy("from", "to", UV_FS_COPYFILE_EXCL), UV_EEXIST);
  assert_file_holds("to", "new");
  assert_int_equal(copy("from", "third", UV_FS_COPYFILE_EXCL), 0);
  assert_file_holds("third", "new");
  unlink("from");
  unlink("to");
  unlink("third");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(bytes_go_from_file_to_file),
      both_tests(a_hole_is_sent_to_its_end),
      both_tests(nothing_is_sent_at_the_end_or_for_length_0),
      both_tests(offsets_beyond_4_gib_are_sent_from),
      both_tests(a_pipe_is_sent_until_its_end),
      newer_both_tests(what_is_sent_is_appended_where_the_target_says_so),
      both_tests(an_existing_target_is_overwritten),
  };
  return cmocka_run_group_tests_name("fs_copy", tests, NULL, NULL);
}
