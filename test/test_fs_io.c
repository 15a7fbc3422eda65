/* Files: reading, writing, cutting, synchronising. */
#include "support/fs_io.h"

/* -- Reading ----------------------------------------------------------------------------------- */

static void reading_at_the_position_moves_it(void** state) {
  (void) state;
  char text[8] = "";

  make_file("file", "0123456789");
  int fd = open_file("file", O_RDONLY);

  assert_int_equal(read_some(fd, text, 4, -1), 4);
  assert_string_equal(text, "0123");
  assert_int_equal(position(fd), 4);
  assert_int_equal(read_some(fd, text, 3, -1000), 3);
  assert_string_equal(text, "4563");
  assert_int_equal(position(fd), 7);
  assert_int_equal(fs_req.fs_type, UV_FS_READ);
  assert_null(fs_req.path);
  assert_null(fs_req.ptr);
  close(fd);
  unlink("file");
}

static void reading_at_an_offset_leaves_the_position(void** state) {
  (void) state;
  char text[8] = "";

  make_file("file", "0123456789");
  int fd = open_file("file", O_RDONLY);

  assert_int_equal(read_some(fd, text, 4, 6), 4);
  assert_string_equal(text, "6789");
  assert_int_equal(position(fd), 0);
  close(fd);
  unlink("file");
}

static void the_end_is_0_as_often_as_one_asks(void** state) {
  (void) state;
  char text[8];

  make_file("file", "0");
  int fd = open_file("file", O_RDONLY);

  assert_int_equal(read_some(fd, text, 8, 0), 1);
  assert_int_equal(read_some(fd, text, 8, 1), 0);
  assert_int_equal(read_some(fd, text, 8, 1), 0);
  assert_int_equal(read_some(fd, text, 8, INT64_C(1) << 40), 0);
  close(fd);
  unlink("file");
}

static void buffers_are_filled_in_turn(void** state) {
  (void) state;
  char a[3];
  char b[4];
  char c[16];
  const uv_buf_t bufs[] = {uv_buf_init(a, 3), uv_buf_init(NULL, 0), uv_buf_init(b, 4),
                           uv_buf_init(c, 16)};

  make_file("file", "0123456789");
  int fd = open_file("file", O_RDONLY);

  for (int round = 0; round < 2; round++) {
    memset(a, 0, sizeof(a));
    memset(c, 0, sizeof(c));
    assert_int_equal(FS(read, fd, bufs, 4, round == 0 ? 0 : -1), 10);
    assert_memory_equal(a, "012", 3);
    assert_memory_equal(b, "3456", 4);
    assert_memory_equal(c, "789", 4);
  }
  close(fd);
  unlink("file");
}

static void an_empty_buffer_reads_nothing(void** state) {
  (void) state;
  uv_buf_t buf = uv_buf_init(NULL, 0);

  make_file("file", "text");
  int fd = open_file("file", O_RDWR);

  assert_int_equal(FS(read, fd, &buf, 1, -1), 0);
  assert_int_equal(FS(write, fd, &buf, 1, -1), 0);
  assert_int_equal(position(fd), 0);
  close(fd);
  unlink("file");
}

static void reading_without_buffers_is_refused(void** state) {
  (void) state;
  char byte;
  uv_buf_t buf = uv_buf_init(&byte, 1);

  assert_int_equal(FS(read, 0, NULL, 1, 0), UV_EINVAL);
  assert_int_equal(FS(read, 0, &buf, 0, 0), UV_EINVAL);
  assert_null(fs_req.ptr);
  assert_null(fs_req.path);
}

/* -- Writing ----------------------------------------------------------------------------------- */

static void writing_at_the_position_moves_it(void** state) {
  (void) state;
  int fd = open_file("file", O_RDWR | O_CREAT);

  assert_int_equal(write_text(fd, "012", -1), 3);
  assert_int_equal(write_text(fd, "34", -1), 2);
  assert_int_equal(position(fd), 5);
  assert_file_holds("file", "01234");
  assert_int_equal(fs_req.fs_type, UV_FS_WRITE);
  close(fd);
  unlink("file");
}

static void writing_at_an_offset_leaves_the_position(void** state) {
  (void) state;
  make_file("file", "0123456789");
  int fd = open_file("file", O_RDWR);

  assert_int_equal(write_text(fd, "ab", 4), 2);
  assert_int_equal(position(fd), 0);
  assert_file_holds("file", "0123ab6789");
  close(fd);
  unlink("file");
}

