/* File requests that no thread is needed for: what is in memory is done in the call, told from the
 * loop, and can be taken back until then. What would have to wait is left to a thread. */
#include "support/fs.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { PAGE = 4096, PAGES = 8 };

static char memory[256 * 1024];

/* Asks a system call for something impossible. */
static bool is_known(long answer) {
  return answer == -1 && errno != ENOSYS && errno != EPERM;
}

static void skip_where_threads_do_it(void) {
  const char* reason = NULL;

  if (!is_known(syscall(SYS_openat2, -1, "", NULL, 0)) ||
      !is_known(syscall(SYS_preadv2, -1, NULL, 0L, 0L, 0L, 0)) ||
      !is_known(syscall(SYS_statx, -1, "", 0, 0, NULL)))
    reason = "the kernel cannot be asked for what is in memory alone";
  if (getenv("UV_USE_IO_URING") != NULL)
    reason = "the environment wants all on a ring or on threads";
  if (reason != NULL) {
    print_message("%s\n", reason);
    skip();
  }
}

static int count_threads(void) {
  DIR* dir = opendir("/proc/self/task");
  int count = 0;

  assert_non_null(dir);
  for (const struct dirent* entry; (entry = readdir(dir)) != NULL;)
    count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}

static void make_long_file(const char* name, size_t len) {
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

  for (size_t i = 0; i < len; i++)
    memory[i] = (char) (i / 7 + i / PAGE);
  assert_int_equal(write(fd, memory, len), len);
  assert_int_equal(fsync(fd), 0);
  close(fd);
}

static void assert_long_file(const char* text, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (text[i] != (char) (i / 7 + i / PAGE))
      fail_msg("byte %zu is wrong", i);
}

/* -- Without threads --------------------------------------------------------------------------- */

static void what_is_in_memory_starts_no_thread(void** state) {
  (void) state;
  char text[16];
  uv_buf_t buf = uv_buf_init(text, sizeof(text));

  skip_where_threads_do_it();
  make_file("file", "contents");
  int before = count_threads();
  int fd = (int) FS(open, "file", O_RDONLY, 0);
  assert_true(fd >= 0);
  assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY);
  assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
  assert_int_equal(FS(read, fd, &buf, 1, 0), 8);
  assert_memory_equal(text, "contents", 8);
  assert_int_equal(FS(fstat, fd), 0);
  assert_int_equal(((uv_stat_t*) fs_req.ptr)->st_size, 8);
  assert_int_equal(FS(close, fd), 0);
  assert_int_equal(fcntl(fd, F_GETFD), -1);
  assert_int_equal(FS(stat, "file"), 0);
  assert_int_equal(((uv_stat_t*) fs_req.ptr)->st_size, 8);
  assert_int_equal(FS(lstat, "file"), 0);
  assert_int_equal(count_threads(), before);
  unlink("file");
}

/* Also when the cache of names knows that. */
static void what_is_not_there_is_not_found(void** state) {
  (void) state;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(FS(stat, "none"), UV_ENOENT);
    assert_null(fs_req.ptr);
    assert_int_equal(FS(lstat, "none"), UV_ENOENT);
    assert_int_equal(FS(open, "none", O_RDONLY, 0), UV_ENOENT);
  }
}

static void a_read_at_the_position_moves_it(void** state) {
  (void) state;
  char text[6] = "";
  uv_buf_t bufs[2] = {uv_buf_init(text, 3), uv_buf_init(text + 3, 2)};

  make_file("file", "contents");
  int fd = open("file", O_RDONLY);
  assert_int_equal(FS(read, fd, bufs, 2, -1), 5);
  assert_string_equal(text, "conte");
  assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
  assert_int_equal(FS(read, fd, bufs, 2, -1), 3);
  assert_int_equal(FS(read, fd, bufs, 2, -1), 0);
  assert_int_equal(lseek(fd, 0, SEEK_CUR), 8);
  close(fd);
  unlink("file");
}

