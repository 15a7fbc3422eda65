/* UDP on Windows: what its sockets do differently. */
#include "support/descriptors.h"
#include "support/udp.h"

static uv_udp_t* udp = &udps[0];
static uv_os_sock_t other; /* a raw socket */
static union address other_at;
static int sent_count;
static int sent_status[64];

static int setup(void** state) {
  udp_setup(state);
  sent_count = 0;
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 2);
  return 0;
}

static int teardown(void** state) {
  close_socket(other);
  return udp_teardown(state);
}

static void on_sent(uv_udp_send_t* req, int status) {
  (void) req;
  sent_status[sent_count++ % 64] = status;
}

static bool has_socket(uv_udp_t* handle) {
  uv_os_fd_t fd;

  return uv_fileno((uv_handle_t*) handle, &fd) == 0;
}

/* -- Sockets ----------------------------------------------------------------------------------- */

static void nothing_balances_ports(void** state) {
  union address any_port = loopback(AF_INET, 0);
  uv_os_sock_t s = new_socket(AF_INET, SOCK_DGRAM);

  (void) state;
  assert_int_equal(uv_udp_bind(udp, &any_port.any, UV_UDP_REUSEPORT), UV_ENOTSUP);
  assert_int_equal(uv_udp_open_ex(udp, s, UV_UDP_REUSEPORT), UV_ENOTSUP);
  assert_false(has_socket(udp));
  close_socket(s); /* it is the caller's still */
}

static void open_sets_reuseaddr_if_asked(void** state) {
  uv_os_sock_t s = new_socket(AF_INET, SOCK_DGRAM);

  (void) state;
  assert_int_equal(uv_udp_open_ex(udp, s, UV_UDP_REUSEADDR), 0);
  assert_int_equal(socket_option(s, SOL_SOCKET, SO_REUSEADDR) & 1, 1);
  assert_int_equal(uv_udp_open(udp, s), UV_EBUSY);
}

static void what_is_no_socket_is_refused(void** state) {
  (void) state;
  assert_int_equal(uv_udp_open(udp, INVALID_SOCKET), UV_ENOTSOCK);
  assert_int_equal(uv_udp_open(udp, (SOCKET) GetCurrentProcess()), UV_ENOTSOCK);
  assert_false(has_socket(udp));
}

static void an_opened_socket_is_known_as_it_is(void** state) {
  union address name;
  uv_os_sock_t s = make_udp_socket(AF_INET, &name);

  (void) state;
  assert_int_equal(uv_udp_open(udp, s), 0);
  assert_int_equal(uv_udp_bind(udp, &name.any, 0), UV_EINVAL); /* bound already */
  start_receiving(udp);
}

static void receiving_binds_a_socket_that_is_there(void** state) {
  struct loop_fixture* f = *state;
  union address name;
  union address to;

  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[2], AF_INET6), 0);
  start_receiving(&udps[2]);
  name = udp_name(&udps[2]);
  assert_int_equal(name.any.sa_family, AF_INET6);
  assert_int_not_equal(name.v6.sin6_port, 0);
  /* For both families. */
  to = loopback(AF_INET, port_of_address(&name));
  send_datagram(other, "four", &to);
  wait_datagrams(f, 1);
  assert_string_equal(calls[0].text, "four");
  assert_int_equal(calls[0].from.any.sa_family, AF_INET6);
}

static void one_family_is_enough_if_asked(void** state) {
  union address any = address6("::", 0);

  (void) state;
  assert_int_equal(uv_udp_bind(udp, &any.any, 0), 0);
  assert_int_equal(socket_option(fd_of(udp), IPPROTO_IPV6, IPV6_V6ONLY) & 1, 0);
  assert_int_equal(uv_udp_bind(&udps[1], &any.any, UV_UDP_IPV6ONLY), 0);
  assert_int_equal(socket_option(fd_of(&udps[1]), IPPROTO_IPV6, IPV6_V6ONLY) & 1, 1);
}

/* -- Destinations ------------------------------------------------------------------------------ */

