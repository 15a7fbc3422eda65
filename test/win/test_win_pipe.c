/* Pipes of Windows: instances, files that are not overlapped, the end by time, closing. */
#include "support/descriptors.h"
#include "support/pipe_name.h"
#include "support/win_pipe.h"

#include <stdbool.h>

enum { PIPES = 8, CONNECTS = 4, WRITES = 64 };

static uv_pipe_t pipes[PIPES];
static uv_connect_t connects[CONNECTS];
static uv_write_t writes[WRITES];
static int connect_status[CONNECTS];
static int write_status[WRITES];
static int writes_done;
static int shutdown_status;
static struct reader readers[2];

static int setup(void** state) {
  struct loop_fixture* f;

  pipe_names_make();
  loop_setup(state);
  f = *state;
  for (int i = 0; i < PIPES; i++)
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[i], 0), 0);
  for (int i = 0; i < CONNECTS; i++)
    connect_status[i] = NOT_CALLED;
  for (int i = 0; i < WRITES; i++)
    write_status[i] = NOT_CALLED;
  memset(writes, 0, sizeof(writes));
  writes_done = 0;
  shutdown_status = NOT_CALLED;
  return 0;
}

static void run_once(struct loop_fixture* f) {
  uv_run(&f->loop, UV_RUN_ONCE);
}

static void connected(uv_connect_t* req, int status) {
  connect_status[req - connects] = status;
  test_log(req->handle->loop, (char) ('0' + (req - connects)));
}

static void written(uv_write_t* req, int status) {
  for (uv_write_t* before = writes; before < req; before++)
    if (before->handle == req->handle) /* in the order of the calls */
      assert_int_not_equal(write_status[before - writes], NOT_CALLED);
  write_status[req - writes] = status;
  writes_done++;
  test_log(req->handle->loop, 'w');
}

static void shut_down(uv_shutdown_t* req, int status) {
  shutdown_status = status;
  test_log(req->handle->loop, 'd');
}

static void closed(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
}

static void connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  test_log(server->loop, 'S');
}

static void wait_closed(struct loop_fixture* f) {
  while (strchr(f->log, 'c') == NULL)
    run_once(f);
}

static void start_connect(int which) {
  uv_pipe_connect(&connects[which], &pipes[which + 1], pipe_name("server"), connected);
}

static void start_write(int which, uv_pipe_t* pipe, const char* text) {
  uv_buf_t buf = text_buf(text);

  assert_int_equal(uv_write(&writes[which], stream_of(pipe), &buf, 1, written), 0);
  assert_int_equal(write_status[which], NOT_CALLED);
}

/* pipes[0] has one instance, which pipes[1] is connected to and nobody has accepted. */
static void make_busy(struct loop_fixture* f) {
  uv_pipe_pending_instances(&pipes[0], 1);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 1, connection), 0);
  start_connect(0);
  while (connect_status[0] == NOT_CALLED || strchr(f->log, 'S') == NULL)
    run_once(f);
  assert_int_equal(connect_status[0], 0);
}

/* -- Instances --------------------------------------------------------------------------------- */

static void a_client_waits_until_an_instance_is_free(void** state) {
  struct loop_fixture* f = *state;

  make_busy(f);
  start_connect(1);
  assert_int_equal(uv_is_readable(stream_of(&pipes[2])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[2])), 1);
  reader_start(&readers[0], stream_of(&pipes[2]));
  start_write(0, &pipes[2], "early");
  assert_int_equal(pipes[2].write_queue_size, 5);
  for (int i = 0; i < 5; i++)
    turn(f);
  assert_int_equal(connect_status[1], NOT_CALLED);
  assert_int_equal(write_status[0], NOT_CALLED);

  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[3])), 0);
  while (connect_status[1] == NOT_CALLED)
    run_once(f);
  assert_int_equal(connect_status[1], 0);
  while (uv_accept(stream_of(&pipes[0]), stream_of(&pipes[4])) != 0)
    run_once(f);
  reader_start(&readers[1], stream_of(&pipes[4]));
  reader_wait(&readers[1], &f->loop, 5);
  assert_memory_equal(readers[1].bytes, "early", 5);
  start_write(1, &pipes[4], "answer");
  reader_wait(&readers[0], &f->loop, 6);
  while (writes_done < 2)
    run_once(f);
  assert_int_equal(write_status[0], 0);
  assert_int_equal(pipes[2].write_queue_size, 0);
}