/* -- What has to wait -------------------------------------------------------------------------- */

static bool is_in_memory(const unsigned char* resident, int page) {
  return (resident[page] & 1) != 0;
}

/* Leaves the first page in the cache and drops the others: whether that worked. */
static bool cool(int fd) {
  unsigned char resident[PAGES];
  char byte;
  void* map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);

  assert_true(map != MAP_FAILED);
  posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  assert_int_equal(pread(fd, &byte, 1, 0), 1);
  assert_int_equal(mincore(map, PAGES * PAGE, resident), 0);
  munmap(map, PAGES * PAGE);
  return is_in_memory(resident, 0) && !is_in_memory(resident, PAGES - 1);
}

static void what_is_half_in_memory_is_read_whole(void** state) {
  (void) state;
  static char text[PAGES * PAGE];
  uv_buf_t buf = uv_buf_init(text, sizeof(text));

  make_long_file("file", sizeof(text));
  int fd = open("file", O_RDONLY);
  bool is_possible = cool(fd);
  if (is_possible) {
    assert_int_equal(FS(read, fd, &buf, 1, 0), sizeof(text));
    assert_long_file(text, sizeof(text));
    assert_true(cool(fd));
    memset(text, 0, sizeof(text));
    assert_int_equal(FS(read, fd, &buf, 1, -1), sizeof(text));
    assert_long_file(text, sizeof(text));
    assert_int_equal(lseek(fd, 0, SEEK_CUR), sizeof(text));
  }
  close(fd);
  unlink("file");
  if (!is_possible) {
    print_message("this file system drops nothing from the cache\n");
    skip();
  }
}

static void a_long_read_is_whole(void** state) {
  (void) state;
  static char text[sizeof(memory)];
  uv_buf_t buf = uv_buf_init(text, sizeof(text));

  make_long_file("file", sizeof(text));
  int fd = open("file", O_RDONLY);
  assert_int_equal(FS(read, fd, &buf, 1, 0), sizeof(text));
  assert_long_file(text, sizeof(text));
  close(fd);
  unlink("file");
}

static void what_knows_no_such_read_is_read(void** state) {
  (void) state;
  char text[64] = "";
  uv_buf_t buf = uv_buf_init(text, sizeof(text) - 1);
  int fd = open("/proc/self/stat", O_RDONLY);

  assert_true(FS(read, fd, &buf, 1, 0) > 0);
  assert_int_equal(atoi(text), getpid());
  assert_int_equal(FS(close, fd), 0);
}

static bool is_called;

static void note_call(uv_fs_t* req) {
  (void) req;
  is_called = true;
}

static void turn_a_few_times(void) {
  for (int i = 0; i < 100; i++)
    uv_run(&fs_loop, UV_RUN_NOWAIT);
}

static void a_fifo_is_opened_when_its_other_end_is(void** state) {
  (void) state;
  uv_fs_t req;

  is_called = false;
  assert_int_equal(mkfifo("fifo", 0600), 0);
  assert_int_equal(uv_fs_open(&fs_loop, &req, "fifo", O_RDONLY, 0, note_call), 0);
  turn_a_few_times();
  assert_false(is_called);
  int writer = open("fifo", O_WRONLY);
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_true(is_called);
  assert_true(req.result >= 0);
  assert_int_equal(fcntl((int) req.result, F_GETFL) & O_NONBLOCK, 0);
  close((int) req.result);
  close(writer);
  uv_fs_req_cleanup(&req);
  unlink("fifo");
}

/* -- Taking back ------------------------------------------------------------------------------- */

static void cancel(uv_fs_t* req) {
  is_called = false;
  assert_int_equal(uv_cancel((uv_req_t*) req), 0);
  assert_int_equal(uv_cancel((uv_req_t*) req), 0);
  assert_false(is_called);
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_true(is_called);
  assert_int_equal(req->result, UV_ECANCELED);
  assert_null(req->ptr);
  uv_fs_req_cleanup(req);
}

