/* TCP handles: options of the socket, resets, urgent data. */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/tcp_handles.h"

/* -- Options ----------------------------------------------------------------------------------- */

static bool has_nodelay(const uv_tcp_t* tcp) {
  return socket_option(fd_of(tcp), IPPROTO_TCP, TCP_NODELAY) != 0;
}

#if defined(_WIN32)

enum { KEEPIDLE = 3, KEEPCNT = 16, KEEPINTVL = 17 };

/* Windows before 10-1709, and Wine, do not tell the times. */
static void assert_keepalive(const uv_tcp_t* tcp, int idle, int interval, int count) {
  uv_os_sock_t fd = fd_of(tcp);
  DWORD value = 0;
  int len = sizeof(value);

  assert_int_equal(socket_option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  if (getsockopt(fd, IPPROTO_TCP, KEEPIDLE, (char*) &value, &len) != 0)
    return;
  assert_int_equal(value, idle);
  assert_int_equal(socket_option(fd, IPPROTO_TCP, KEEPINTVL), interval);
  assert_int_equal(socket_option(fd, IPPROTO_TCP, KEEPCNT), count);
}

#else

static void assert_keepalive(const uv_tcp_t* tcp, int idle, int interval, int count) {
  uv_os_sock_t fd = fd_of(tcp);

  assert_int_equal(socket_option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  assert_int_equal(socket_option(fd, IPPROTO_TCP, TCP_KEEPIDLE), idle);
  assert_int_equal(socket_option(fd, IPPROTO_TCP, TCP_KEEPINTVL), interval);
  assert_int_equal(socket_option(fd, IPPROTO_TCP, TCP_KEEPCNT), count);
}

#endif

static void nodelay_changes_the_socket(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_false(has_nodelay(&client));
  assert_int_equal(uv_tcp_nodelay(&client, 7), 0);
  assert_true(has_nodelay(&client));
  assert_int_equal(uv_tcp_nodelay(&client, 0), 0);
  assert_false(has_nodelay(&client));
}

static void options_wait_for_the_socket_of_bind(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 1), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 7), 0);
  bind_to(&client, address6("::1", 0));
  assert_true(has_nodelay(&client));
  assert_keepalive(&client, 60, 1, 10);
}

static void options_wait_for_the_socket_of_connect(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 1), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 7), 0);
  assert_int_equal(connect_client(&at), 0);
  assert_true(has_nodelay(&client));
  assert_keepalive(&client, 60, 1, 10);
  close_socket(listener);
}

static void options_wait_for_an_opened_socket(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t pair[2];

  make_tcp_pair(pair);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 1), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 7), 0);
  assert_int_equal(uv_tcp_open(&client, pair[0]), 0);
  assert_true(has_nodelay(&client));
  assert_keepalive(&client, 60, 1, 10);
  close_socket(pair[1]);
}

static void accept_with_options(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(stream->loop, &accepted), 0);
  assert_int_equal(uv_tcp_nodelay(&accepted, 1), 0);
  assert_int_equal(uv_tcp_keepalive(&accepted, 1, 7), 0);
  assert_int_equal(uv_accept(stream, (uv_stream_t*) &accepted), 0);
  uv_close((uv_handle_t*) stream, NULL);
}

static void options_wait_for_an_accepted_socket(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f, accept_with_options);
  uv_os_sock_t raw = make_connection(&at);

  run(f);
  assert_true(has_nodelay(&accepted));
  assert_keepalive(&accepted, 60, 1, 10);
  close_socket(raw);
}

static void options_taken_back_are_forgotten(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 1), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 0), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 7), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 0, 0), 0);
  bind_to(&client, address4("127.0.0.1", 0));
  assert_false(has_nodelay(&client));
  assert_int_equal(socket_option(fd_of(&client), SOL_SOCKET, SO_KEEPALIVE), 0);
}

static void keepalive_takes_its_delay(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 33), 0);
  assert_keepalive(&client, 33, 1, 10);
  assert_int_equal(uv_tcp_keepalive(&client, 0, 0), 0);
  assert_int_equal(socket_option(fd_of(&client), SOL_SOCKET, SO_KEEPALIVE), 0);
}