static void a_waiting_client_connects_and_no_other_connect_begins(void** state) {
  struct loop_fixture* f = *state;
  const char* name = pipe_name("server");

  make_busy(f);
  start_connect(1);
  assert_int_equal(uv_pipe_connect2(&connects[2], &pipes[2], name, strlen(name), 0, connected),
                   UV_EALREADY);
  assert_int_equal(uv_pipe_bind(&pipes[2], pipe_name("other")), UV_EINVAL);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[2])), UV_EBUSY);
}

static void closing_a_waiting_client_cancels_all_of_it(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t shutdown_req;
  uint64_t start;

  make_busy(f);
  memset(f->log, 0, sizeof(f->log));
  start_connect(1);
  reader_start(&readers[0], stream_of(&pipes[2]));
  start_write(0, &pipes[2], "never");
  assert_int_equal(uv_shutdown(&shutdown_req, stream_of(&pipes[2]), shut_down), 0);
  start = uv_hrtime();
  uv_close(handle_of(&pipes[2]), closed);
  wait_closed(f);
  assert_true(uv_hrtime() - start < (uint64_t) 10 * 1000 * 1000 * 1000); /* not 30 seconds */
  assert_string_equal(f->log, "1wdc");
  assert_int_equal(connect_status[1], UV_ECANCELED);
  assert_int_equal(write_status[0], UV_ECANCELED);
  assert_int_equal(shutdown_status, UV_ECANCELED);
  assert_int_equal(readers[0].calls, 0);
}

static void a_client_that_waits_for_a_server_that_goes_is_told(void** state) {
  struct loop_fixture* f = *state;

  make_busy(f);
  start_connect(1);
  reader_start(&readers[0], stream_of(&pipes[2]));
  start_write(0, &pipes[2], "never");
  uv_close(handle_of(&pipes[0]), NULL);
  while (connect_status[1] == NOT_CALLED || writes_done == 0)
    run_once(f);
  assert_int_equal(connect_status[1], UV_ENOENT);
  assert_int_equal(write_status[0], UV_ECANCELED);
  assert_int_equal(readers[0].calls, 0);
  assert_int_equal(uv_is_active(handle_of(&pipes[2])), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[2])), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[2])), 0);
}

static void waiting_clients_are_taken_in_the_order_of_their_coming(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), 0);
  for (int i = 0; i < 3; i++) {
    start_connect(i);
    while (connect_status[i] == NOT_CALLED)
      run_once(f);
    start_write(i, &pipes[i + 1], i == 0 ? "first" : i == 1 ? "secnd" : "third");
    while (writes_done <= i)
      run_once(f);
  }
  assert_string_equal(strchr(f->log, 'S'), strrchr(f->log, 'S')); /* the next after the first */
  for (int i = 0; i < 3; i++) {
    while (uv_accept(stream_of(&pipes[0]), stream_of(&pipes[4 + i])) == UV_EAGAIN)
      run_once(f);
    reader_start(&readers[0], stream_of(&pipes[4 + i]));
    reader_wait(&readers[0], &f->loop, 5);
    assert_memory_equal(readers[0].bytes, i == 0 ? "first" : i == 1 ? "secnd" : "third", 5);
  }
}

/* -- The end ----------------------------------------------------------------------------------- */

static void after_a_shutdown_the_end_comes_by_itself(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS | UV_NONBLOCK_PIPE);
  reader_start(&readers[0], stream_of(&pipes[0]));
  reader_start(&readers[1], stream_of(&pipes[1]));
  start_write(0, &pipes[0], "bye");
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), shut_down), 0);
  assert_int_equal(reader_wait_end(&readers[1], &f->loop), UV_EOF);
  assert_int_equal(readers[1].len, 3);
  assert_int_equal(shutdown_status, 0);
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);

  /* And is told again. */
  reader_start(&readers[0], stream_of(&pipes[0]));
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
}

static void what_the_peer_answers_in_time_arrives_before_the_end(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS | UV_NONBLOCK_PIPE);
  reader_start(&readers[0], stream_of(&pipes[0]));
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), shut_down), 0);
  while (shutdown_status == NOT_CALLED)
    run_once(f);
  start_write(0, &pipes[1], "answer");
  reader_wait(&readers[0], &f->loop, 6);
  assert_int_equal(readers[0].status, 0);
  uv_close(handle_of(&pipes[1]), NULL);
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
}

static void a_shutdown_waits_until_the_peer_has_read_all(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;
  uv_file fd = make_pair(&pipes[0], BOTH_WAYS | UV_NONBLOCK_PIPE);
  char bytes[4];

  start_write(0, &pipes[0], "text");
  while (writes_done == 0)
    run_once(f);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), shut_down), 0);
  for (int i = 0; i < 20; i++)
    turn(f);
  assert_int_equal(shutdown_status, NOT_CALLED);
  raw_read(fd, bytes, sizeof(bytes));
  while (shutdown_status == NOT_CALLED)
    run_once(f);
  assert_int_equal(shutdown_status, 0);
  _close(fd);
}

