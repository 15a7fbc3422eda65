/* Files: reading, writing, cutting, synchronising, where that depends on the kernel, its limits and
 * signals. */
#include "support/child.h"
#include "support/fs_io.h"
#include "support/signal_storm.h"

#include <errno.h>
#include <limits.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* -- Reading ----------------------------------------------------------------------------------- */

static void buffers_beyond_the_kernels_limit_are_not_filled(void** state) {
  (void) state;
  enum { COUNT = IOV_MAX + 500 };
  char bytes[COUNT];
  uv_buf_t bufs[COUNT];

  make_file("file", "");
  assert_int_equal(truncate("file", COUNT), 0);
  int fd = open_file("file", O_RDONLY);
  for (int i = 0; i < COUNT; i++)
    bufs[i] = uv_buf_init(&bytes[i], 1);
  memset(bytes, 'x', sizeof(bytes));

  assert_int_equal(FS(read, fd, bufs, COUNT, 0), IOV_MAX);
  assert_int_equal(bytes[IOV_MAX - 1], 0);
  assert_int_equal(bytes[IOV_MAX], 'x');
  close(fd);
  unlink("file");
}

/* More than there can be: where such a number comes from, only the end is not known. */
static int read_into_one_endless_buffer(void) {
  static char text[64];
  uv_buf_t buf = {.base = text, .len = SIZE_MAX};
  return (int) FS(read, open("file", O_RDONLY), &buf, 1, 0);
}

static void buffers_that_are_too_long_are_clipped(void** state) {
  (void) state;
  char text[4];
  const uv_buf_t bufs[] = {uv_buf_init(text, 4), {.base = text, .len = SIZE_MAX}};

  make_file("file", "0123456789");
  int fd = open_file("file", O_RDONLY);
  int from_child = in_child(read_into_one_endless_buffer);

  assert_int_equal(FS(read, fd, bufs, 2, 0), 4);
  assert_memory_equal(text, "0123", 4);
  close(fd);
  unlink("file");
  assert_int_equal(from_child, 10);
}

static void reading_fails_as_read_does(void** state) {
  (void) state;
  char text[8];
  int ends[2];
  int master;
  int slave;

  make_file("file", "text");
  int write_only = open_file("file", O_WRONLY);
  int directory = open_file(".", O_RDONLY);
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
  close(slave);

  assert_int_equal(read_some(-1, text, 8, 0), UV_EBADF);
  assert_int_equal(read_some(write_only, text, 8, 0), UV_EBADF);
  assert_int_equal(read_some(directory, text, 8, 0), UV_EISDIR);
  assert_int_equal(read_some(directory, text, 8, -1), UV_EISDIR);
  assert_int_equal(read_some(ends[0], text, 8, 0), UV_ESPIPE);
  assert_int_equal(read_some(ends[0], text, 8, -1), UV_EAGAIN);
  assert_int_equal(read_some(master, text, 8, -1), UV_EIO);
  close(ends[0]);
  close(ends[1]);
  close(master);
  close(directory);
  close(write_only);
  unlink("file");
}

/* Only where the caller is the one who is interrupted. */
static void a_signal_ends_a_read_that_waits(void** state) {
  (void) state;
  char byte;
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  storm_begin();
  ssize_t n = read_some(ends[0], &byte, 1, -1);
  storm_end();

  assert_int_equal(n, UV_EINTR);
  close(ends[0]);
  close(ends[1]);
}

/* -- Writing ----------------------------------------------------------------------------------- */

struct drain {
  pthread_t thread;
  int fd;
  size_t total;
  uint32_t sum; /* of byte times place */
};

static uint32_t weigh(uint32_t sum, const unsigned char* bytes, size_t len, size_t place) {
  for (size_t i = 0; i < len; i++)
    sum += bytes[i] * (uint32_t) (place + i + 1);
  return sum;
}

static void* drain_main(void* arg) {
  struct drain* drain = arg;
  unsigned char bytes[777];
  ssize_t n;

  while ((n = read(drain->fd, bytes, sizeof(bytes))) > 0) {
    drain->sum = weigh(drain->sum, bytes, (size_t) n, drain->total);
    drain->total += (size_t) n;
  }
  return arg;
}

