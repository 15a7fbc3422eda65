/* Streams: connecting, shutting down, and closing with everything in flight. */
#include "support/peer.h"
#include "support/streams.h"
#include "support/temp_dir.h"

#if !defined(_WIN32)
#include <sys/un.h>
#endif

enum { BIG_LEN = 4 << 20 };

static union any_stream s;
static uv_os_sock_t other;
static char big[BIG_LEN];

static uv_connect_t connect_req;
static uv_shutdown_t shutdown_req;
static uv_write_t write_reqs[3];
static int connect_status;
static size_t bytes_read;

static int set_up(void** state) {
  other = NO_SOCKET;
  temp_dir_make();
  return loop_setup(state);
}

static int tear_down(void** state) {
  if (other != NO_SOCKET)
    close_socket(other);
  int err = loop_teardown(state);
  temp_dir_remove();
  return err;
}

static void open_it(struct loop_fixture* f) {
  other = open_stream(&f->loop, &s);
}

static void close_other(void) {
  close_socket(other);
  other = NO_SOCKET;
}

static void on_connect(uv_connect_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'c' : status == UV_ECANCELED ? 'C' : '!');
  connect_status = status;
}

static int write_to(union any_stream* to, int nth, const char* text) {
  uv_buf_t buf = buf_of(text);

  return uv_write(&write_reqs[nth], &to->stream, &buf, 1, on_write);
}

static int write_big(int nth) {
  uv_buf_t buf = uv_buf_init(big, sizeof(big));

  return uv_write(&write_reqs[nth], &s.stream, &buf, 1, on_write);
}

static int shut(void) {
  return uv_shutdown(&shutdown_req, &s.stream, on_shutdown);
}

static void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  if (nread > 0)
    bytes_read += (size_t) nread;
  else if (nread < 0)
    test_log(stream->loop, nread == UV_EOF ? 'e' : '!');
}

/* -- While connecting -------------------------------------------------------------------------- */

/* Begins a connect to a raw listener, which it answers. */
static uv_os_sock_t connect_over_tcp(uv_connect_cb cb) {
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_connect(&connect_req, &s.tcp, &at.any, cb), 0);
  return listener;
}

/* Begins a connect of which the failure is known, but not told yet. */
static void connect_over_tcp_in_vain(uv_connect_cb cb) {
  union address refusing = refusing_address();

  assert_int_equal(uv_tcp_connect(&connect_req, &s.tcp, &refusing.any, cb), 0);
}

/* The same for the kind at test. */
#if defined(_WIN32)

static uv_os_sock_t connect_to_listener(struct loop_fixture* f, uv_connect_cb cb) {
  init_stream(&f->loop, &s);
  return connect_over_tcp(cb);
}

static void connect_in_vain(struct loop_fixture* f, uv_connect_cb cb) {
  init_stream(&f->loop, &s);
  connect_over_tcp_in_vain(cb);
}

static uv_os_sock_t unconnected_socket(void) {
  return new_socket(AF_INET, SOCK_STREAM);
}

#else

static uv_os_sock_t connect_to_listener(struct loop_fixture* f, uv_connect_cb cb) {
  struct sockaddr_un path = {.sun_family = AF_UNIX};
  int listener;

  init_stream(&f->loop, &s);
  if (kind == OVER_TCP)
    return connect_over_tcp(cb);
  strcpy(path.sun_path, temp_path("listener"));
  listener = new_socket(AF_UNIX, SOCK_STREAM);
  assert_int_equal(bind(listener, (struct sockaddr*) &path, sizeof(path)), 0);
  assert_int_equal(listen(listener, 8), 0);
  uv_pipe_connect(&connect_req, &s.pipe, path.sun_path, cb);
  unlink(path.sun_path);
  return listener;
}

static void connect_in_vain(struct loop_fixture* f, uv_connect_cb cb) {
  init_stream(&f->loop, &s);
  if (kind == OVER_TCP)
    connect_over_tcp_in_vain(cb);
  else
    uv_pipe_connect(&connect_req, &s.pipe, temp_path("nobody"), cb);
}