static void a_pipe_that_only_writes_ends_with_its_shutdown(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;
  uv_os_fd_t file;
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[1])), 0);
  reader_start(&readers[0], stream_of(&pipes[0]));
  start_write(0, &pipes[1], "bye");
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[1]), shut_down), 0);
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
  assert_int_equal(readers[0].len, 3);
  assert_int_equal(shutdown_status, 0);
  assert_int_equal(uv_fileno(handle_of(&pipes[1]), &file), UV_EBADF);
}

static void closing_cancels_a_shutdown_that_waits(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;
  uv_file fd = make_pair(&pipes[0], BOTH_WAYS | UV_NONBLOCK_PIPE);

  start_write(0, &pipes[0], "nobody reads this");
  while (writes_done == 0)
    run_once(f);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), shut_down), 0);
  turn(f);
  uv_close(handle_of(&pipes[0]), closed);
  wait_closed(f);
  assert_string_equal(f->log, "wdc");
  assert_int_equal(shutdown_status, UV_ECANCELED);
  _close(fd);
}

/* -- Files that are not overlapped ------------------------------------------------------------- */

static void blocking_ends_carry_data_in_order(void** state) {
  struct loop_fixture* f = *state;
  static const char* const texts[] = {"one ", "two ", "three ", "four"};
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  reader_start(&readers[0], stream_of(&pipes[0]));
  for (int i = 0; i < 4; i++)
    start_write(i, &pipes[1], texts[i]);
  reader_wait(&readers[0], &f->loop, 18);
  assert_memory_equal(readers[0].bytes, "one two three four", 18);
  while (writes_done < 4)
    run_once(f);
  assert_int_equal(pipes[1].write_queue_size, 0);
  for (int i = 0; i < 4; i++)
    assert_int_equal(write_status[i], 0);
  uv_close(handle_of(&pipes[1]), NULL);
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
}

static void more_than_a_pipe_holds_passes_between_blocking_ends(void** state) {
  struct loop_fixture* f = *state;
  static char big[1 << 20];
  uv_buf_t bufs[2] = {uv_buf_init(big, 1 << 19), uv_buf_init(big + (1 << 19), 1 << 19)};
  uv_file fds[2];

  for (size_t i = 0; i < sizeof(big); i++)
    big[i] = (char) (i * 7 + i / 1000);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  assert_int_equal(uv_write(&writes[0], stream_of(&pipes[1]), bufs, 2, written), 0);
  assert_int_equal(pipes[1].write_queue_size, sizeof(big));
  reader_start(&readers[0], stream_of(&pipes[0]));
  reader_wait(&readers[0], &f->loop, sizeof(big));
  assert_memory_equal(readers[0].bytes, big, sizeof(readers[0].bytes));
  while (writes_done == 0)
    run_once(f);
  assert_int_equal(write_status[0], 0);
}

/* The system itself would have the write wait until there is something to read. */
static void a_blocking_end_that_waits_for_data_can_be_written(void** state) {
  struct loop_fixture* f = *state;
  char name[256];
  size_t size = sizeof(name);

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS);
  reader_start(&readers[0], stream_of(&pipes[0]));
  reader_start(&readers[1], stream_of(&pipes[1]));
  for (int i = 0; i < 5; i++)
    turn(f); /* the thread waits by now, most likely */
  start_write(0, &pipes[1], "question");
  reader_wait(&readers[0], &f->loop, 8);
  assert_int_equal(uv_pipe_getpeername(&pipes[1], name, &size), 0);
  assert_true(strncmp(name, "\\\\?\\pipe\\", 9) == 0);
  start_write(1, &pipes[0], "answer");
  reader_wait(&readers[1], &f->loop, 6);
  start_write(2, &pipes[1], "thanks");
  reader_wait(&readers[0], &f->loop, 14);
  assert_memory_equal(readers[0].bytes, "questionthanks", 14);
}

static void a_blocking_end_shuts_down_when_all_is_read(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t req;

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS);
  reader_start(&readers[1], stream_of(&pipes[1]));
  start_write(0, &pipes[1], "bye");
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[1]), shut_down), 0);
  while (writes_done == 0)
    run_once(f);
  assert_int_equal(shutdown_status, NOT_CALLED);
  reader_start(&readers[0], stream_of(&pipes[0]));
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
  assert_int_equal(readers[0].len, 3);
  assert_int_equal(shutdown_status, 0);
  assert_int_equal(reader_wait_end(&readers[1], &f->loop), UV_EOF);
}

