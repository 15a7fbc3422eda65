/* What a child gets for descriptors. Each test runs for every way of making a child. */
#include "support/descriptors.h"
#include "support/inherited_file.h"
#include "support/spawn.h"

static uv_pipe_t pipes[8];
static uv_tcp_t tcp;

static void close_handle_now(struct loop_fixture* f, void* handle) {
  uv_close(handle, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

static bool is_stream_open(const uv_pipe_t* pipe) {
  uv_os_fd_t fd;

  return uv_fileno((const uv_handle_t*) pipe, &fd) == 0;
}

static uv_write_t write_req;
static int write_status;

static void note_write(uv_write_t* req, int status) {
  (void) req;
  write_status = status;
}

static void write_text(uv_pipe_t* pipe, const char* text) {
  uv_buf_t buf = uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));

  assert_int_equal(uv_write(&write_req, (uv_stream_t*) pipe, &buf, 1, note_write), 0);
}

/* -- New pipes --------------------------------------------------------------------------------- */

static void child_reads_and_writes_new_pipes(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  give_pipe(f, 1, &pipes[1], UV_WRITABLE_PIPE);
  spawn_well(f);
  assert_true(uv_is_writable((uv_stream_t*) &pipes[0]));
  assert_false(uv_is_readable((uv_stream_t*) &pipes[0]));
  assert_false(uv_is_writable((uv_stream_t*) &pipes[1]));
  assert_true(uv_is_readable((uv_stream_t*) &pipes[1]));
  reader_start(&output, (uv_stream_t*) &pipes[1]);
  write_text(&pipes[0], "hello");
  reader_wait(&output, &f->loop, 5);
  assert_memory_equal(output.bytes, "hello", 5);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  assert_int_equal(reader_wait_end(&output, &f->loop), UV_EOF);
  wait_exit(f, 0, 0);
}

static void one_pipe_may_go_both_ways(void** state) {
  struct loop_fixture* f = *state;

  prepare("copy", "3", "3");
  give_pipe(f, 3, &pipes[0], UV_READABLE_PIPE | UV_WRITABLE_PIPE);
  spawn_well(f);
  reader_start(&output, (uv_stream_t*) &pipes[0]);
  write_text(&pipes[0], "hello");
  reader_wait(&output, &f->loop, 5);
  close_handle_now(f, &pipes[0]);
  wait_exit(f, 0, 0);
}

static void pipe_without_direction_opens_a_stream_that_can_do_nothing(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  give_pipe(f, 1, &pipes[0], 0);
  spawn_well(f);
  assert_true(is_stream_open(&pipes[0]));
  assert_false(uv_is_readable((uv_stream_t*) &pipes[0]));
  assert_false(uv_is_writable((uv_stream_t*) &pipes[0]));
  wait_exit(f, 0, 0);
}

static void many_descriptors_arrive_in_their_places(void** state) {
  struct loop_fixture* f = *state;
  static struct reader readers[5];

  prepare("put", "3", "three", "5", "five"); /* all the words there is room for */
  for (int i = 0; i < 5; i++)
    give_pipe(f, i + 1, &pipes[i], UV_WRITABLE_PIPE);
  spawn_well(f);
  for (int i = 0; i < 5; i++)
    reader_start(&readers[i], (uv_stream_t*) &pipes[i]);
  for (int i = 0; i < 5; i++)
    assert_int_equal(reader_wait_end(&readers[i], &f->loop), UV_EOF);
  assert_string_equal(readers[2].bytes, "three");
  assert_string_equal(readers[4].bytes, "five");
  assert_int_equal(readers[0].len + readers[1].len + readers[3].len, 0);
  wait_exit(f, 0, 0);
}

/* The write fails; nothing raises SIGPIPE. */
static void child_that_ends_with_data_queued_for_it_fails_the_write(void** state) {
  enum { SIZE = 4 << 20 };
  struct loop_fixture* f = *state;
  char* data = calloc(1, SIZE);
  uv_buf_t buf = uv_buf_init(data, SIZE);

  prepare("exit", "0");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  write_status = 1;
  assert_int_equal(uv_write(&write_req, (uv_stream_t*) &pipes[0], &buf, 1, note_write), 0);
  while (write_status == 1)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_true(write_status == UV_EPIPE || write_status == UV_ECONNRESET);
  wait_exit(f, 0, 0);
  free(data);
}

/* -- Inherited --------------------------------------------------------------------------------- */

static void child_writes_to_inherited_descriptors(void** state) {
  struct loop_fixture* f = *state;
  int file = make_file("");

  prepare("put", "1", "out,", "2", "err");
  give_fd(1, file);
  give_fd(2, file);
  expect_exit(f, 0, 0);
  assert_string_equal(text_of(file), "out,err");
  assert_true(is_cloexec(file));
  close(file);
}

