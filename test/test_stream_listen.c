/* Streams: listening and accepting. */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/streams.h"
#include "support/temp_dir.h"

#if !defined(_WIN32)
#include <sys/un.h>
#endif

static union any_stream server;
static union any_stream client;
static union any_stream second;

static int set_up(void** state) {
  temp_dir_make();
  return loop_setup(state);
}

static int tear_down(void** state) {
  int err = loop_teardown(state);
  temp_dir_remove();
  return err;
}

static void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  test_log(stream->loop, nread > 0 ? 'r' : nread == UV_EOF ? 'e' : '!');
}

static void on_connection(uv_stream_t* stream, int status) {
  test_log(stream->loop, status == 0 ? 'n' : '!');
}

static void bind_tcp_server(void) {
  union address at = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_bind(&server.tcp, &at.any, 0), 0);
}

/* A raw connection to the server. */
static uv_os_sock_t join_tcp(void) {
  union address at = name_of(&server.tcp);

  return make_connection(&at);
}

/* The same for the kind at test. */
#if defined(_WIN32)

static void bind_server(struct loop_fixture* f) {
  init_stream(&f->loop, &server);
  bind_tcp_server();
}

static uv_os_sock_t join(void) {
  return join_tcp();
}

#else

static void bind_server(struct loop_fixture* f) {
  init_stream(&f->loop, &server);
  if (kind == OVER_TCP)
    bind_tcp_server();
  else
    assert_int_equal(uv_pipe_bind(&server.pipe, temp_path("server")), 0);
}

static uv_os_sock_t join(void) {
  struct sockaddr_un path = {.sun_family = AF_UNIX};
  int fd;

  if (kind == OVER_TCP)
    return join_tcp();
  strcpy(path.sun_path, temp_path("server"));
  fd = new_socket(AF_UNIX, SOCK_STREAM);
  assert_int_equal(connect(fd, (struct sockaddr*) &path, sizeof(path)), 0);
  return fd;
}

#endif

static void serve(struct loop_fixture* f, uv_connection_cb cb) {
  bind_server(f);
  assert_int_equal(uv_listen(&server.stream, 16, cb), 0);
}

/* Accepts into a stream and sees that it is connected to `raw`. */
static void accept_into(struct loop_fixture* f, union any_stream* s, uv_os_sock_t raw) {
  size_t len = strlen(f->log);

  init_stream(&f->loop, s);
  assert_int_equal(uv_accept(&server.stream, &s->stream), 0);
  assert_int_equal(uv_is_readable(&s->stream), 1);
  assert_int_equal(uv_is_writable(&s->stream), 1);
  assert_true(socket_is_nonblocking(fd_of(s)));
  assert_false(socket_is_inherited(fd_of(s)));
  send_text(raw, "hello");
  assert_int_equal(uv_read_start(&s->stream, alloc_cb, on_read), 0);
  while (strchr(f->log + len, 'r') == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
  uv_close(&s->handle, NULL);
  turn(f);
}

/* -- Listening --------------------------------------------------------------------------------- */

static void a_listening_stream_is_active_until_it_is_closed(void** state) {
  struct loop_fixture* f = *state;

  bind_server(f);
  assert_int_equal(uv_is_active(&server.handle), 0);
  assert_int_equal(uv_listen(&server.stream, 16, on_connection), 0);
  assert_int_equal(uv_is_active(&server.handle), 1);
  assert_int_equal(uv_read_stop(&server.stream), 0);
  assert_int_equal(uv_is_active(&server.handle), 1);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  uv_close(&server.handle, NULL);
  assert_int_equal(uv_is_active(&server.handle), 0);
  run(f);
  close_socket(raw);
}

static void a_listening_stream_neither_reads_nor_writes(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  static uv_shutdown_t shutdown_req;
  uv_buf_t buf = buf_of("x");

  serve(f, on_connection);
  assert_int_equal(uv_is_readable(&server.stream), 0);
  assert_int_equal(uv_is_writable(&server.stream), 0);
  assert_int_equal(uv_read_start(&server.stream, alloc_cb, on_read), UV_ENOTCONN);
  assert_int_equal(uv_write(&write_req, &server.stream, &buf, 1, on_write), UV_EPIPE);
  assert_int_equal(uv_try_write(&server.stream, &buf, 1), UV_EPIPE);
  assert_int_equal(uv_shutdown(&shutdown_req, &server.stream, on_shutdown), UV_ENOTCONN);
}

#if defined(_WIN32)

/* A socket that is not connected does not count as connected, however it came. */
static void an_opened_socket_can_become_a_listener(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_STREAM);

  assert_int_equal(bind(fd, &at.any, sizeof(at.v4)), 0);
  init_stream(&f->loop, &server);
  assert_int_equal(give_socket(&server, fd), 0);
  assert_int_equal(uv_read_start(&server.stream, alloc_cb, on_read), UV_ENOTCONN);
  assert_int_equal(uv_listen(&server.stream, 5, on_connection), 0);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  accept_into(f, &client, raw);
  close_socket(raw);
}