static void stopping_a_blocking_end_leaves_the_data_to_others(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];
  char c = 0;

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  for (int i = 0; i < 20; i++) {
    reader_start(&readers[0], stream_of(&pipes[0]));
    if (i % 2 == 0)
      turn(f);
    uv_read_stop(stream_of(&pipes[0]));
    assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
    assert_int_equal(_write(fds[1], "x", 1), 1);
    assert_int_equal(_read(fds[0], &c, 1), 1);
    assert_int_equal(c, 'x');
    if (i % 3 == 0)
      turn(f);
    assert_int_equal(readers[0].calls, 0);
  }
  _close(fds[1]);
}

static void stopping_and_starting_at_once_reads_on(void** state) {
  struct loop_fixture* f = *state;

  for (int overlapped = 0; overlapped < 2; overlapped++) {
    uv_pipe_t* pipe = &pipes[overlapped * 2];
    connect_pair(pipe, pipe + 1, BOTH_WAYS | (overlapped ? UV_NONBLOCK_PIPE : 0));
    reader_start(&readers[1], stream_of(pipe + 1));
    for (int i = 0; i < 10; i++) {
      turn(f);
      uv_read_stop(stream_of(pipe + 1));
      assert_int_equal(uv_read_start(stream_of(pipe + 1), reader_alloc, reader_read), 0);
    }
    start_write(overlapped, pipe, "still there");
    reader_wait(&readers[1], &f->loop, 11);
    assert_int_equal(readers[1].calls, 1);
  }
}

static void closing_ends_the_threads_of_a_blocking_end(void** state) {
  struct loop_fixture* f = *state;
  static char big[1 << 20];
  uv_buf_t buf = uv_buf_init(big, sizeof(big));
  uv_file fd;

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS);
  reader_start(&readers[1], stream_of(&pipes[1]));
  assert_int_equal(uv_write(&writes[0], stream_of(&pipes[1]), &buf, 1, written), 0);
  start_write(1, &pipes[1], "behind");
  for (int i = 0; i < 5; i++)
    turn(f);
  uv_close(handle_of(&pipes[1]), closed);
  wait_closed(f);
  assert_string_equal(f->log, "wwc");
  assert_int_equal(write_status[0], UV_ECANCELED);
  assert_int_equal(write_status[1], UV_ECANCELED);
  assert_int_equal(readers[1].calls, 0);

  /* While another process, here another handle, keeps the file open. */
  fd = make_pair(&pipes[2], BOTH_WAYS);
  assert_int_equal(uv_pipe_open(&pipes[3], _dup(fd)), 0);
  reader_start(&readers[1], stream_of(&pipes[3]));
  turn(f);
  memset(f->log, 0, sizeof(f->log));
  uv_close(handle_of(&pipes[3]), closed);
  wait_closed(f);
  _close(fd);
}

/* -- Writing ----------------------------------------------------------------------------------- */

static void a_blocking_write_is_done_in_its_call(void** state) {
  struct loop_fixture* f = *state;

  for (int overlapped = 0; overlapped < 2; overlapped++) {
    uv_pipe_t* pipe = &pipes[overlapped * 2];
    uv_file fd = make_pair(pipe, BOTH_WAYS | UV_NONBLOCK_PIPE);
    uv_pipe_t* writer = pipe;
    if (!overlapped) {
      uv_file ends[2];
      assert_int_equal(uv_pipe(ends, UV_NONBLOCK_PIPE, 0), 0);
      writer = pipe + 1;
      assert_int_equal(uv_pipe_open(writer, ends[1]), 0);
      _close(fd);
      fd = ends[0];
    }
    assert_int_equal(uv_stream_set_blocking(stream_of(writer), 1), 0);
    start_write(overlapped, writer, "at once");
    assert_int_equal(writer->write_queue_size, 0);
    assert_int_equal(raw_available(fd), 7);
    while (writes_done <= overlapped)
      run_once(f);
    assert_int_equal(write_status[overlapped], 0);
    assert_int_equal(uv_stream_set_blocking(stream_of(writer), 0), 0);
    _close(fd);
  }
  assert_int_equal(uv_stream_set_blocking(stream_of(&pipes[5]), 1), UV_EBADF);
}

static void nothing_is_written_at_once(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = text_buf("x");

  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS | UV_NONBLOCK_PIPE);
  assert_int_equal(uv_try_write(stream_of(&pipes[0]), &buf, 1), UV_EAGAIN);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(uv_try_write(stream_of(&pipes[0]), &buf, 1), UV_EBADF);
  assert_int_equal(uv_try_write(stream_of(&pipes[2]), &buf, 1), UV_EBADF); /* not opened */
  turn(f);
}