static uv_os_sock_t unconnected_socket(void) {
  return new_socket(kind == OVER_TCP ? AF_INET : AF_UNIX, SOCK_STREAM);
}

#endif

static void writes_and_reads_may_be_started_while_connecting(void** state) {
  struct loop_fixture* f = *state;
  char text[11];
  uv_os_sock_t listener = connect_to_listener(f, on_connect);

  assert_int_equal(uv_is_readable(&s.stream), 1);
  assert_int_equal(uv_is_writable(&s.stream), 1);
  assert_int_equal(write_to(&s, 0, "hello "), 0);
  assert_int_equal(s.stream.write_queue_size, 6);
  assert_int_equal(write_to(&s, 1, "world"), 0);
  assert_int_equal(s.stream.write_queue_size, 11);
  uv_buf_t buf = buf_of("x");
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), UV_EAGAIN);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  run_until(f, 'w');
  assert_int_equal(f->log[0], 'c');
  other = accept_connection(listener);
  receive_exactly(other, text, 11);
  assert_memory_equal(text, "hello world", 11);
  close_other();
  run(f);
  assert_string_equal(f->log, "cwwe");
  close_socket(listener);
}

static void a_shutdown_waits_for_the_connection(void** state) {
  struct loop_fixture* f = *state;
  char text[2];
  uv_os_sock_t listener = connect_to_listener(f, on_connect);

  assert_int_equal(write_to(&s, 0, "x"), 0);
  assert_int_equal(shut(), 0);
  assert_int_equal(write_to(&s, 1, "y"), UV_EPIPE);
  run(f);
  assert_string_equal(f->log, "cws");
  other = accept_connection(listener);
  receive_exactly(other, text, 1);
  assert_true(is_ended(other));
  close_socket(listener);
}

static void a_shutdown_alone_waits_for_the_connection(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t listener = connect_to_listener(f, on_connect);

  assert_int_equal(shut(), 0);
  run(f);
  assert_string_equal(f->log, "cs");
  close_socket(listener);
}

static void a_failed_connect_cancels_the_writes_behind_it(void** state) {
  struct loop_fixture* f = *state;

  connect_in_vain(f, on_connect);
  if (kind == OVER_TCP) {
    assert_int_equal(write_to(&s, 0, "hello"), 0);
    assert_int_equal(write_to(&s, 1, "world"), 0);
    run(f);
    assert_string_equal(f->log, "!WW");
  } else {
    run(f);
    assert_string_equal(f->log, "!");
  }
  assert_int_equal(s.stream.write_queue_size, 0);
  assert_false(uv_is_closing(&s.handle));
}

static void close_in_connect_callback(uv_connect_t* req, int status) {
  on_connect(req, status);
  uv_close((uv_handle_t*) req->handle, on_close);
}

static void a_failed_connect_may_close_its_stream(void** state) {
  struct loop_fixture* f = *state;

  connect_in_vain(f, close_in_connect_callback);
  if (kind == OVER_TCP)
    assert_int_equal(write_to(&s, 0, "hello"), 0);
  run(f);
  assert_string_equal(f->log, kind == OVER_TCP ? "!Wx" : "!x");
}

static void a_connect_callback_may_close_its_stream(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t listener = connect_to_listener(f, close_in_connect_callback);

  assert_int_equal(write_to(&s, 0, "hello"), 0);
  run(f);
  assert_string_equal(f->log, "cWx");
  close_socket(listener);
}

static union address good_address;
static uv_connect_t second_req;

static void connect_elsewhere(uv_connect_t* req, int status) {
  on_connect(req, status);
  assert_int_equal(uv_tcp_connect(&second_req, &s.tcp, &good_address.any, on_connect), 0);
  assert_int_equal(write_to(&s, 1, "second"), 0);
}

