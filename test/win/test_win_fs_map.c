/* Files that are mapped into memory (UV_FS_O_FILEMAP). */
#include "support/win/fs_calls.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(a_mapped_file_is_read_and_written_as_others_are),
      both_tests(a_mapped_file_takes_many_buffers_at_any_place),
      both_tests(a_mapped_file_is_appended_to_and_cut),
      both_tests(a_mapped_file_does_only_what_it_was_opened_for),
      both_tests(a_mapped_file_survives_memory_that_is_none),
  };
  return cmocka_run_group_tests_name("win_fs_map", tests, NULL, NULL);
}