static void several_buffers_arrive_together_and_none_may_be_empty_too(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t bufs[3] = {text_buf("ab"), text_buf(""), text_buf("cd")};
  uv_file fd = make_pair(&pipes[0], BOTH_WAYS | UV_NONBLOCK_PIPE);
  char bytes[4];

  assert_int_equal(uv_write(&writes[0], stream_of(&pipes[0]), bufs, 3, written), 0);
  assert_int_equal(uv_write(&writes[1], stream_of(&pipes[0]), &bufs[1], 1, written), 0);
  assert_int_equal(uv_write(&writes[2], stream_of(&pipes[0]), bufs, 0, written), UV_EINVAL);
  while (writes_done < 2)
    run_once(f);
  assert_int_equal(raw_available(fd), 4);
  raw_read(fd, bytes, 4);
  assert_memory_equal(bytes, "abcd", 4);
  assert_int_equal(write_status[0], 0);
  assert_int_equal(write_status[1], 0);
  _close(fd);
}

static void nobody_to_read_is_epipe_by_the_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  _close(make_pair(&pipes[0], BOTH_WAYS | UV_NONBLOCK_PIPE));
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  _close(fds[0]);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  start_write(0, &pipes[0], "x");
  while (writes_done == 0)
    run_once(f);
  start_write(1, &pipes[1], "x");
  while (writes_done == 1)
    run_once(f);
  assert_int_equal(write_status[0], UV_EPIPE);
  assert_int_equal(write_status[1], UV_EPIPE);
}

/* -- Opening ----------------------------------------------------------------------------------- */

static void what_is_no_pipe_is_refused_and_stays_the_callers(void** state) {
  struct loop_fixture* f = *state;
  WCHAR path[MAX_PATH];
  WCHAR directory[MAX_PATH];
  HANDLE file;
  uv_file fd;
  int err;

  GetTempPathW(MAX_PATH, directory);
  assert_true(GetTempFileNameW(directory, L"rnd", 0, path));
  file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                     FILE_FLAG_DELETE_ON_CLOSE, NULL);
  fd = uv_open_osfhandle(file);
  err = uv_pipe_open(&pipes[0], fd);
  /* Wine has another error for what is no pipe. */
  assert_true(err == UV_ENOTSOCK || err == UV_EBADF);
  assert_int_equal(_write(fd, "x", 1), 1);
  assert_int_equal(_close(fd), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fd), UV_EBADF);
  assert_int_equal(uv_pipe_open(&pipes[0], -1), UV_EBADF);
  turn(f);
}

static void an_opened_descriptor_is_closed_with_the_handle(void** state) {
  struct loop_fixture* f = *state;
  uv_os_fd_t file;
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_fileno(handle_of(&pipes[0]), &file), 0);
  assert_ptr_equal(file, uv_get_osfhandle(fds[0]));
  assert_int_equal(uv_pipe_open(&pipes[0], fds[1]), UV_EBUSY);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_ptr_equal(uv_get_osfhandle(fds[0]), INVALID_HANDLE_VALUE);
  assert_int_equal(uv_fileno(handle_of(&pipes[0]), &file), UV_EBADF);
  turn(f);
  _close(fds[1]);
}

/* As where it came from a process that has it on its own port. */
static void an_end_on_another_port_is_read_and_written(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&pipes[0], BOTH_WAYS | UV_NONBLOCK_PIPE);
  HANDLE port = CreateIoCompletionPort(uv_get_osfhandle(fd), NULL, 0, 1);
  OVERLAPPED* operation;
  ULONG_PTR key;
  DWORD count;

  assert_non_null(port);
  assert_int_equal(uv_pipe_open(&pipes[1], fd), 0);
  reader_start(&readers[0], stream_of(&pipes[0]));
  reader_start(&readers[1], stream_of(&pipes[1]));
  for (int i = 0; i < 4; i++) {
    start_write(2 * i, &pipes[0], "there");
    reader_wait(&readers[1], &f->loop, 5 * ((size_t) i + 1));
    while (writes_done < 2 * i + 1)
      run_once(f);
    start_write(2 * i + 1, &pipes[1], "back");
    reader_wait(&readers[0], &f->loop, 4 * ((size_t) i + 1));
    while (writes_done < 2 * i + 2)
      run_once(f);
    uv_read_stop(stream_of(&pipes[1]));
    assert_int_equal(uv_read_start(stream_of(&pipes[1]), reader_alloc, reader_read), 0);
  }
  uv_close(handle_of(&pipes[1]), closed);
  wait_closed(f);
  assert_false(GetQueuedCompletionStatus(port, &count, &key, &operation, 0));
  CloseHandle(port);
}

