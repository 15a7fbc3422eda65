/* Pairs of connected sockets. */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/tcp_handles.h"

/* Sees that a read of an end waits for what is written to the other one. */
#if defined(_WIN32)

enum { HEAD_START_MS = 20 };

static void write_late(void* arg) {
  uv_sleep(HEAD_START_MS); /* for a read that does not wait to fail */
  socket_write(*(uv_os_sock_t*) arg, "x", 1);
}

static void assert_blocking(uv_os_sock_t end, uv_os_sock_t other_end) {
  uv_thread_t writer;
  char byte;

  assert_int_equal(uv_thread_create(&writer, write_late, &other_end), 0);
  assert_int_equal(socket_read(end, &byte, 1), 1);
  uv_thread_join(&writer);
}

#else

static void assert_blocking(uv_os_sock_t end, uv_os_sock_t other_end) {
  (void) other_end;
  assert_false(is_nonblocking(end));
}

#endif

/* -- Pairs of sockets -------------------------------------------------------------------------- */

static void a_socketpair_is_connected_and_close_on_exec(void** state) {
  uv_os_sock_t pair[2];
  char text[6] = "";

  (void) state;
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, pair, 0, 0), 0);
  assert_false(socket_is_inherited(pair[0]));
  assert_false(socket_is_inherited(pair[1]));
  assert_blocking(pair[0], pair[1]);
  assert_blocking(pair[1], pair[0]);
  assert_int_equal(socket_write(pair[0], "hello", 5), 5);
  assert_int_equal(socket_read(pair[1], text, sizeof(text)), 5);
  assert_int_equal(socket_write(pair[1], "world", 5), 5);
  assert_int_equal(socket_read(pair[0], text, sizeof(text)), 5);
  assert_string_equal(text, "world");
  close_socket(pair[0]);
  close_socket(pair[1]);
}

static void each_end_of_a_socketpair_has_its_flags(void** state) {
  uv_os_sock_t pair[2];

  (void) state;
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, pair, UV_NONBLOCK_PIPE, 0), 0);
  assert_true(socket_is_nonblocking(pair[0]));
  assert_blocking(pair[1], pair[0]);
  close_socket(pair[0]);
  close_socket(pair[1]);
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, pair, 1, UV_NONBLOCK_PIPE | 2), 0);
  assert_blocking(pair[0], pair[1]);
  assert_true(socket_is_nonblocking(pair[1]));
  close_socket(pair[0]);
  close_socket(pair[1]);
}

#if defined(_WIN32)

/* Datagrams have no pairs there. */
static void a_socketpair_that_fails_leaves_its_output_alone(void** state) {
  uv_os_sock_t pair[2] = {7, 8};

  (void) state;
  assert_int_equal(uv_socketpair(77, 0, pair, 0, 0), UV_ESOCKTNOSUPPORT);
  assert_int_equal(uv_socketpair(SOCK_DGRAM, 0, pair, 0, 0), UV_ESOCKTNOSUPPORT);
  assert_true(uv_socketpair(SOCK_STREAM, IPPROTO_UDP, pair, 0, 0) < 0);
  assert_int_equal(pair[0], 7);
  assert_int_equal(pair[1], 8);
}

#define TESTS_OF_PLATFORM loop_test(a_socketpair_that_fails_leaves_its_output_alone)

#else

static void a_socketpair_may_be_of_datagrams(void** state) {
  uv_os_sock_t pair[2];

  (void) state;
  assert_int_equal(uv_socketpair(SOCK_DGRAM, 0, pair, 0, 0), 0);
  assert_int_equal(socket_option(pair[0], SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
  close_socket(pair[0]);
  close_socket(pair[1]);
}

static void a_socketpair_that_fails_leaves_its_output_alone(void** state) {
  uv_os_sock_t pair[2] = {-7, -8};

  (void) state;
  assert_int_equal(uv_socketpair(77, 0, pair, 0, 0), UV_EINVAL);
  assert_int_equal(uv_socketpair(SOCK_STREAM, 77, pair, 0, 0), UV_EPROTONOSUPPORT);
  struct rlimit before = limit_descriptors(1);
  int err = uv_socketpair(SOCK_STREAM, 0, pair, 0, 0);
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(pair[0], -7);
  assert_int_equal(pair[1], -8);
}

#define TESTS_OF_PLATFORM \
  loop_test(a_socketpair_may_be_of_datagrams), \
      loop_test(a_socketpair_that_fails_leaves_its_output_alone)

#endif

static void an_end_of_a_socketpair_serves_as_a_stream(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t pair[2];

  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, pair, 0, 0), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_open(&client, pair[0]), 0);
  assert_int_equal(socket_write(pair[1], "hello", 5), 5);
  close_socket(pair[1]);
  bytes_read = 0;
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  run(f);
  assert_string_equal(f->log, "re");
  assert_int_equal(bytes_read, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(a_socketpair_is_connected_and_close_on_exec),
      loop_test(each_end_of_a_socketpair_has_its_flags),
      loop_test(an_end_of_a_socketpair_serves_as_a_stream),
      TESTS_OF_PLATFORM,
  };
  return cmocka_run_group_tests_name("socketpair", tests, NULL, NULL);
}