static void the_unspecified_address_is_this_machine(void** state) {
  const int families[] = {AF_INET, AF_INET6};
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  uv_buf_t buf = text_buf("sent");

  for (int i = 0; i < 2; i++) {
    union address at;
    uv_os_sock_t s = make_udp_socket(families[i], &at);
    union address any =
        i == 0 ? address4("0.0.0.0", port_of_address(&at)) : address6("::", port_of_address(&at));
    assert_int_equal(uv_udp_send(&req, &udps[i], &buf, 1, &any.any, on_sent), 0);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(sent_status[i], 0);
    assert_string_equal(next_datagram(s), "sent");
    assert_int_equal(try_send_text(&udps[i], "tried", &any), 5);
    assert_string_equal(next_datagram(s), "tried");
    close_socket(s);
  }
}

/* -- Refusals ---------------------------------------------------------------------------------- */

static void a_refusal_does_not_stop_a_receiver(void** state) {
  struct loop_fixture* f = *state;
  union address deaf = deaf_address(AF_INET);
  union address here = bind_udp(udp, AF_INET, 0);

  start_receiving(udp);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(try_send_text(udp, "anybody?", &deaf), 8);
    turn(f);
  }
  send_datagram(other, "still there", &here);
  wait_datagrams(f, 1);
  for (int i = 0; i < call_count; i++)
    assert_true(calls[i].nread >= 0);
  assert_datagram(&calls[call_count - 1 - (calls[call_count - 1].nread == 0)], "still there",
                  &other_at, 0);
}

/* -- Stopping and closing ---------------------------------------------------------------------- */

static void a_wait_serves_the_next_start(void** state) {
  struct loop_fixture* f = *state;
  union address here = bind_udp(udp, AF_INET, 0);

  for (int i = 0; i < 10; i++) {
    start_receiving(udp);
    if (i % 2 == 0)
      turn(f);
    assert_int_equal(uv_udp_recv_stop(udp), 0);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0); /* it does not keep the loop */
  send_datagram(other, "waits", &here);
  turn(f);
  assert_int_equal(call_count, 0);
  start_receiving(udp);
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "waits", &other_at, 0);
}

static void free_handle(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
  memset(handle, 0xdb, sizeof(uv_udp_t)); /* who looks at it now sees nonsense */
  free(handle);
}

static void a_handle_can_go_in_every_state(void** state) {
  enum { WAYS = 16 };
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[WAYS][4];

  for (int way = 0; way < WAYS; way++) {
    uv_udp_t* handle = malloc(sizeof(*handle));
    uv_buf_t buf = text_buf("x");
    assert_non_null(handle);
    assert_int_equal(uv_udp_init(&f->loop, handle), 0);
    if (way & 1)
      start_receiving(handle);
    for (int i = 0; (way & 2) && i < 4; i++)
      assert_int_equal(uv_udp_send(&reqs[way][i], handle, &buf, 1, &other_at.any, on_sent), 0);
    if (way & 4)
      turn(f);
    if (way & 8)
      assert_int_equal(uv_udp_recv_stop(handle), 0);
    uv_close((uv_handle_t*) handle, free_handle);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(strlen(f->log), WAYS);
  assert_int_equal(sent_count, WAYS / 2 * 4);
}

static void nothing_is_left_open(void** state) {
  enum { ROUNDS = 500, SLACK = 50 };
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  uv_buf_t buf = text_buf("x");
  int before = 0;

  for (int round = 0; round < ROUNDS; round++) {
    if (round == 10)
      before = count_descriptors();
    assert_int_equal(uv_udp_init(&f->loop, &udps[2]), 0);
    start_receiving(&udps[2]);
    assert_int_equal(uv_udp_send(&req, &udps[2], &buf, 1, &other_at.any, NULL), 0);
    uv_close((uv_handle_t*) &udps[2], NULL);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  }
  assert_in_range(count_descriptors(), 0, before + SLACK);
}

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      udp_test(nothing_balances_ports),
      udp_test(open_sets_reuseaddr_if_asked),
      udp_test(what_is_no_socket_is_refused),
      udp_test(an_opened_socket_is_known_as_it_is),
      udp_test(receiving_binds_a_socket_that_is_there),
      udp_test(one_family_is_enough_if_asked),
      udp_test(the_unspecified_address_is_this_machine),
      udp_test(a_refusal_does_not_stop_a_receiver),
      udp_test(a_wait_serves_the_next_start),
      udp_test(a_handle_can_go_in_every_state),
      udp_test(nothing_is_left_open),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