static void what_was_not_told_yet_can_be_cancelled(void** state) {
  (void) state;
  char text[4];
  uv_buf_t buf = uv_buf_init(text, sizeof(text));
  uv_fs_t req;

  skip_where_threads_do_it();
  make_file("file", "contents");
  int fd = open("file", O_RDONLY);

  assert_int_equal(uv_fs_read(&fs_loop, &req, fd, &buf, 1, -1, note_call), 0);
  cancel(&req);
  assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
  assert_int_equal(uv_fs_read(&fs_loop, &req, fd, &buf, 1, 2, note_call), 0);
  cancel(&req);

  assert_int_equal(uv_fs_open(&fs_loop, &req, "file", O_RDONLY, 0, note_call), 0);
  cancel(&req);
  int next = open("file", O_RDONLY);
  assert_int_equal(next, fd + 1); /* nothing was left open */
  close(next);

  assert_int_equal(uv_fs_stat(&fs_loop, &req, "file", note_call), 0);
  cancel(&req);
  assert_int_equal(uv_fs_close(&fs_loop, &req, fd, note_call), 0);
  cancel(&req);
  assert_true(fcntl(fd, F_GETFD) != -1);
  close(fd);
  unlink("file");
}

/* -- Others get their turn --------------------------------------------------------------------- */

static struct {
  uv_fs_t req;
  char byte;
  uv_buf_t buf;
  int fd;
  bool ends;
} chain;

static void read_on(uv_fs_t* req) {
  assert_int_equal(req->result, 1);
  uv_fs_req_cleanup(req);
  if (!chain.ends)
    assert_int_equal(uv_fs_read(&fs_loop, req, chain.fd, &chain.buf, 1, 0, read_on), 0);
}

static void end_chain(uv_timer_t* timer) {
  chain.ends = true;
  uv_close((uv_handle_t*) timer, NULL);
}

static void reads_that_beget_reads_starve_no_timer(void** state) {
  (void) state;
  uv_timer_t timer;

  make_file("file", "contents");
  chain.fd = open("file", O_RDONLY);
  chain.buf = uv_buf_init(&chain.byte, 1);
  chain.ends = false;
  assert_int_equal(uv_timer_init(&fs_loop, &timer), 0);
  assert_int_equal(uv_timer_start(&timer, end_chain, 5, 0), 0);
  assert_int_equal(uv_fs_read(&fs_loop, &chain.req, chain.fd, &chain.buf, 1, 0, read_on), 0);
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_true(chain.ends);
  close(chain.fd);
  unlink("file");
}

/* -- Many -------------------------------------------------------------------------------------- */

enum { MANY = 100 };

static struct task {
  uv_fs_t req;
  char text[16];
  int fd;
} tasks[MANY];

static int tasks_done;

static void on_many_closed(uv_fs_t* req) {
  assert_int_equal(req->result, 0);
  uv_fs_req_cleanup(req);
  tasks_done++;
}

static void on_many_read(uv_fs_t* req) {
  struct task* task = req->data;

  assert_int_equal(req->result, 8);
  assert_memory_equal(task->text, "contents", 8);
  uv_fs_req_cleanup(req);
  assert_int_equal(uv_fs_close(&fs_loop, req, task->fd, on_many_closed), 0);
}