static void small_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char bytes[3];

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(bytes, sizeof(bytes));
}

/* Another program may have it give whole messages, of which a read would have to take all. */
static void a_pipe_of_messages_is_read_as_bytes(void** state) {
  struct loop_fixture* f = *state;
  const char* name = pipe_name("messages");
  DWORD mode = PIPE_READMODE_MESSAGE;
  HANDLE server =
      CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                       PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 4096, 4096, 0, NULL);
  HANDLE client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                              FILE_FLAG_OVERLAPPED, NULL);
  uv_file fd = uv_open_osfhandle(server);

  assert_true(SetNamedPipeHandleState(client, &mode, NULL, NULL));
  assert_int_equal(uv_pipe_open(&pipes[0], uv_open_osfhandle(client)), 0);
  assert_true(GetNamedPipeHandleStateW(client, &mode, NULL, NULL, NULL, NULL, 0));
  assert_int_equal(mode & (PIPE_READMODE_MESSAGE | PIPE_NOWAIT), 0);

  reader_start(&readers[0], stream_of(&pipes[0]));
  uv_read_stop(stream_of(&pipes[0]));
  assert_int_equal(uv_read_start(stream_of(&pipes[0]), small_alloc, reader_read), 0);
  raw_write(fd, "one", 3);
  raw_write(fd, "and another", 11);
  reader_wait(&readers[0], &f->loop, 14);
  assert_memory_equal(readers[0].bytes, "oneand another", 14);
  _close(fd);
}

/* Wine lets a name be served twice: the flag for the first instance has no meaning there. */
static bool names_are_served_once(void) {
  const DWORD access = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE;
  HANDLE first = CreateNamedPipeA(pipe_name("probe"), access, 0, 2, 0, 0, 0, NULL);
  HANDLE second = CreateNamedPipeA(pipe_name("probe"), access, 0, 2, 0, 0, 0, NULL);
  bool refused = second == INVALID_HANDLE_VALUE;

  assert_ptr_not_equal(first, INVALID_HANDLE_VALUE);
  CloseHandle(first);
  if (!refused)
    CloseHandle(second);
  return refused;
}

static void a_name_is_bound_once(void** state) {
  (void) state;
  if (!names_are_served_once()) {
    print_message("skipped: this system lets a name be served twice\n");
    skip();
  }
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("server")), UV_EADDRINUSE);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("other")), 0);
}

static void names_outside_the_space_of_pipes_are_refused(void** state) {
  static const char not_utf8[] = "\\\\.\\pipe\\\xff\xfe";
  struct loop_fixture* f = *state;

  assert_int_equal(uv_pipe_bind(&pipes[0], "C:\\no\\pipe"), UV_EACCES);
  assert_int_equal(uv_pipe_bind(&pipes[0], not_utf8), UV_EINVAL);
  uv_pipe_connect(&connects[0], &pipes[0], not_utf8, connected);
  while (connect_status[0] == NOT_CALLED)
    run_once(f);
  assert_int_equal(connect_status[0], UV_ECHARSET);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
}

static void an_opened_end_has_a_peer_with_a_name_and_none_itself(void** state) {
  char name[256];
  size_t size = sizeof(name);

  (void) state;
  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS);
  for (int i = 0; i < 2; i++) {
    size = sizeof(name);
    assert_int_equal(uv_pipe_getsockname(&pipes[i], name, &size), 0);
    assert_int_equal(size, 0);
    size = sizeof(name);
    assert_int_equal(uv_pipe_getpeername(&pipes[i], name, &size), 0);
    assert_int_equal(size, strlen(name));
    assert_int_equal(strncmp(name, "\\\\?\\pipe\\uv\\", 12), 0);
    size = 4;
    assert_int_equal(uv_pipe_getpeername(&pipes[i], name, &size), UV_ENOBUFS);
    assert_int_equal(size, strlen(name) + 1);
  }
}

static void pipes_have_no_buffer_sizes(void** state) {
  int value = 0;

  (void) state;
  connect_pair(&pipes[0], &pipes[1], BOTH_WAYS);
  assert_int_equal(uv_send_buffer_size(handle_of(&pipes[0]), &value), UV_ENOTSUP);
  assert_int_equal(uv_recv_buffer_size(handle_of(&pipes[0]), &value), UV_ENOTSUP);
}