/* The address to bind to is taken, so the first connect fails. */
static void what_is_written_after_a_failure_belongs_to_the_next_connect(void** state) {
  struct loop_fixture* f = *state;
  union address taken;
  char text[6];

  if (kind != OVER_TCP)
    skip();
  uv_os_sock_t holder = make_listener(&taken);
  uv_os_sock_t listener = make_listener(&good_address);
  init_stream(&f->loop, &s);
  assert_int_equal(uv_tcp_bind(&s.tcp, &taken.any, 0), 0);
  assert_int_equal(uv_tcp_connect(&connect_req, &s.tcp, &good_address.any, connect_elsewhere), 0);
  assert_int_equal(write_to(&s, 0, "first"), 0);
  run(f);
  assert_string_equal(f->log, "!Wcw");
  other = accept_connection(listener);
  receive_exactly(other, text, 6);
  assert_memory_equal(text, "second", 6);
  close_socket(holder);
  close_socket(listener);
}

/* -- Shutting down ----------------------------------------------------------------------------- */

static void shutdown_makes_a_stream_unwritable_at_once_and_tells_later(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("x");

  open_it(f);
  assert_int_equal(shut(), 0);
  assert_string_equal(f->log, "");
  assert_int_equal(shutdown_req.type, UV_SHUTDOWN);
  assert_ptr_equal(shutdown_req.handle, &s);
  assert_int_equal(uv_is_writable(&s.stream), 0);
  assert_int_equal(uv_is_readable(&s.stream), 1);
  assert_int_equal(write_to(&s, 0, "x"), UV_EPIPE);
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), UV_EPIPE);
  assert_int_not_equal(uv_loop_alive(&f->loop), 0);
  run(f);
  assert_string_equal(f->log, "s");
  assert_true(is_ended(other));
}

static void a_second_shutdown_is_enotconn(void** state) {
  struct loop_fixture* f = *state;
  static uv_shutdown_t second;

  open_it(f);
  assert_int_equal(shut(), 0);
  assert_int_equal(uv_shutdown(&second, &s.stream, on_shutdown), UV_ENOTCONN);
  run(f);
  assert_int_equal(uv_shutdown(&second, &s.stream, on_shutdown), UV_ENOTCONN);
  run(f);
  assert_string_equal(f->log, "s");
}

static void shutdown_needs_an_open_stream(void** state) {
  struct loop_fixture* f = *state;

  init_stream(&f->loop, &s);
  assert_int_equal(shut(), UV_ENOTCONN);
  uv_close(&s.handle, NULL);
  assert_int_equal(shut(), UV_ENOTCONN);
}

static void a_shutdown_callback_may_be_null(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  assert_int_equal(uv_shutdown(&shutdown_req, &s.stream, NULL), 0);
  run(f);
  assert_true(is_ended(other));
}

static void shutdown_comes_behind_queued_writes(void** state) {
  struct loop_fixture* f = *state;
  static char received[BIG_LEN];
  size_t len = 0;

  open_it(f);
  assert_int_equal(write_big(0), 0);
  assert_int_equal(write_to(&s, 1, "end"), 0);
  assert_int_equal(shut(), 0);
  for (;;) {
    turn(f);
    ssize_t n = read_now(other, received, sizeof(received));
    if (n == 0)
      break;
    if (n > 0)
      len += (size_t) n;
  }
  assert_int_equal(len, BIG_LEN + 3);
  run(f);
  assert_string_equal(f->log, "wws");
}

#if defined(_WIN32)

static void a_socket_that_is_not_connected_cannot_be_shut(void** state) {
  struct loop_fixture* f = *state;

  init_stream(&f->loop, &s);
  assert_int_equal(give_socket(&s, unconnected_socket()), 0);
  assert_int_equal(shut(), UV_ENOTCONN);
}

#define TESTS_OF_FAILED_SHUTDOWNS test(a_socket_that_is_not_connected_cannot_be_shut)

#else

static void shutdown_failures_come_by_callback(void** state) {
  struct loop_fixture* f = *state;

  init_stream(&f->loop, &s);
  assert_int_equal(give_socket(&s, unconnected_socket()), 0);
  assert_int_equal(shut(), 0);
  run(f);
  /* Linux lets a unix socket be shut that is not connected. */
  assert_string_equal(f->log, kind == OVER_TCP ? "!" : "s");
}

#define TESTS_OF_FAILED_SHUTDOWNS test(shutdown_failures_come_by_callback)

#endif

