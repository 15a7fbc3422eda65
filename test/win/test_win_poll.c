/* Poll handles on Windows: several on a socket, sockets that are closed beneath them, and sockets
 * that only select() knows. */
#include "support/descriptors.h"
#include "support/loop_fixture.h"
#include "support/tcp.h"
#include "support/wine.h"
#include "win/poll_select.h"

static uv_poll_t polls[2];
static uv_os_sock_t pair[2];

/* What the callbacks got. */
static struct {
  int calls;
  int status;
  int events;
} seen[2];

static int setup(void** state) {
  memset(seen, 0, sizeof(seen));
  assert_int_equal(loop_setup(state), 0);
  make_tcp_pair(pair);
  return 0;
}

static int teardown(void** state) {
  loop_teardown(state);
  for (int i = 0; i < 2; i++)
    if (pair[i] != NO_SOCKET)
      close_socket(pair[i]);
  return 0;
}

static void close_end(int i) {
  close_socket(pair[i]);
  pair[i] = NO_SOCKET;
}

static void look(uv_poll_t* poll, int status, int events) {
  int i = (int) (poll - polls);

  seen[i].calls++;
  seen[i].status = status;
  seen[i].events = events;
}

static void look_once(uv_poll_t* poll, int status, int events) {
  look(poll, status, events);
  assert_int_equal(uv_poll_stop(poll), 0);
}

static void init(struct loop_fixture* f, int i, uv_os_sock_t s) {
  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[i], s), 0);
}

/* As if the socket's driver were one that nobody knows. */
static void init_selected(struct loop_fixture* f, int i, uv_os_sock_t s) {
  init(f, i, s);
  polls[i].flags |= UV__POLL_SELECTED;
  assert_int_equal(uv__select_open(&polls[i]), 0);
}

typedef void (*init_function)(struct loop_fixture* f, int i, uv_os_sock_t s);

static void run_until_called(struct loop_fixture* f, int i, int calls) {
  while (seen[i].calls < calls) {
    assert_int_not_equal(uv_loop_alive(&f->loop), 0);
    uv_run(&f->loop, UV_RUN_ONCE);
  }
}

static void write_byte(uv_os_sock_t s) {
  assert_int_equal(socket_write(s, "x", 1), 1);
}

static void read_byte(uv_os_sock_t s) {
  char byte;

  assert_true(wait_readable(s));
  assert_int_equal(socket_read(s, &byte, 1), 1);
}

/* A socket that connects to a port of which nobody listens, in non-blocking mode. */
static uv_os_sock_t connect_in_vain(void) {
  union address to = refusing_address();
  uv_os_sock_t s = new_socket(AF_INET, SOCK_STREAM);
  u_long on = 1;

  assert_int_equal(ioctlsocket(s, (long) FIONBIO, &on), 0);
  assert_int_equal(connect(s, &to.any, address_len(&to)), -1);
  assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
  return s;
}

/* -- Sockets ----------------------------------------------------------------------------------- */

static void only_sockets_are_polled(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];
  int err;

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  err = uv_poll_init(&f->loop, &polls[0], fds[0]);
  assert_true(err == UV_ENOTSOCK || (is_wine() && err < 0)); /* which has another error for pipes */
  _close(fds[0]);
  _close(fds[1]);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], fds[0]), UV_EBADF);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], -1), UV_EBADF);
  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], INVALID_SOCKET), UV_ENOTSOCK);
  assert_int_equal(uv_loop_close(&f->loop), 0); /* none is linked */
  assert_int_equal(uv_loop_init(&f->loop), 0);
}

static void two_handles_on_a_socket_are_both_told(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    init(f, i, pair[0]);
    assert_int_equal(uv_poll_start(&polls[i], UV_READABLE, look_once), 0);
  }
  turn(f);
  write_byte(pair[1]);
  run_until_called(f, 0, 1);
  run_until_called(f, 1, 1);
  assert_int_equal(seen[0].events & seen[1].events, UV_READABLE);
}

static void a_socket_that_is_closed_stops_its_handle(void** state) {
  struct loop_fixture* f = *state;

  init(f, 0, pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  turn(f);
  close_end(0);
  while (uv_is_active((uv_handle_t*) &polls[0]))
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

/* The number may be a new socket's then. */
static void a_stopped_handle_does_not_mind_what_becomes_of_its_socket(void** state) {
  struct loop_fixture* f = *state;

  init(f, 0, pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  close_end(0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(seen[0].calls, 0);
}

static void a_stop_and_a_start_in_one_turn_lose_nothing(void** state) {
  struct loop_fixture* f = *state;

  init(f, 0, pair[0]);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(uv_poll_start(&polls[0], i % 2 ? UV_WRITABLE : UV_READABLE, look_once), 0);
    assert_int_equal(uv_poll_stop(&polls[0]), 0);
  }
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look_once), 0);
  turn(f);
  assert_int_equal(seen[0].calls, 0);
  write_byte(pair[1]);
  run_until_called(f, 0, 1);
  assert_int_equal(seen[0].events, UV_READABLE);
}

static void a_reset_is_an_event_for_all(void** state) {
  const int events[] = {UV_READABLE, UV_DISCONNECT};
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    init(f, i, pair[0]);
    assert_int_equal(uv_poll_start(&polls[i], events[i], look_once), 0);
  }
  turn(f);
  reset_connection(pair[1]);
  pair[1] = NO_SOCKET;
  for (int i = 0; i < 2; i++) {
    run_until_called(f, i, 1);
    assert_int_equal(seen[i].status, 0);
    assert_int_equal(seen[i].events, events[i]);
  }
}