static void the_standard_streams_stay_open(void** state) {
  struct loop_fixture* f = *state;
  int before = _dup(0);
  uv_os_fd_t file;
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(_dup2(fds[0], 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], 0), 0);
  assert_int_equal(uv_fileno(handle_of(&pipes[0]), &file), 0);
  assert_ptr_not_equal(file, uv_get_osfhandle(0));
  uv_close(handle_of(&pipes[0]), NULL);
  turn(f);
  assert_int_equal(_write(fds[1], "x", 1), 1);
  assert_int_equal(raw_available(0), 1);
  _close(fds[0]);
  _close(fds[1]);
  if (before >= 0) {
    _dup2(before, 0);
    _close(before);
  }
}

static void everybodys_rights_are_set(void** state) {
  int err;

  (void) state;
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  err = uv_pipe_chmod(&pipes[0], UV_READABLE | UV_WRITABLE);
  assert_int_equal(err, 0);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE), 0);
}

/* A client may be gone before the server even asks for it; what it has written is not lost. */
static void a_client_that_left_before_the_server_listened_is_heard(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  start_connect(0);
  while (connect_status[0] == NOT_CALLED)
    run_once(f);
  start_write(0, &pipes[1], "I was here");
  while (writes_done == 0)
    run_once(f);
  uv_close(handle_of(&pipes[1]), NULL);
  turn(f);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), 0);
  while (uv_accept(stream_of(&pipes[0]), stream_of(&pipes[2])) != 0)
    run_once(f);
  reader_start(&readers[0], stream_of(&pipes[2]));
  assert_int_equal(reader_wait_end(&readers[0], &f->loop), UV_EOF);
  assert_int_equal(readers[0].len, 10);
}

/* -- Closing in every state -------------------------------------------------------------------- */

static void do_nothing(struct loop_fixture* f) {
  (void) f;
}

static void do_read(struct loop_fixture* f) {
  (void) f;
  reader_start(&readers[0], stream_of(&pipes[1]));
}

static void do_read_for_a_while(struct loop_fixture* f) {
  do_read(f);
  turn(f);
}

static void do_read_and_stop(struct loop_fixture* f) {
  do_read_for_a_while(f);
  uv_read_stop(stream_of(&pipes[1]));
}

static void do_receive(struct loop_fixture* f) {
  static uv_write_t req;
  uv_buf_t buf = text_buf("x");

  do_read_for_a_while(f);
  assert_int_equal(uv_write(&req, stream_of(&pipes[0]), &buf, 1, NULL), 0);
}

static void do_write(struct loop_fixture* f) {
  static uv_write_t req;
  static char big[1 << 18];
  uv_buf_t buf = uv_buf_init(big, sizeof(big));

  (void) f;
  assert_int_equal(uv_write(&req, stream_of(&pipes[1]), &buf, 1, NULL), 0);
}

static void do_shutdown(struct loop_fixture* f) {
  static uv_shutdown_t req;

  do_read(f);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[1]), NULL), 0);
}

static void do_shutdown_and_wait_for_the_end(struct loop_fixture* f) {
  do_shutdown(f);
  turn(f);
  turn(f);
}

static void do_write_and_shutdown(struct loop_fixture* f) {
  static uv_shutdown_t req;

  do_write(f);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[1]), NULL), 0);
}

static void do_lose_the_peer(struct loop_fixture* f) {
  do_read(f);
  uv_close(handle_of(&pipes[0]), NULL);
}

static void a_connection_closes_in_every_state(void** state) {
  static void (*const states[])(struct loop_fixture*) = {
      do_nothing,
      do_read,
      do_read_for_a_while,
      do_read_and_stop,
      do_receive,
      do_write,
      do_shutdown,
      do_shutdown_and_wait_for_the_end,
      do_write_and_shutdown,
      do_lose_the_peer,
  };
  struct loop_fixture* f = *state;

  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
      memset(f->log, 0, sizeof(f->log));
      for (int j = 0; j < 2; j++) {
        if (!uv_is_closing(handle_of(&pipes[j])))
          uv_close(handle_of(&pipes[j]), closed);
      }
      while (uv_loop_alive(&f->loop))
        run_once(f);
      for (int j = 0; j < 2; j++)
        assert_int_equal(uv_pipe_init(&f->loop, &pipes[j], 0), 0);
      connect_pair(&pipes[0], &pipes[1], BOTH_WAYS | (kind == 0 ? UV_NONBLOCK_PIPE : 0));
      states[i](f);
      uv_close(handle_of(&pipes[1]), closed);
      assert_int_equal(uv_is_active(handle_of(&pipes[1])), 0);
      for (int turns = 0; strchr(f->log, 'c') == NULL; turns++)
        run_once(f);
    }
  }
}