static void on_many_opened(uv_fs_t* req) {
  struct task* task = req->data;
  uv_buf_t buf = uv_buf_init(task->text, sizeof(task->text));

  assert_true(req->result >= 0);
  task->fd = (int) req->result;
  assert_int_equal(fcntl(task->fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY);
  uv_fs_req_cleanup(req);
  assert_int_equal(uv_fs_read(&fs_loop, req, task->fd, &buf, 1, 0, on_many_read), 0);
}

static void on_many_found(uv_fs_t* req) {
  assert_int_equal(req->result, 0);
  assert_int_equal(((uv_stat_t*) req->ptr)->st_size, 8);
  uv_fs_req_cleanup(req);
  assert_int_equal(uv_fs_open(&fs_loop, req, "file", O_RDONLY, 0, on_many_opened), 0);
}

/* Threads do some of it then. */
static void many_at_a_time_have_the_same_results(void** state) {
  (void) state;
  make_file("file", "contents");
  tasks_done = 0;
  for (int i = 0; i < MANY; i++) {
    tasks[i].req.data = &tasks[i];
    assert_int_equal(uv_fs_stat(&fs_loop, &tasks[i].req, "file", on_many_found), 0);
  }
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(tasks_done, MANY);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(fcntl(tasks[i].fd, F_GETFD), -1);
  unlink("file");
}

/* -- Watching ---------------------------------------------------------------------------------- */

static int polls;
static uv_timer_t changes;

static void end_poll(uv_fs_poll_t* poll, int status, const uv_stat_t* prev, const uv_stat_t* curr) {
  assert_int_equal(status, 0);
  assert_true(curr->st_size > prev->st_size);
  polls++;
  uv_close((uv_handle_t*) &changes, NULL);
  uv_close((uv_handle_t*) poll, NULL);
}

/* Again and again: a thread may not have looked yet when the first change is made. */
static void change_file(uv_timer_t* timer) {
  int fd = open("file", O_WRONLY | O_APPEND);

  (void) timer;
  assert_int_equal(write(fd, "!", 1), 1);
  close(fd);
}

static void polling_a_file_tells_its_changes(void** state) {
  (void) state;
  uv_fs_poll_t poll;

  polls = 0;
  make_file("file", "contents");
  assert_int_equal(uv_fs_poll_init(&fs_loop, &poll), 0);
  assert_int_equal(uv_fs_poll_start(&poll, end_poll, "file", 5), 0);
  assert_int_equal(uv_timer_init(&fs_loop, &changes), 0);
  assert_int_equal(uv_timer_start(&changes, change_file, 20, 20), 0);
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(polls, 1);
  unlink("file");
}

/* -- Order ------------------------------------------------------------------------------------- */

static char order[4];
static uv_check_t check;

static void on_check(uv_check_t* handle) {
  strcat(order, "c");
  uv_close((uv_handle_t*) handle, NULL);
}

static void on_second(uv_fs_t* req) {
  strcat(order, "s");
  uv_fs_req_cleanup(req);
}

static void on_first(uv_fs_t* req) {
  static uv_fs_t second;

  uv_fs_req_cleanup(req);
  uv_check_init(&fs_loop, &check);
  uv_check_start(&check, on_check);
  assert_int_equal(uv_fs_stat(&fs_loop, &second, ".", on_second), 0);
}

/* Programs that know libuv's threads start something after a request, and expect it first. */
static void a_request_of_a_request_is_told_after_the_check_handles(void** state) {
  static uv_fs_t first;

  (void) state;
  order[0] = '\0';
  assert_int_equal(uv_fs_stat(&fs_loop, &first, ".", on_first), 0);
  uv_run(&fs_loop, UV_RUN_DEFAULT);
  assert_string_equal(order, "cs");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      async_test(what_is_in_memory_starts_no_thread),
      both_tests(what_is_not_there_is_not_found),
      both_tests(a_read_at_the_position_moves_it),
      both_tests(what_is_half_in_memory_is_read_whole),
      both_tests(a_long_read_is_whole),
      both_tests(what_knows_no_such_read_is_read),
      async_test(a_fifo_is_opened_when_its_other_end_is),
      async_test(what_was_not_told_yet_can_be_cancelled),
      async_test(a_request_of_a_request_is_told_after_the_check_handles),
      async_test(reads_that_beget_reads_starve_no_timer),
      async_test(many_at_a_time_have_the_same_results),
      async_test(polling_a_file_tells_its_changes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