static void stdout_and_stderr_may_be_exchanged(void** state) {
  struct loop_fixture* f = *state;
  int out = make_file("");
  int err = make_file("");
  int saved[2] = {dup(1), dup(2)};

  prepare("put", "1", "to out", "2", "to err");
  give_fd(1, 2);
  give_fd(2, 1);
  fflush(stdout);
  dup2(out, 1);
  dup2(err, 2);
  int r = spawn(f);
  dup2(saved[0], 1);
  dup2(saved[1], 2);
  assert_int_equal(r, 0);
  wait_exit(f, 0, 0);
  assert_string_equal(text_of(out), "to err");
  assert_string_equal(text_of(err), "to out");
  close(out);
  close(err);
  close(saved[0]);
  close(saved[1]);
}

/* -- Errors ------------------------------------------------------------------------------------ */

/* A pipe comes first, to see that it is taken back. */
static void expect_bad_stdio(struct loop_fixture* f, int flags, void* stream, int fd, int err) {
  int fds = count_descriptors();

  prepare("exit", "0");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  stdio[1].flags = (uv_stdio_flags) flags;
  if (stream != NULL)
    stdio[1].data.stream = stream;
  else
    stdio[1].data.fd = fd;
  options.stdio_count = 2;
  expect_failure(f, err);
  assert_false(is_stream_open(&pipes[0]));
  close_handle_now(f, &pipes[0]);
  assert_int_equal(count_descriptors(), fds);
}

/* The error for a stream that has nothing to inherit. */
#if defined(_WIN32)
enum { NOT_INHERITABLE = UV_ENOTSUP };
#else
enum { NOT_INHERITABLE = UV_EINVAL };
#endif

static void bad_entries_are_refused_and_open_nothing(void** state) {
  struct loop_fixture* f = *state;

  warm_up(f);
  assert_int_equal(uv_tcp_init(&f->loop, &tcp), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[1], 0), 0);
  expect_bad_stdio(f, UV_CREATE_PIPE, &tcp, 0, UV_EINVAL);
  expect_bad_stdio(f, UV_INHERIT_FD, NULL, -1, UV_EINVAL);
  expect_bad_stdio(f, UV_INHERIT_STREAM, &tcp, 0, NOT_INHERITABLE);
  expect_bad_stdio(f, UV_INHERIT_STREAM, &pipes[1], 0, NOT_INHERITABLE);
}

static void combined_kinds_and_closing_pipes_are_refused(void** state) {
  struct loop_fixture* f = *state;

  warm_up(f);
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[1], 0), 0);
  expect_bad_stdio(f, UV_CREATE_PIPE | UV_INHERIT_FD, &pipes[1], 0, UV_EINVAL);
  expect_bad_stdio(f, UV_INHERIT_FD | UV_INHERIT_STREAM, NULL, 1, UV_EINVAL);
  expect_bad_stdio(f, UV_CREATE_PIPE | UV_INHERIT_STREAM, &pipes[1], 0, UV_EINVAL);
  uv_close((uv_handle_t*) &pipes[1], NULL);
  expect_bad_stdio(f, UV_CREATE_PIPE, &pipes[1], 0, UV_EINVAL);
}

static void closed_descriptor_is_ebadf(void** state) {
  struct loop_fixture* f = *state;
  int fd = dup(1);

  close(fd);
  prepare("exit", "0");
  give_fd(1, fd + 100);
  expect_failure(f, UV_EBADF);
}

static void streams_are_open_after_a_failed_exec(void** state) {
  struct loop_fixture* f = *state;

  prepare_program("/nonexistent/program", (const char* const[]){NULL});
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  give_pipe(f, 1, &pipes[1], UV_WRITABLE_PIPE);
  expect_failure(f, UV_ENOENT);
  assert_true(is_stream_open(&pipes[0]));
  assert_true(uv_is_readable((uv_stream_t*) &pipes[1]));
  reader_start(&output, (uv_stream_t*) &pipes[1]);
  assert_int_equal(reader_wait_end(&output, &f->loop), UV_EOF);
}

/* -- Running ----------------------------------------------------------------------------------- */

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(child_reads_and_writes_new_pipes),
      loop_test(one_pipe_may_go_both_ways),
      loop_test(pipe_without_direction_opens_a_stream_that_can_do_nothing),
      loop_test(many_descriptors_arrive_in_their_places),
      newer_loop_test(child_that_ends_with_data_queued_for_it_fails_the_write),
      loop_test(child_writes_to_inherited_descriptors),
      loop_test(stdout_and_stderr_may_be_exchanged),
      loop_test(bad_entries_are_refused_and_open_nothing),
      newer_loop_test(combined_kinds_and_closing_pipes_are_refused),
      loop_test(closed_descriptor_is_ebadf),
      loop_test(streams_are_open_after_a_failed_exec),
  };
  return run_spawn_tests("stdio of a child", tests);
}