/* A pipe takes a part, a signal cuts a call: the buffers are written in order, and completely. */
static void many_buffers_reach_a_pipe_through_signals(void** state) {
  (void) state;
  enum { COUNT = 54321, LARGEST = 97 };
  uv_buf_t* bufs = malloc(COUNT * sizeof(*bufs));
  uv_buf_t* before = malloc(COUNT * sizeof(*bufs));
  unsigned char* bytes = malloc((size_t) COUNT * LARGEST);
  struct drain drain = {.total = 0};
  size_t total = 0;
  int ends[2];

  assert_true(bufs != NULL && before != NULL && bytes != NULL);
  for (int i = 0; i < COUNT; i++) {
    unsigned int len = (unsigned) (i * 7 % LARGEST);

    bufs[i] = uv_buf_init((char*) bytes + total, len);
    for (unsigned int k = 0; k < len; k++)
      bytes[total + k] = (unsigned char) (i + (int) k * 31);
    total += len;
  }
  memcpy(before, bufs, COUNT * sizeof(*bufs));
  assert_int_equal(pipe(ends), 0);
  drain.fd = ends[0];
  storm_begin(); /* first: the other thread is not to be interrupted */
  assert_int_equal(pthread_create(&drain.thread, NULL, drain_main, &drain), 0);
  ssize_t n = FS(write, ends[1], bufs, COUNT, -1);
  storm_end();
  close(ends[1]);
  assert_int_equal(pthread_join(drain.thread, NULL), 0);
  close(ends[0]);

  assert_int_equal(n, total);
  assert_int_equal(drain.total, total);
  assert_int_equal(drain.sum, weigh(0, bytes, total, 0));
  assert_memory_equal(bufs, before, COUNT * sizeof(*bufs));
  free(bytes);
  free(before);
  free(bufs);
}

static void writing_without_buffers_or_too_much_is_refused(void** state) {
  (void) state;
  char byte;
  uv_buf_t buf = uv_buf_init(&byte, 1);
  uv_buf_t large = {.base = &byte, .len = 0x7ffff001};
  const uv_buf_t both[] = {{.base = &byte, .len = 0x7ffff000}, {.base = &byte, .len = 1}};
  const uv_buf_t wrapping[] = {{.base = &byte, .len = SIZE_MAX}, {.base = &byte, .len = 1}};

  assert_int_equal(FS(write, 0, NULL, 1, 0), UV_EINVAL);
  assert_int_equal(FS(write, 0, &buf, 0, 0), UV_EINVAL);
  assert_null(fs_req.ptr);
  assert_null(fs_req.path);
#if UV_VERSION_HEX >= 0x013400
  assert_int_equal(FS(write, 0, &large, 1, 0), UV_EINVAL);
  assert_int_equal(FS(write, 0, both, 2, 0), UV_EINVAL);
  assert_int_equal(FS(write, 0, wrapping, 2, 0), UV_EINVAL);
#else
  (void) large;
  (void) both;
  (void) wrapping;
#endif
}

static void writing_fails_as_write_does(void** state) {
  (void) state;
  int ends[2];
  int master;
  int slave;
  char filling[4096] = "";

  make_file("file", "text");
  int read_only = open_file("file", O_RDONLY);
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
  close(master);

  assert_int_equal(write_text(-1, "x", 0), UV_EBADF);
  assert_int_equal(write_text(read_only, "x", 0), UV_EBADF);
  assert_int_equal(write_text(ends[1], "x", 0), UV_ESPIPE);
  assert_int_equal(write_text(slave, "x", -1), UV_EIO);
  while (write(ends[1], filling, sizeof(filling)) > 0)
    continue;
  assert_int_equal(write_text(ends[1], "x", -1), UV_EAGAIN);
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  assert_int_equal(write_text(ends[1], "x", -1), UV_EPIPE);
  signal(SIGPIPE, SIG_DFL);
  close(ends[1]);
  close(slave);
  close(read_only);
  unlink("file");
}

/* A full pipe takes no more: what it took is the result, and the next call tells why. */
static void what_was_written_before_an_error_counts(void** state) {
  (void) state;
  enum { SIZE = 256 * 1024 };
  char* bytes = calloc(1, SIZE);
  uv_buf_t bufs[] = {uv_buf_init(bytes, SIZE / 2), uv_buf_init(bytes, SIZE / 2)};
  int ends[2];

  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  ssize_t n = FS(write, ends[1], bufs, 2, -1);

  assert_true(n > 0 && n < SIZE);
  assert_int_equal(write_text(ends[1], "x", -1), UV_EAGAIN);
  close(ends[0]);
  close(ends[1]);
  free(bytes);
}

static int write_past_limit(int64_t offset) {
  const struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
  char bytes[8192] = "";
  uv_buf_t buf = uv_buf_init(bytes, sizeof(bytes));
  int fd = open("file", O_WRONLY);

  signal(SIGXFSZ, SIG_IGN);
  return setrlimit(RLIMIT_FSIZE, &limit) != 0 ? CHILD_CANNOT : (int) FS(write, fd, &buf, 1, offset);
}

static int write_up_to_limit(void) {
  return write_past_limit(0);
}

static int write_behind_limit(void) {
  return write_past_limit(4096);
}

static int cut_behind_limit(void) {
  write_past_limit(0);
  return (int) FS(ftruncate, open("file", O_WRONLY), 4097);
}

static void files_grow_up_to_the_limit(void** state) {
  (void) state;
  make_file("file", "");
  int up_to = in_child(write_up_to_limit);
  int behind = in_child(write_behind_limit);
  int cut = in_child(cut_behind_limit);

  unlink("file");
  assert_int_equal(up_to, 4096);
  assert_int_equal(behind, UV_EFBIG);
  assert_int_equal(cut, UV_EFBIG);
}