static void reading_goes_on_after_shutdown(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  bytes_read = 0;
  assert_int_equal(shut(), 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  run_until(f, 's');
  send_text(other, "answer");
  close_other();
  run(f);
  assert_string_equal(f->log, "se");
  assert_int_equal(bytes_read, 6);
}

static void write_and_shut(uv_write_t* req, int status) {
  on_write(req, status);
  assert_int_equal(write_to(&s, 1, "second"), 0);
  assert_int_equal(shut(), 0);
}

static void shutdown_in_a_write_callback_comes_behind_its_write(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("first");

  open_it(f);
  assert_int_equal(uv_write(&write_reqs[0], &s.stream, &buf, 1, write_and_shut), 0);
  run(f);
  assert_string_equal(f->log, "wws");
}

/* Each end has much to send, and shuts down behind it. */
static void both_ends_shut_down_with_data_pending(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream ends[2];
  static uv_write_t reqs[2];
  static uv_shutdown_t shutdowns[2];
  uv_buf_t buf = uv_buf_init(big, sizeof(big));
  uv_os_sock_t pair[2];

  make_pair(pair);
  bytes_read = 0;
  for (int i = 0; i < 2; i++) {
    init_stream(&f->loop, &ends[i]);
    assert_int_equal(give_socket(&ends[i], pair[i]), 0);
    assert_int_equal(uv_read_start(&ends[i].stream, alloc_cb, on_read), 0);
    assert_int_equal(uv_write(&reqs[i], &ends[i].stream, &buf, 1, on_write), 0);
    assert_int_equal(uv_shutdown(&shutdowns[i], &ends[i].stream, on_shutdown), 0);
  }
  run(f);
  assert_int_equal(bytes_read, 2 * BIG_LEN);
  assert_int_equal(strlen(f->log), 6);
  assert_null(strpbrk(f->log, "!WS"));
}

/* -- Closing ----------------------------------------------------------------------------------- */

static void expect_closing(uv_stream_t* stream) {
  uv_os_fd_t fd;

  assert_int_equal(uv_is_closing((uv_handle_t*) stream), 1);
  assert_int_equal(uv_fileno((uv_handle_t*) stream, &fd), UV_EBADF);
}

static void on_connect_closing(uv_connect_t* req, int status) {
  on_connect(req, status);
  expect_closing(req->handle);
}

static void on_write_closing(uv_write_t* req, int status) {
  on_write(req, status);
  expect_closing(req->handle);
}

static void on_shutdown_closing(uv_shutdown_t* req, int status) {
  on_shutdown(req, status);
  expect_closing(req->handle);
}

static void closing_cancels_all_in_order(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("hello");
  uv_os_sock_t listener = connect_to_listener(f, on_connect_closing);

  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_write(&write_reqs[i], &s.stream, &buf, 1, on_write_closing), 0);
  assert_int_equal(uv_shutdown(&shutdown_req, &s.stream, on_shutdown_closing), 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  uv_close(&s.handle, on_close);
  assert_string_equal(f->log, "");
  assert_int_equal(uv_is_active(&s.handle), 0);
  run(f);
  assert_string_equal(f->log, "CWWWSx");
  assert_int_equal(s.stream.write_queue_size, 0);
  close_socket(listener);
}

static void closing_keeps_the_outcome_of_finished_writes(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  assert_int_equal(write_to(&s, 0, "hello"), 0);
  assert_int_equal(write_big(1), 0);
  assert_int_equal(write_to(&s, 2, "world"), 0);
  assert_int_equal(shut(), 0);
  uv_close(&s.handle, on_close);
  run(f);
  assert_string_equal(f->log, "wWWSx");
  assert_int_equal(s.stream.write_queue_size, 0);
}

static void close_in_write_callback(uv_write_t* req, int status) {
  on_write(req, status);
  uv_close((uv_handle_t*) req->handle, on_close);
}

static void a_write_cancelled_by_a_failed_connect_may_close_its_stream(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("hello");

  if (kind != OVER_TCP)
    skip();
  connect_in_vain(f, on_connect);
  assert_int_equal(uv_write(&write_reqs[0], &s.stream, &buf, 1, close_in_write_callback), 0);
  assert_int_equal(shut(), 0);
  run(f);
  assert_string_equal(f->log, "!WSx");
}

static void a_write_callback_may_close_its_stream(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("hello");

  open_it(f);
  assert_int_equal(uv_write(&write_reqs[0], &s.stream, &buf, 1, close_in_write_callback), 0);
  assert_int_equal(write_to(&s, 1, "world"), 0);
  assert_int_equal(write_big(2), 0);
  run(f);
  assert_string_equal(f->log, "wwWx");
}

static void close_in_shutdown_callback(uv_shutdown_t* req, int status) {
  on_shutdown(req, status);
  uv_close((uv_handle_t*) req->handle, on_close);
}

static void a_shutdown_callback_may_close_its_stream(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  assert_int_equal(uv_shutdown(&shutdown_req, &s.stream, close_in_shutdown_callback), 0);
  run(f);
  assert_string_equal(f->log, "sx");
}

static void free_on_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
  free(handle);
}