static void datagrams_are_readable(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);
  uv_os_sock_t s = new_socket(AF_INET, SOCK_DGRAM);

  assert_int_equal(bind(s, &at.any, address_len(&at)), 0);
  at = name_of_socket(s);
  init(f, 0, s);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look_once), 0);
  assert_int_equal(turn(f), 1);
  assert_int_equal(seen[0].calls, 0);
  assert_int_equal(sendto(s, "x", 1, 0, &at.any, address_len(&at)), 1);
  run_until_called(f, 0, 1);
  assert_int_equal(seen[0].events, UV_READABLE);
  close_socket(s);
}

/* -- In both ways ------------------------------------------------------------------------------ */

static void check_events(struct loop_fixture* f, init_function init_it) {
  init_it(f, 0, pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look_once), 0);
  turn(f);
  assert_int_equal(seen[0].calls, 0);
  write_byte(pair[1]);
  run_until_called(f, 0, 1);
  assert_int_equal(seen[0].events, UV_READABLE);
  read_byte(pair[0]);

  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, look_once), 0);
  run_until_called(f, 0, 2);
  assert_int_equal(seen[0].events, UV_WRITABLE);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);

  close_end(1);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look_once), 0);
  run_until_called(f, 0, 3);
  assert_int_equal(seen[0].events, UV_READABLE);
}

static void the_driver_tells_events(void** state) {
  check_events(*state, init);
}

static void select_tells_events(void** state) {
  check_events(*state, init_selected);
}

static void check_failed_connect(struct loop_fixture* f, init_function init_it) {
  uv_os_sock_t s = connect_in_vain();

  init_it(f, 0, s);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE | UV_WRITABLE, look_once), 0);
  run_until_called(f, 0, 1);
  assert_int_equal(seen[0].status, 0);
  assert_true((seen[0].events & UV_WRITABLE) != 0);
  assert_int_equal(socket_option(s, SOL_SOCKET, SO_ERROR), WSAECONNREFUSED);
  close_socket(s);
}

static void a_connect_that_fails_is_writable(void** state) {
  check_failed_connect(*state, init);
}

static void a_connect_that_fails_is_writable_for_select(void** state) {
  check_failed_connect(*state, init_selected);
}

static void select_ends_when_its_handle_closes(void** state) {
  struct loop_fixture* f = *state;

  init_selected(f, 0, pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  turn(f);
  uv_close((uv_handle_t*) &polls[0], NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(seen[0].calls, 0);
}

/* There is no event that it could tell. */
static void select_waits_for_a_disconnect_in_vain(void** state) {
  struct loop_fixture* f = *state;

  init_selected(f, 0, pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_DISCONNECT | UV_PRIORITIZED, look), 0);
  write_byte(pair[1]);
  turn(f);
  turn(f);
  assert_int_equal(seen[0].calls, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &polls[0]), 1);
}

/* -- Handles of the system --------------------------------------------------------------------- */

static void nothing_is_left_open(void** state) {
  enum { ROUNDS = 500, SLACK = 50 };
  struct loop_fixture* f = *state;
  int before = 0;

  for (int round = 0; round < ROUNDS; round++) {
    if (round == 10) /* once threads and what they need are there */
      before = count_descriptors();
    if (round % 2 == 0)
      init(f, 0, pair[0]);
    else
      init_selected(f, 0, pair[0]);
    assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
    if (round % 3 == 0)
      turn(f);
    uv_close((uv_handle_t*) &polls[0], NULL);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  }
  assert_in_range(count_descriptors(), 0, before + SLACK);
}

#define poll_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      poll_test(only_sockets_are_polled),
      poll_test(two_handles_on_a_socket_are_both_told),
      poll_test(a_socket_that_is_closed_stops_its_handle),
      poll_test(a_stopped_handle_does_not_mind_what_becomes_of_its_socket),
      poll_test(a_stop_and_a_start_in_one_turn_lose_nothing),
      poll_test(a_reset_is_an_event_for_all),
      poll_test(datagrams_are_readable),
      poll_test(the_driver_tells_events),
      poll_test(select_tells_events),
      poll_test(a_connect_that_fails_is_writable),
      poll_test(a_connect_that_fails_is_writable_for_select),
      poll_test(select_ends_when_its_handle_closes),
      poll_test(select_waits_for_a_disconnect_in_vain),
      poll_test(nothing_is_left_open),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