static void a_reading_stream_does_not_listen(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other_end = open_stream(&f->loop, &client);

  assert_int_equal(uv_read_start(&client.stream, alloc_cb, on_read), 0);
  assert_int_equal(uv_listen(&client.stream, 5, on_connection), UV_EISCONN);
  close_socket(other_end);
}

#define TESTS_OF_OPENED_SOCKETS \
  test(an_opened_socket_can_become_a_listener), test(a_reading_stream_does_not_listen)

#else

/* As before, for a socket that counted as connected because it was opened; and what was begun with
 * it ends somehow. */
static void an_opened_socket_can_become_a_listener(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  union address at = address4("127.0.0.1", 0);
  uv_buf_t buf = buf_of("x");
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_STREAM);

  if (kind != OVER_TCP) {
    close_socket(fd);
    skip();
  }
  assert_int_equal(bind(fd, &at.any, sizeof(at.v4)), 0);
  init_stream(&f->loop, &server);
  assert_int_equal(give_socket(&server, fd), 0);
  assert_int_equal(uv_read_start(&server.stream, alloc_cb, on_read), 0);
  assert_int_equal(uv_write(&write_req, &server.stream, &buf, 1, on_write), 0);
  assert_int_equal(uv_listen(&server.stream, 5, on_connection), 0);
  assert_int_equal(uv_read_start(&server.stream, alloc_cb, on_read), UV_ENOTCONN);
  assert_int_equal(uv_write(&write_req, &server.stream, &buf, 1, on_write), UV_EPIPE);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  assert_string_equal(f->log, "!n");
  accept_into(f, &client, raw);
  close_socket(raw);
}

#define TESTS_OF_OPENED_SOCKETS newer_test(an_opened_socket_can_become_a_listener)

#endif

static void listen_refuses_a_closing_stream(void** state) {
  struct loop_fixture* f = *state;

  bind_server(f);
  uv_close(&server.handle, NULL);
  assert_int_equal(uv_listen(&server.stream, 16, on_connection), UV_EINVAL);
}

static void on_connection_again(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  test_log(stream->loop, 'N');
}

static void listening_again_changes_the_callback(void** state) {
  struct loop_fixture* f = *state;

  serve(f, on_connection);
  assert_int_equal(uv_listen(&server.stream, 1, on_connection_again), 0);
  uv_os_sock_t raw = join();
  run_until(f, 'N');
  assert_string_equal(f->log, "N");
  close_socket(raw);
}

/* -- Accepting --------------------------------------------------------------------------------- */