static void free_on_write(uv_write_t* req, int status) {
  on_write(req, status);
  free(req);
}

/* Memory checkers see a use after the callback. */
static void memory_is_the_users_in_the_callbacks(void** state) {
  struct loop_fixture* f = *state;
  union any_stream* own = malloc(sizeof(*own));
  uv_write_t* req = malloc(sizeof(*req));
  uv_buf_t buf = uv_buf_init(big, sizeof(big));

  other = open_stream(&f->loop, own);
  assert_int_equal(uv_read_start(&own->stream, alloc_cb, on_read), 0);
  assert_int_equal(uv_write(req, &own->stream, &buf, 1, free_on_write), 0);
  send_text(other, "hello");
  turn(f);
  uv_close(&own->handle, free_on_close);
  run(f);
  assert_string_equal(f->log, "Wx");
}

static void a_close_callback_may_be_null(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  uv_close(&s.handle, NULL);
  run(f);
  assert_true(is_ended(other));
}

static void the_descriptor_is_closed_at_once(void** state) {
  struct loop_fixture* f = *state;

  open_it(f);
  uv_os_sock_t fd = fd_of(&s);
  uv_close(&s.handle, NULL);
  assert_false(socket_is_open(fd));
}

/* -- Others of the same batch ------------------------------------------------------------------ */

enum { BATCH_LEN = 2 };

static union any_stream batch[BATCH_LEN];
static uv_os_sock_t far_ends[BATCH_LEN + 1];

static void open_batch(struct loop_fixture* f, uv_read_cb cb) {
  for (int i = 0; i < BATCH_LEN; i++) {
    far_ends[i] = open_stream(&f->loop, &batch[i]);
    assert_int_equal(uv_read_start(&batch[i].stream, alloc_cb, cb), 0);
  }
  turn(f);
  for (int i = 0; i < BATCH_LEN; i++)
    send_text(far_ends[i], "abc");
}

#if defined(_WIN32)

/* Handles do not get the numbers of others that soon. */
static void close_the_other(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  union any_stream* victim = stream == &batch[0].stream ? &batch[1] : &batch[0];

  (void) buf;
  test_log(stream->loop, nread == 3 ? '3' : '!');
  assert_int_equal(uv_read_stop(stream), 0);
  uv_close(&victim->handle, on_close);
}

static void an_event_of_a_closed_stream_is_dropped(void** state) {
  struct loop_fixture* f = *state;

  open_batch(f, close_the_other);
  run(f);
  assert_string_equal(f->log, "3x");
  for (int i = 0; i < BATCH_LEN; i++)
    close_socket(far_ends[i]);
}

#define TESTS_OF_CLOSED_STREAMS test(an_event_of_a_closed_stream_is_dropped)

#else

static union any_stream successor;
static int reused_fd;

static void on_successor_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  test_log(stream->loop, nread == 4 ? '4' : '!');
  assert_int_equal(uv_read_stop(stream), 0);
}

/* Whichever is first closes the other one, whose event is in the same batch, and gives a new stream
 * the descriptor number of that one. */
