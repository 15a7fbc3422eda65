/* UDP: a peer for all datagrams, and being without one again. */
#include "support/udp.h"
#include "support/wine.h"

static uv_udp_t* udp = &udps[0];
static uv_os_sock_t other; /* a raw socket */
static union address other_at;

static int setup(void** state) {
  udp_setup(state);
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 1);
  return 0;
}

static int teardown(void** state) {
  close_socket(other);
  return udp_teardown(state);
}

static int peer_name(union address* name) {
  int len = sizeof(*name);

  memset(name, 0, sizeof(*name));
  return uv_udp_getpeername(udp, &name->any, &len);
}

static void a_connected_handle_has_a_peer(void** state) {
  union address name;

  (void) state;
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  assert_int_equal(peer_name(&name), 0);
  assert_true(is_same_address(&name, &other_at));
  assert_true((udp->flags & FLAG_UDP_CONNECTED) != 0);
  assert_int_equal(uv_is_active((uv_handle_t*) udp), 0);
  assert_false(has_datagram(other)); /* nothing is sent */
  assert_int_equal(try_send_text(udp, "hello", NULL), 5);
  assert_string_equal(next_datagram(other), "hello");
}

static void a_handle_without_a_socket_gets_one_of_the_family(void** state) {
  const int families[] = {AF_INET, AF_INET6};
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    union address at;
    union address name;
    uv_os_sock_t fd = make_udp_socket(families[i], &at);
    assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
    assert_int_equal(uv_udp_connect(&udps[1], &at.any), 0);
    name = udp_name(&udps[1]);
    assert_int_equal(name.any.sa_family, families[i]);
    assert_int_not_equal(port_of_address(&name), 0);
    assert_int_equal(try_send_text(&udps[1], "x", NULL), 1);
    assert_string_equal(next_datagram(fd), "x");
    uv_close((uv_handle_t*) &udps[1], NULL);
    turn(f);
    close_socket(fd);
  }
}

static void connecting_twice_is_refused(void** state) {
  (void) state;
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  assert_int_equal(uv_udp_connect(udp, &other_at.any), UV_EISCONN);
}

static void a_handle_can_be_disconnected(void** state) {
  union address name;
  union address self = deaf_address(AF_INET);

  (void) state;
  assert_int_equal(uv_udp_connect(udp, NULL), UV_ENOTCONN);
  assert_int_equal(uv_udp_bind(udp, &self.any, 0), 0);
  assert_int_equal(uv_udp_connect(udp, NULL), UV_ENOTCONN);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
    assert_int_equal(uv_udp_connect(udp, NULL), 0);
    assert_int_equal(uv_udp_connect(udp, NULL), UV_ENOTCONN);
    assert_int_equal(peer_name(&name), UV_ENOTCONN);
    assert_true((udp->flags & FLAG_UDP_CONNECTED) == 0);
    name = udp_name(udp);
    assert_true(is_same_address(&name, &self));
    assert_int_equal(try_send_text(udp, "x", &other_at), 1);
    assert_string_equal(next_datagram(other), "x");
  }
}

static void other_families_are_refused(void** state) {
  const unsigned short bad[] = {AF_UNSPEC, AF_UNIX, 47};
  uv_os_fd_t fd;

  (void) state;
  for (int i = 0; i < 3; i++) {
    union address to = other_at;
    to.any.sa_family = bad[i];
    assert_int_equal(uv_udp_connect(udp, &to.any), UV_EINVAL);
  }
  assert_int_equal(uv_fileno((uv_handle_t*) udp, &fd), UV_EBADF);
}

static void a_failed_connect_leaves_the_handle_unconnected(void** state) {
  union address six = address6("::1", 9);
  union address name;

  (void) state;
  bind_udp(udp, AF_INET, 0);
  assert_true(uv_udp_connect(udp, &six.any) < 0); /* systems have different errors */
  assert_int_equal(peer_name(&name), UV_ENOTCONN);
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
}

#if defined(_WIN32)
/* Nobody can be connected to it, but Wine does as others do. */
static void the_unspecified_address_is_this_machine(void** state) {
  union address any = address4("0.0.0.0", port_of_address(&other_at));

  (void) state;
  assert_int_equal(uv_udp_connect(udp, &any.any), is_wine() ? 0 : UV_EADDRNOTAVAIL);
}
#else
static void the_unspecified_address_is_this_machine(void** state) {
  union address any = address4("0.0.0.0", port_of_address(&other_at));

  (void) state;
  assert_int_equal(uv_udp_connect(udp, &any.any), 0);
  assert_int_equal(try_send_text(udp, "here", NULL), 4);
  assert_string_equal(next_datagram(other), "here");
}
#endif

static void only_the_peer_is_heard(void** state) {
  struct loop_fixture* f = *state;
  union address self = bind_udp(udp, AF_INET, 0);
  union address stranger_at;
  uv_os_sock_t stranger = make_udp_socket(AF_INET, &stranger_at);

  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  start_receiving(udp);
  send_datagram(stranger, "no", &self);
  send_datagram(other, "yes", &self);
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "yes", &other_at, 0);
  close_socket(stranger);
}

static void an_opened_socket_that_is_connected_can_be_disconnected(void** state) {
  union address at;
  uv_os_sock_t fd = make_udp_socket(AF_INET, &at);

  (void) state;
  assert_int_equal(connect(fd, &other_at.any, sizeof(other_at.v4)), 0);
  assert_int_equal(uv_udp_open(udp, fd), 0);
  assert_int_equal(try_send_text(udp, "opened", NULL), 6);
  assert_string_equal(next_datagram(other), "opened");
  assert_int_equal(uv_udp_connect(udp, &other_at.any), UV_EISCONN);
  assert_int_equal(uv_udp_connect(udp, NULL), 0);
  assert_int_equal(try_send_text(udp, "x", &other_at), 1);
}

static void only_udp_handles_that_are_open_connect(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  assert_int_equal(uv_udp_connect((uv_udp_t*) (void*) &timer, &other_at.any), UV_EINVAL);
  assert_int_equal(uv_udp_bind((uv_udp_t*) (void*) &timer, &other_at.any, 0), UV_EINVAL);
  uv_close((uv_handle_t*) &timer, NULL);
  uv_close((uv_handle_t*) udp, NULL);
  assert_int_equal(uv_udp_connect(udp, &other_at.any), UV_EINVAL);
  assert_int_equal(uv_udp_connect(udp, NULL), UV_EINVAL);
}

#if !defined(_WIN32) /* which sets no limit to the number of sockets */
static void without_descriptors_nothing_is_connected(void** state) {
  struct rlimit before = limit_descriptors(0);
  int err = uv_udp_connect(udp, &other_at.any);

  (void) state;
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
}
#endif

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    udp_test(a_connected_handle_has_a_peer),
    udp_test(a_handle_without_a_socket_gets_one_of_the_family),
    udp_test(connecting_twice_is_refused),
    udp_test(a_handle_can_be_disconnected),
    udp_test(other_families_are_refused),
    udp_test(a_failed_connect_leaves_the_handle_unconnected),
    udp_test(the_unspecified_address_is_this_machine),
    udp_test(only_the_peer_is_heard),
    udp_test(an_opened_socket_that_is_connected_can_be_disconnected),
    newer_udp_test(only_udp_handles_that_are_open_connect),
#if !defined(_WIN32)
    udp_test(without_descriptors_nothing_is_connected),
#endif
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