static void a_server_closes_in_every_state(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 4; i++) {
    memset(f->log, 0, sizeof(f->log));
    assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
    if (i > 0)
      assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), 0);
    if (i > 1)
      start_connect(0);
    if (i > 2)
      while (strchr(f->log, 'S') == NULL)
        run_once(f);
    uv_close(handle_of(&pipes[0]), closed);
    uv_close(handle_of(&pipes[1]), NULL);
    while (strchr(f->log, 'c') == NULL || uv_loop_alive(&f->loop))
      run_once(f);
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[0], 0), 0);
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[1], 0), 0);
  }
}

/* -- What is left behind ----------------------------------------------------------------------- */

static void close_and_wait(struct loop_fixture* f, uv_pipe_t* pipe) {
  memset(f->log, 0, sizeof(f->log));
  uv_close(handle_of(pipe), closed);
  wait_closed(f);
  assert_int_equal(uv_pipe_init(&f->loop, pipe, 0), 0);
}

static void no_handle_is_left_behind(void** state) {
  enum { ROUNDS = 300, WARM_UP = 50, SLACK = 8 /* threads of the system's come and go */ };
  struct loop_fixture* f = *state;
  int before = 0;

  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), 0);
  for (int i = 0; i < ROUNDS; i++) {
    if (i == WARM_UP)
      before = count_descriptors();
    start_connect(0);
    while (uv_accept(stream_of(&pipes[0]), stream_of(&pipes[2])) != 0)
      run_once(f);
    reader_start(&readers[0], stream_of(&pipes[2]));
    close_and_wait(f, &pipes[1]);
    close_and_wait(f, &pipes[2]);
    connect_pair(&pipes[3], &pipes[4], BOTH_WAYS);
    reader_start(&readers[1], stream_of(&pipes[4]));
    close_and_wait(f, &pipes[3]);
    close_and_wait(f, &pipes[4]);
  }
  assert_in_range(count_descriptors(), 0, before + SLACK);
}

#define win_pipe_test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      win_pipe_test(a_client_waits_until_an_instance_is_free),
      win_pipe_test(a_waiting_client_connects_and_no_other_connect_begins),
      win_pipe_test(closing_a_waiting_client_cancels_all_of_it),
      win_pipe_test(a_client_that_waits_for_a_server_that_goes_is_told),
      win_pipe_test(waiting_clients_are_taken_in_the_order_of_their_coming),
      win_pipe_test(after_a_shutdown_the_end_comes_by_itself),
      win_pipe_test(what_the_peer_answers_in_time_arrives_before_the_end),
      win_pipe_test(a_shutdown_waits_until_the_peer_has_read_all),
      win_pipe_test(a_pipe_that_only_writes_ends_with_its_shutdown),
      win_pipe_test(closing_cancels_a_shutdown_that_waits),
      win_pipe_test(blocking_ends_carry_data_in_order),
      win_pipe_test(more_than_a_pipe_holds_passes_between_blocking_ends),
      win_pipe_test(a_blocking_end_that_waits_for_data_can_be_written),
      win_pipe_test(a_blocking_end_shuts_down_when_all_is_read),
      win_pipe_test(stopping_a_blocking_end_leaves_the_data_to_others),
      win_pipe_test(stopping_and_starting_at_once_reads_on),
      win_pipe_test(closing_ends_the_threads_of_a_blocking_end),
      win_pipe_test(a_blocking_write_is_done_in_its_call),
      win_pipe_test(nothing_is_written_at_once),
      win_pipe_test(several_buffers_arrive_together_and_none_may_be_empty_too),
      win_pipe_test(nobody_to_read_is_epipe_by_the_callback),
      win_pipe_test(what_is_no_pipe_is_refused_and_stays_the_callers),
      win_pipe_test(an_opened_descriptor_is_closed_with_the_handle),
      win_pipe_test(an_end_on_another_port_is_read_and_written),
      win_pipe_test(a_pipe_of_messages_is_read_as_bytes),
      win_pipe_test(a_name_is_bound_once),
      win_pipe_test(names_outside_the_space_of_pipes_are_refused),
      win_pipe_test(an_opened_end_has_a_peer_with_a_name_and_none_itself),
      win_pipe_test(pipes_have_no_buffer_sizes),
      win_pipe_test(the_standard_streams_stay_open),
      win_pipe_test(everybodys_rights_are_set),
      win_pipe_test(a_client_that_left_before_the_server_listened_is_heard),
      win_pipe_test(a_connection_closes_in_every_state),
      win_pipe_test(a_server_closes_in_every_state),
      win_pipe_test(no_handle_is_left_behind),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