static void a_delay_of_0_needs_no_socket_to_be_accepted(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 0), 0);
  bind_to(&client, address4("127.0.0.1", 0));
  assert_keepalive(&client, 60, 1, 10);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 0), UV_EINVAL);
}

#if UV_VERSION_HEX >= 0x013400

static void keepalive_ex_sets_everything(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 1, 20, 30, 5), 0);
  assert_keepalive(&client, 20, 30, 5);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 0, 0, 0, 0), 0);
  assert_int_equal(socket_option(fd_of(&client), SOL_SOCKET, SO_KEEPALIVE), 0);
}

static void keepalive_ex_refuses_zeroes_but_switches_on(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 1, 0, 1, 1), UV_EINVAL);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 1, 1, 0, 1), UV_EINVAL);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 1, 1, 1, 0), UV_EINVAL);
  assert_int_equal(socket_option(fd_of(&client), SOL_SOCKET, SO_KEEPALIVE), 1);
}

static void keepalive_ex_without_a_socket_remembers_on_and_off(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_keepalive_ex(&client, 1, 0, 0, 0), 0);
  bind_to(&client, address4("127.0.0.1", 0));
  assert_keepalive(&client, 60, 1, 10);
}

#else
#define keepalive_ex_sets_everything skipped_on_older_peer
#define keepalive_ex_refuses_zeroes_but_switches_on skipped_on_older_peer
#define keepalive_ex_without_a_socket_remembers_on_and_off skipped_on_older_peer
#endif

static uv_shutdown_t shutdown_req;

/* -- Resets ------------------------------------------------------------------------------------ */

static void close_reset_resets_the_peer(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_tcp_init(&f->loop, &accepted), 0);
  assert_int_equal(uv_tcp_open(&accepted, other), 0);
  assert_int_equal(uv_read_start((uv_stream_t*) &accepted, alloc_cb, on_read), 0);
  turn(f);
  assert_int_equal(uv_tcp_close_reset(&client, on_close), 0);
  assert_true(uv_is_closing((uv_handle_t*) &client));
  run(f);
  assert_int_equal(strlen(f->log), 2);
  assert_non_null(strchr(f->log, 'x'));
  assert_int_equal(read_status, UV_ECONNRESET);
}

/* Windows learns of the reset by a read without a buffer. */
#if defined(_WIN32)
enum { ALLOCS_OF_RESET = 0 };
#else
enum { ALLOCS_OF_RESET = 1 };
#endif

static void a_reset_is_read_with_one_alloc_at_most(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  allocs = 0;
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  reset_connection(other);
  run(f);
  assert_string_equal(f->log, "e");
  assert_int_equal(read_status, UV_ECONNRESET);
  assert_int_equal(allocs, ALLOCS_OF_RESET);
}

static void close_reset_needs_a_socket(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_close_reset(&client, on_close), UV_EBADF);
  assert_false(uv_is_closing((uv_handle_t*) &client));
  uv_close((uv_handle_t*) &client, on_close);
  assert_int_equal(uv_tcp_close_reset(&client, on_close), UV_EBADF);
  run(f);
  assert_string_equal(f->log, "x");
}

static void close_reset_is_refused_during_a_shutdown(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t*) &client, on_shutdown), 0);
  assert_int_equal(uv_tcp_close_reset(&client, on_close), UV_EINVAL);
  assert_false(uv_is_closing((uv_handle_t*) &client));
  run(f);
  assert_string_equal(f->log, "s");
  assert_int_equal(uv_tcp_close_reset(&client, on_close), 0);
  assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t*) &client, on_shutdown), UV_ENOTCONN);
  run(f);
  assert_string_equal(f->log, "sx");
  close_socket(other);
}

static void close_reset_works_behind_a_foreign_shutdown(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(shutdown(fd_of(&client), SHUT_WR), 0);
  assert_int_equal(uv_tcp_close_reset(&client, on_close), 0);
  assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t*) &client, on_shutdown), UV_ENOTCONN);
  run(f);
  assert_string_equal(f->log, "x");
  close_socket(other);
}

static void close_reset_may_come_without_a_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_tcp_close_reset(&client, NULL), 0);
  run(f);
  close_socket(other);
}