static void accept_without_a_connection_is_eagain(void** state) {
  struct loop_fixture* f = *state;

  serve(f, on_connection);
  init_stream(&f->loop, &client);
  assert_int_equal(uv_accept(&server.stream, &client.stream), UV_EAGAIN);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  assert_int_equal(uv_accept(&server.stream, &client.stream), 0);
  init_stream(&f->loop, &second);
  assert_int_equal(uv_accept(&server.stream, &second.stream), UV_EAGAIN);
  uv_close(&server.handle, NULL);
  assert_int_equal(uv_accept(&server.stream, &second.stream), UV_EAGAIN);
  close_socket(raw);
}

#if defined(_WIN32)

static int announced(const struct loop_fixture* f) {
  int count = 0;

  for (const char* letter = f->log; *letter != 0; letter++)
    count += *letter == 'n';
  return count;
}

/* Each connection is an event of its own, and a turn has many. */
static void connections_are_announced_in_their_order(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t raw[3];

  serve(f, on_connection);
  for (int i = 0; i < 3; i++)
    raw[i] = join();
  for (int i = 0; i < 3; i++) {
    while (announced(f) == i)
      uv_run(&f->loop, UV_RUN_ONCE);
    accept_into(f, &client, raw[i]);
  }
  for (int i = 0; i < 3; i++)
    close_socket(raw[i]);
}

#define TESTS_OF_SEVERAL test(connections_are_announced_in_their_order)

#else

static void accept_and_close(uv_stream_t* stream, int status) {
  union any_stream* taken = malloc(sizeof(*taken));

  on_connection(stream, status);
  init_stream(stream->loop, taken);
  assert_int_equal(uv_accept(stream, &taken->stream), 0);
  uv_close(&taken->handle, (uv_close_cb) free);
}

static void an_event_accepts_one_connection(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t raw[3];

  serve(f, accept_and_close);
  for (int i = 0; i < 3; i++)
    raw[i] = join();
  turn(f);
  assert_string_equal(f->log, "n");
  turn(f);
  assert_string_equal(f->log, "nn");
  turn(f);
  assert_string_equal(f->log, "nnn");
  turn(f);
  assert_string_equal(f->log, "nnn");
  for (int i = 0; i < 3; i++)
    close_socket(raw[i]);
}

#define TESTS_OF_SEVERAL newer_test(an_event_accepts_one_connection)

#endif