static void replace_the_other(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  union any_stream* victim = stream == &batch[0].stream ? &batch[1] : &batch[0];
  uv_os_sock_t pair[2];

  (void) buf;
  test_log(stream->loop, nread == 3 ? '3' : '!');
  assert_int_equal(uv_read_stop(stream), 0);
  reused_fd = fd_of(victim);
  uv_close(&victim->handle, on_close);

  make_pair(pair);
  if (pair[0] != reused_fd) {
    assert_false(is_open(reused_fd));
    assert_int_equal(dup2(pair[0], reused_fd), reused_fd);
    close_socket(pair[0]);
  }
  far_ends[BATCH_LEN] = pair[1];
  init_stream(stream->loop, &successor);
  assert_int_equal(give_socket(&successor, reused_fd), 0);
  assert_int_equal(uv_read_start(&successor.stream, alloc_cb, on_successor_read), 0);
}

static void an_event_of_a_closed_stream_is_not_its_successors(void** state) {
  struct loop_fixture* f = *state;

  open_batch(f, replace_the_other);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "3x");
  assert_int_equal(fd_of(&successor), reused_fd);
  turn(f);
  assert_string_equal(f->log, "3x");
  send_text(far_ends[BATCH_LEN], "abcd");
  run_until(f, '4');
  assert_string_equal(f->log, "3x4");
  for (int i = 0; i <= BATCH_LEN; i++)
    close_socket(far_ends[i]);
}

#define TESTS_OF_CLOSED_STREAMS test(an_event_of_a_closed_stream_is_not_its_successors)

#endif

static void stop_both(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  test_log(stream->loop, nread == 3 ? '3' : '!');
  for (int i = 0; i < BATCH_LEN; i++)
    assert_int_equal(uv_read_stop(&batch[i].stream), 0);
}

static void an_event_of_a_stopped_stream_is_dropped(void** state) {
  struct loop_fixture* f = *state;

  open_batch(f, stop_both);
  run(f);
  assert_string_equal(f->log, "3");
  for (int i = 0; i < BATCH_LEN; i++)
    close_socket(far_ends[i]);
}

static void close_in_timer(uv_timer_t* timer) {
  uv_close(&s.handle, on_close);
  uv_close((uv_handle_t*) timer, NULL);
}

/* A timer is due in the very turn that has data to read. */
static void a_stream_closed_by_a_timer_is_not_read_any_more(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  open_it(f);
  bytes_read = 0;
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, close_in_timer, 0, 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  send_text(other, "hello");
  run(f);
  assert_string_equal(f->log, "x");
  assert_int_equal(bytes_read, 0);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define newer_test(function) newer_test_with(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(writes_and_reads_may_be_started_while_connecting),
      newer_test(a_shutdown_waits_for_the_connection),
      newer_test(a_shutdown_alone_waits_for_the_connection),
      test(a_failed_connect_cancels_the_writes_behind_it),
      test(a_failed_connect_may_close_its_stream),
      test(a_write_cancelled_by_a_failed_connect_may_close_its_stream),
      test(a_connect_callback_may_close_its_stream),
      newer_test(what_is_written_after_a_failure_belongs_to_the_next_connect),
      test(shutdown_makes_a_stream_unwritable_at_once_and_tells_later),
      test(a_second_shutdown_is_enotconn),
      test(shutdown_needs_an_open_stream),
      test(a_shutdown_callback_may_be_null),
      test(shutdown_comes_behind_queued_writes),
      TESTS_OF_FAILED_SHUTDOWNS,
      test(reading_goes_on_after_shutdown),
      newer_test(shutdown_in_a_write_callback_comes_behind_its_write),
      test(both_ends_shut_down_with_data_pending),
      test(closing_cancels_all_in_order),
      test(closing_keeps_the_outcome_of_finished_writes),
      test(a_write_callback_may_close_its_stream),
      test(a_shutdown_callback_may_close_its_stream),
      test(memory_is_the_users_in_the_callbacks),
      test(a_close_callback_may_be_null),
      test(the_descriptor_is_closed_at_once),
      TESTS_OF_CLOSED_STREAMS,
      test(an_event_of_a_stopped_stream_is_dropped),
      newer_test(a_stream_closed_by_a_timer_is_not_read_any_more),
  };
  return run_for_each_kind("stream close", tests);
}