/* 64 KiB at `small`, of which `filled` is left after one write of 1 MiB. */
static ssize_t fill_disk(int* fd) {
  static char bytes[1 << 20];
  uv_buf_t buf = uv_buf_init(bytes, sizeof(bytes));

  if (mount_small("small", 0) != 0)
    return CHILD_CANNOT;
  *fd = open("small/file", O_RDWR | O_CREAT, 0600);
  return FS(write, *fd, &buf, 1, -1);
}

static int write_to_full_disk(void) {
  int fd;
  ssize_t n = fill_disk(&fd);

  if (n == CHILD_CANNOT)
    return CHILD_CANNOT;
  return n == 65536 ? (int) write_text(fd, "x", -1) : 1;
}

static void a_full_disk_takes_what_fits(void** state) {
  (void) state;
  assert_int_equal(mkdir("small", 0755), 0);
  int answer = in_child(write_to_full_disk);

  rmdir("small");
  if (answer == CHILD_CANNOT) {
    print_message("mounting needs privileges that this process lacks\n");
    skip();
  }
  assert_int_equal(answer, UV_ENOSPC);
}

/* -- Cutting and synchronising ----------------------------------------------------------------- */

static void cutting_fails_as_ftruncate_does(void** state) {
  (void) state;
  make_file("file", "text");
  int read_only = open_file("file", O_RDONLY);
  int fd = open_file("file", O_RDWR);

  assert_int_equal(FS(ftruncate, fd, -1), UV_EINVAL);
  assert_int_equal(FS(ftruncate, read_only, 1), UV_EINVAL);
  assert_int_equal(FS(ftruncate, -1, 1), UV_EBADF);
  assert_int_equal(FS(ftruncate, fd, INT64_MAX), UV_EFBIG);
  close(fd);
  close(read_only);
  unlink("file");
}

static void files_can_be_synchronised_and_pipes_cannot(void** state) {
  (void) state;
  int ends[2];

  make_file("file", "text");
  int fd = open_file("file", O_RDWR);
  assert_int_equal(pipe(ends), 0);

  assert_int_equal(FS(fsync, fd), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_FSYNC);
  assert_int_equal(FS(fdatasync, fd), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_FDATASYNC);
  assert_int_equal(FS(fsync, ends[0]), UV_EINVAL);
  assert_int_equal(FS(fdatasync, ends[0]), UV_EINVAL);
  assert_int_equal(FS(fsync, -1), UV_EBADF);
  assert_int_equal(FS(fdatasync, -1), UV_EBADF);
  close(ends[0]);
  close(ends[1]);
  close(fd);
  unlink("file");
}

child_function(fsync_on_broken_disk, fail_syscall(SYS_fsync, EIO), FS(fsync, 0));
child_function(fdatasync_on_broken_disk, fail_syscall(SYS_fdatasync, EIO), FS(fdatasync, 0));
child_function(fsync_on_full_disk, fail_syscall(SYS_fsync, ENOSPC), FS(fsync, 0));
child_function(fdatasync_on_full_disk, fail_syscall(SYS_fdatasync, ENOSPC), FS(fdatasync, 0));

static void synchronising_tells_what_the_device_says(void** state) {
  (void) state;
  assert_child(fsync_on_broken_disk, UV_EIO);
  assert_child(fdatasync_on_broken_disk, UV_EIO);
  assert_child(fsync_on_full_disk, UV_ENOSPC);
  assert_child(fdatasync_on_full_disk, UV_ENOSPC);
}

/* -- Signals ----------------------------------------------------------------------------------- */

static void* open_after_signals(void* arg) {
  while (storm_count() < 20)
    sched_yield();
  close(open("fifo", O_WRONLY));
  return arg;
}

/* Opening a FIFO waits for the other side. */
static void an_open_that_is_interrupted_goes_on(void** state) {
  (void) state;
  pthread_t opener;

  assert_int_equal(mkfifo("fifo", 0600), 0);
  storm_begin();
  assert_int_equal(pthread_create(&opener, NULL, open_after_signals, NULL), 0);
  int fd = (int) FS(open, "fifo", UV_FS_O_RDONLY, 0);
  storm_end();
  assert_int_equal(pthread_join(opener, NULL), 0);

  assert_true(fd >= 0);
  close(fd);
  unlink("fifo");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(buffers_beyond_the_kernels_limit_are_not_filled),
      newer_sync_test(buffers_that_are_too_long_are_clipped),
      both_tests(reading_fails_as_read_does),
      sync_test(a_signal_ends_a_read_that_waits),
      both_tests(many_buffers_reach_a_pipe_through_signals),
      both_tests(writing_without_buffers_or_too_much_is_refused),
      both_tests(writing_fails_as_write_does),
      both_tests(what_was_written_before_an_error_counts),
      sync_test(files_grow_up_to_the_limit),
      sync_test(a_full_disk_takes_what_fits),
      both_tests(cutting_fails_as_ftruncate_does),
      both_tests(files_can_be_synchronised_and_pipes_cannot),
      sync_test(synchronising_tells_what_the_device_says),
      sync_test(an_open_that_is_interrupted_goes_on),
  };
  return cmocka_run_group_tests_name("fs_io_unix", tests, NULL, NULL);
}