static void appending_wins_over_the_offset(void** state) {
  (void) state;
  make_file("file", "0123");
  int fd = open_file("file", O_WRONLY | O_APPEND);

  assert_int_equal(write_text(fd, "ab", 0), 2);
  assert_file_holds("file", "0123ab");
  close(fd);
  unlink("file");
}

/* More than a system call takes (IOV_MAX), with empty buffers among them, a whole call's worth in a
 * row. */
static void all_buffers_are_written(void** state) {
  (void) state;
  enum { AT_ONCE = 1024, COUNT = 4 * AT_ONCE + 7 };
  static char bytes[COUNT];
  static char found[COUNT + 1];
  static uv_buf_t bufs[COUNT];
  static uv_buf_t before[COUNT];
  unsigned int total = 0;

  for (int i = 0; i < COUNT; i++) {
    bool is_empty = i % 5 == 0 || (i >= AT_ONCE && i < 2 * AT_ONCE + 100);

    bytes[i] = (char) ('a' + i % 26);
    bufs[i] = uv_buf_init(&bytes[i], is_empty ? 0 : 1);
    total += is_empty ? 0 : 1;
  }
  memcpy(before, bufs, sizeof(bufs));
  int fd = open_file("file", O_RDWR | O_CREAT);

  assert_int_equal(FS(write, fd, bufs, COUNT, -1), total);
  assert_int_equal(FS(write, fd, bufs, COUNT, total), total);
  assert_memory_equal(bufs, before, sizeof(bufs));
  assert_int_equal(position(fd), total);
  for (int copy = 0; copy < 2; copy++) {
    const char* at = found;

    assert_int_equal(pread(fd, found, sizeof(found), copy * (int) total),
                     copy == 0 ? 2 * total < sizeof(found) ? 2 * total : sizeof(found) : total);
    for (int i = 0; i < COUNT; i++)
      if (bufs[i].len > 0)
        assert_int_equal(*at++, bytes[i]);
  }
  close(fd);
  unlink("file");
}

/* -- Large files ------------------------------------------------------------------------------- */

static void offsets_have_64_bits(void** state) {
  (void) state;
  const int64_t boundaries[] = {INT64_C(1) << 31, INT64_C(1) << 32, INT64_C(5) << 32};
  int fd = open_file("file", O_RDWR | O_CREAT);

  for (size_t i = 0; i < sizeof(boundaries) / sizeof(boundaries[0]); i++) {
    int64_t start = boundaries[i] - 2;
    char text[8] = "";

    assert_int_equal(write_text(fd, "abcd", start), 4);
    assert_int_equal(FS(fstat, fd), 0);
    assert_int_equal(fs_req.statbuf.st_size, start + 4);
    assert_int_equal(read_some(fd, text, 8, start), 4);
    assert_string_equal(text, "abcd");
    assert_int_equal(read_some(fd, text, 2, start + 2), 2);
    assert_memory_equal(text, "cd", 2);

    assert_int_equal(lseek(fd, start + 4, SEEK_SET), start + 4);
    assert_int_equal(write_text(fd, "ef", -1), 2);
    assert_int_equal(position(fd), start + 6);
    assert_int_equal(FS(ftruncate, fd, start + 1), 0);
    assert_int_equal(stat_of("file").st_size, start + 1);
  }
  close(fd);
  unlink("file");
}

/* -- Cutting and synchronising ----------------------------------------------------------------- */

static void cutting_shortens_or_grows_with_zeros(void** state) {
  (void) state;
  char text[8];

  make_file("file", "0123");
  int fd = open_file("file", O_RDWR);

  assert_int_equal(FS(ftruncate, fd, 2), 0);
  assert_file_holds("file", "01");
  assert_int_equal(FS(ftruncate, fd, 5), 0);
  assert_int_equal(pread(fd, text, 8, 0), 5);
  assert_memory_equal(text, "01\0\0\0", 5);
  assert_int_equal(fs_req.fs_type, UV_FS_FTRUNCATE);
  close(fd);
  unlink("file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(reading_at_the_position_moves_it),
      both_tests(reading_at_an_offset_leaves_the_position),
      both_tests(the_end_is_0_as_often_as_one_asks),
      both_tests(buffers_are_filled_in_turn),
      both_tests(an_empty_buffer_reads_nothing),
      both_tests(reading_without_buffers_is_refused),
      both_tests(writing_at_the_position_moves_it),
      both_tests(writing_at_an_offset_leaves_the_position),
      both_tests(appending_wins_over_the_offset),
      newer_both_tests(all_buffers_are_written),
      both_tests(offsets_have_64_bits),
      both_tests(cutting_shortens_or_grows_with_zeros),
  };
  return cmocka_run_group_tests_name("fs_io", tests, NULL, NULL);
}