static void on_write(uv_write_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'w' : 'W');
}

/* The peer is gone, which the first write cannot know. */
static void a_half_open_connection_takes_a_write_and_then_ends(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  uv_buf_t buf = uv_buf_init("hello", 5);
  uv_os_sock_t other = open_client(f);

  close_socket(other);
  assert_int_equal(uv_write(&write_req, (uv_stream_t*) &client, &buf, 1, on_write), 0);
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  run(f);
  assert_int_equal(strlen(f->log), 2);
  assert_non_null(strchr(f->log, 'w'));
  assert_non_null(strchr(f->log, 'e'));
  assert_true(read_status == UV_ECONNRESET || read_status == UV_EOF);
}

/* -- On one platform only -----------------------------------------------------------------------
 */

#if defined(_WIN32)

static void simultaneous_accepts_are_given_up_for_good(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 1), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 0), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 0), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 1), UV_ENOTSUP);
  assert_int_equal(uv_tcp_simultaneous_accepts(&client, 0), UV_EINVAL);
  close_socket(other);
}

#define TESTS_OF_PLATFORM loop_test(simultaneous_accepts_are_given_up_for_good)

#else

static void a_delay_beyond_the_systems_is_refused(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 1u << 31), UV_EINVAL);
}

static void options_on_a_socket_of_another_kind_fail(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t pair[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_open(&client, pair[0]), 0);
  assert_int_equal(uv_tcp_nodelay(&client, 1), UV_ENOTSUP);
  assert_int_equal(uv_tcp_keepalive(&client, 1, 10), UV_ENOTSUP);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_nodelay(&server, 1), 0);
  assert_int_equal(uv_tcp_open(&server, pair[1]), UV_ENOTSUP);
  assert_no_socket(&server);
  assert_true(is_open(pair[1]));
  close_socket(pair[1]);
}

static void simultaneous_accepts_has_no_effect(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 1), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 0), 0);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server, 1), 0);
}

/* -- Urgent data ------------------------------------------------------------------------------- */

/* A read stops before an urgent byte, although the end of the stream has come as well. */
static void urgent_data_does_not_hide_what_follows(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(socket_write(other, "before", 6), 6);
  assert_int_equal(send(other, "!", 1, MSG_OOB), 1);
  assert_int_equal(socket_write(other, "behind", 6), 6);
  close_socket(other);
  assert_int_equal(shutdown(fd_of(&client), SHUT_WR), 0);
  bytes_read = 0;
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  run(f);
  assert_int_equal(read_status, UV_EOF);
  assert_int_equal(bytes_read, 12);
}

#define TESTS_OF_PLATFORM \
  newer_loop_test(a_delay_beyond_the_systems_is_refused), \
      loop_test(options_on_a_socket_of_another_kind_fail), \
      loop_test(simultaneous_accepts_has_no_effect), \
      newer_loop_test(urgent_data_does_not_hide_what_follows)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(nodelay_changes_the_socket),
      loop_test(options_wait_for_the_socket_of_bind),
      loop_test(options_wait_for_the_socket_of_connect),
      loop_test(options_wait_for_an_opened_socket),
      loop_test(options_wait_for_an_accepted_socket),
      loop_test(options_taken_back_are_forgotten),
      loop_test(keepalive_takes_its_delay),
      newer_loop_test(a_delay_of_0_needs_no_socket_to_be_accepted),
      newer_loop_test(keepalive_ex_sets_everything),
      newer_loop_test(keepalive_ex_refuses_zeroes_but_switches_on),
      newer_loop_test(keepalive_ex_without_a_socket_remembers_on_and_off),
      loop_test(close_reset_resets_the_peer),
      loop_test(a_reset_is_read_with_one_alloc_at_most),
      loop_test(close_reset_needs_a_socket),
      loop_test(close_reset_is_refused_during_a_shutdown),
      loop_test(close_reset_works_behind_a_foreign_shutdown),
      loop_test(close_reset_may_come_without_a_callback),
      loop_test(a_half_open_connection_takes_a_write_and_then_ends),
      TESTS_OF_PLATFORM,
  };
  return cmocka_run_group_tests_name("tcp options", tests, NULL, NULL);
}