static void a_connection_that_nobody_accepts_holds_up_the_others(void** state) {
  struct loop_fixture* f = *state;

  serve(f, on_connection);
  uv_os_sock_t first = join();
  uv_os_sock_t next = join();
  run_until(f, 'n');
  for (int i = 0; i < 10; i++)
    turn(f);
  assert_string_equal(f->log, "n");
  accept_into(f, &client, first);
  while (strcmp(f->log, "nrn") != 0 && strcmp(f->log, "nnr") != 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  accept_into(f, &second, next);
  close_socket(first);
  close_socket(next);
}

static void without_a_callback_connections_can_still_be_accepted(void** state) {
  struct loop_fixture* f = *state;

  serve(f, NULL);
  uv_os_sock_t raw = join();
  init_stream(&f->loop, &client);
  while (uv_accept(&server.stream, &client.stream) == UV_EAGAIN)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(uv_is_writable(&client.stream), 1);
  close_socket(raw);
}

static void a_busy_client_loses_the_connection_and_accepting_goes_on(void** state) {
  struct loop_fixture* f = *state;

  serve(f, on_connection);
  uv_os_sock_t other_end = open_stream(&f->loop, &client);
  uv_os_sock_t kept = fd_of(&client);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  assert_int_equal(uv_accept(&server.stream, &client.stream), UV_EBUSY);
  assert_int_equal(fd_of(&client), kept);
  assert_true(is_ended(raw));
  close_socket(raw);
  raw = join();
  while (strcmp(f->log, "nn") != 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  accept_into(f, &second, raw);
  close_socket(raw);
  close_socket(other_end);
}

static void accept_refuses_other_types_and_the_connection_waits(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  serve(f, on_connection);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  uv_timer_init(&f->loop, &timer);
  assert_int_equal(uv_accept(&server.stream, (uv_stream_t*) (void*) &timer), UV_EINVAL);
  accept_into(f, &client, raw);
  close_socket(raw);
}

static void accept_refuses_a_closing_client_and_the_connection_waits(void** state) {
  struct loop_fixture* f = *state;

  serve(f, on_connection);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  init_stream(&f->loop, &second);
  uv_close(&second.handle, NULL);
  assert_int_equal(uv_accept(&server.stream, &second.stream), UV_EINVAL);
  accept_into(f, &client, raw);
  close_socket(raw);
}

static void accept_refuses_a_client_of_another_loop(void** state) {
  struct loop_fixture* f = *state;
  uv_loop_t other_loop;

  serve(f, on_connection);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  assert_int_equal(uv_loop_init(&other_loop), 0);
  init_stream(&other_loop, &second);
  assert_int_equal(uv_accept(&server.stream, &second.stream), UV_EINVAL);
  uv_close(&second.handle, NULL);
  uv_run(&other_loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&other_loop), 0);
  accept_into(f, &client, raw);
  close_socket(raw);
}

/* -- Closing ----------------------------------------------------------------------------------- */

/* A reserve; on Windows what the system's libraries opened. */
#if defined(_WIN32)
enum { MOST_KEPT = 16 };
#else
enum { MOST_KEPT = 1 };
#endif

static void closing_a_server_closes_the_connection_that_waits(void** state) {
  struct loop_fixture* f = *state;
  int before = count_descriptors();

  serve(f, on_connection);
  uv_os_sock_t raw = join();
  run_until(f, 'n');
  uv_close(&server.handle, on_close);
  run(f);
  assert_string_equal(f->log, "nx");
  assert_true(is_ended(raw));
  close_socket(raw);
  assert_in_range(count_descriptors(), before, before + MOST_KEPT);
}

static void close_server(uv_stream_t* stream, int status) {
  on_connection(stream, status);
  uv_close((uv_handle_t*) stream, on_close);
}

static void a_connection_callback_may_close_its_server(void** state) {
  struct loop_fixture* f = *state;

  serve(f, close_server);
  uv_os_sock_t raw = join();
  run(f);
  assert_string_equal(f->log, "nx");
  assert_true(is_ended(raw));
  close_socket(raw);
}

static void accept_and_close_server(uv_stream_t* stream, int status) {
  on_connection(stream, status);
  init_stream(stream->loop, &client);
  assert_int_equal(uv_accept(stream, &client.stream), 0);
  uv_close((uv_handle_t*) stream, on_close);
}

static void an_accepted_connection_outlives_its_server(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = buf_of("hello");
  char text[5];

  serve(f, accept_and_close_server);
  uv_os_sock_t raw = join();
  run(f);
  assert_string_equal(f->log, "nx");
  assert_int_equal(uv_try_write(&client.stream, &buf, 1), 5);
  receive_exactly(raw, text, 5);
  close_socket(raw);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define newer_test(function) newer_test_with(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(a_listening_stream_is_active_until_it_is_closed),
      test(a_listening_stream_neither_reads_nor_writes),
      TESTS_OF_OPENED_SOCKETS,
      test(listen_refuses_a_closing_stream),
      test(listening_again_changes_the_callback),
      test(accept_without_a_connection_is_eagain),
      TESTS_OF_SEVERAL,
      test(a_connection_that_nobody_accepts_holds_up_the_others),
      newer_test(without_a_callback_connections_can_still_be_accepted),
      newer_test(a_busy_client_loses_the_connection_and_accepting_goes_on),
      test(accept_refuses_other_types_and_the_connection_waits),
      newer_test(accept_refuses_a_closing_client_and_the_connection_waits),
      newer_test(accept_refuses_a_client_of_another_loop),
      test(closing_a_server_closes_the_connection_that_waits),
      test(a_connection_callback_may_close_its_server),
      test(an_accepted_connection_outlives_its_server),
  };
  return run_for_each_kind("stream listen", tests);
}
