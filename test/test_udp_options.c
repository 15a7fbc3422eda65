/* UDP: options. */
#include "support/udp.h"
#include "support/wine.h"

static uv_udp_t* udp = &udps[0];

/* How an IPv4 and an IPv6 handle come to their sockets. */
enum way { BY_INIT, BY_BIND, BY_OPEN, WAYS };

static void make(struct loop_fixture* f, int family, enum way way) {
  unsigned int flags = way == BY_INIT ? (unsigned int) family : AF_UNSPEC;

  assert_int_equal(uv_udp_init_ex(&f->loop, udp, flags), 0);
  if (way == BY_BIND)
    bind_udp(udp, family, 0);
  if (way == BY_OPEN)
    assert_int_equal(uv_udp_open(udp, new_socket(family, SOCK_DGRAM)), 0);
}

static void end(struct loop_fixture* f) {
  uv_close((uv_handle_t*) udp, NULL);
  turn(f);
}

struct option {
  int (*set)(uv_udp_t* handle, int value);
  int least;
  int most;
  int option4;
  int option6;
};

static const struct option options[] = {
    {uv_udp_set_ttl, 1, 255, IP_TTL, IPV6_UNICAST_HOPS},
    {uv_udp_set_multicast_ttl, 0, 255, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS},
    {uv_udp_set_multicast_loop, 0, 1, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP},
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static void check_values(struct loop_fixture* f, int family, enum way way) {
  for (int i = 0; i < OPTIONS; i++) {
    const struct option* o = &options[i];
    make(f, family, way);
    for (int value = o->least; value <= o->most; value++) {
      assert_int_equal(o->set(udp, value), 0);
      assert_int_equal(socket_option(fd_of(udp), family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                     family == AF_INET6 ? o->option6 : o->option4),
                       value);
    }
    end(f);
  }
}

static void values_reach_an_ipv4_socket(void** state) {
  for (int way = 0; way < WAYS; way++)
    check_values(*state, AF_INET, (enum way) way);
}

static void values_reach_a_bound_ipv6_socket(void** state) {
  check_values(*state, AF_INET6, BY_BIND);
}

static void values_reach_every_ipv6_socket(void** state) {
  for (int way = 0; way < WAYS; way++)
    check_values(*state, AF_INET6, (enum way) way);
}

static void values_out_of_range_are_refused_first(void** state) {
  struct loop_fixture* f = *state;
  const int bad[] = {-1, 256, 1000, -2147483647 - 1, 2147483647};

  init_udp(f, 1); /* no socket: its absence comes second */
  for (int i = 0; i < OPTIONS; i++) {
    for (int j = 0; j < 5; j++)
      assert_int_equal(options[i].set(udp, bad[j]), UV_EINVAL);
    assert_int_equal(options[i].set(udp, 1), UV_EBADF);
  }
  assert_int_equal(uv_udp_set_ttl(udp, 0), UV_EINVAL);
}

static void other_values_of_loop_mean_yes(void** state) {
  const int families[] = {AF_INET, AF_INET6};
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    make(f, families[i], BY_BIND);
    assert_int_equal(uv_udp_set_multicast_loop(udp, 0), 0);
    assert_int_equal(uv_udp_set_multicast_loop(udp, 255), 0);
    assert_int_equal(socket_option(fd_of(udp), i == 0 ? IPPROTO_IP : IPPROTO_IPV6,
                                   i == 0 ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP),
                     1);
    end(f);
  }
}

static void options_of_no_socket_are_refused(void** state) {
  struct loop_fixture* f = *state;

  init_udp(f, 1);
  assert_int_equal(uv_udp_set_broadcast(udp, 1), UV_EBADF);
  assert_int_equal(uv_udp_set_multicast_interface(udp, NULL), UV_EBADF);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "127.0.0.1"), UV_EBADF);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "::1"), UV_EBADF);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "rubbish"), UV_EINVAL);
  bind_udp(udp, AF_INET, 0);
  uv_close((uv_handle_t*) udp, NULL);
  assert_int_equal(uv_udp_set_ttl(udp, 1), UV_EBADF);
  assert_int_equal(uv_udp_set_broadcast(udp, 1), UV_EBADF);
}

/* -- Broadcast --------------------------------------------------------------------------------- */

static void note_status(uv_udp_send_t* req, int status) {
  *(int*) req->data = status;
}

static void broadcasting_is_allowed_and_forbidden(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  union address everybody = address4("127.255.255.255", 9);
  uv_buf_t buf = text_buf("all");
  int status = 1;

  make(f, AF_INET, BY_BIND);
  req.data = &status;
  assert_int_equal(try_send_text(udp, "x", &everybody), UV_EACCES);
  assert_int_equal(uv_udp_send(&req, udp, &buf, 1, &everybody.any, note_status), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(status, UV_EACCES);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_udp_set_broadcast(udp, 17), 0);
    assert_int_equal(socket_option(fd_of(udp), SOL_SOCKET, SO_BROADCAST), 1);
  }
  assert_int_equal(try_send_text(udp, "all", &everybody), 3);
  assert_int_equal(uv_udp_set_broadcast(udp, 0), 0);
  assert_int_equal(socket_option(fd_of(udp), SOL_SOCKET, SO_BROADCAST), 0);
}

/* -- The interface for multicast --------------------------------------------------------------- */

#if defined(_WIN32)
#define LOOPBACK6 "::1%1" /* where interfaces have numbers */
#else
#define LOOPBACK6 "::1%lo"
#endif

static int interface4(void) {
  struct in_addr address;
  socklen_t len = sizeof(address);

  assert_int_equal(getsockopt(fd_of(udp), IPPROTO_IP, IP_MULTICAST_IF, (void*) &address, &len), 0);
  return (int) ntohl(address.s_addr);
}

static int interface6(void) {
  return socket_option(fd_of(udp), IPPROTO_IPV6, IPV6_MULTICAST_IF);
}

static void an_ipv4_interface_is_named_by_its_address(void** state) {
  struct loop_fixture* f = *state;

  make(f, AF_INET, BY_BIND);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "127.0.0.1"), 0);
  assert_int_equal(interface4(), INADDR_LOOPBACK);
  assert_int_equal(uv_udp_set_multicast_interface(udp, NULL), 0);
  assert_int_equal(interface4(), INADDR_ANY);
  /* Wine has another error. */
  assert_int_equal(uv_udp_set_multicast_interface(udp, "192.0.2.1"),
                   is_wine() ? UV_EINVAL : UV_EADDRNOTAVAIL);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "127.0.0"), UV_EINVAL);
  assert_int_equal(uv_udp_set_multicast_interface(udp, ""), UV_EINVAL);
  assert_int_equal(interface4(), INADDR_ANY);
}

static void check_ipv6_interface(struct loop_fixture* f, enum way way) {
  make(f, AF_INET6, way);
  assert_int_equal(uv_udp_set_multicast_interface(udp, LOOPBACK6), 0);
  assert_int_not_equal(interface6(), 0);
  assert_int_equal(uv_udp_set_multicast_interface(udp, NULL), 0);
  assert_int_equal(interface6(), 0);
  assert_int_equal(uv_udp_set_multicast_interface(udp, LOOPBACK6), 0);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "::1"), 0); /* no scope: the default */
  assert_int_equal(interface6(), 0);
  assert_int_equal(uv_udp_set_multicast_interface(udp, "::1%no-such-interface"), 0);
  assert_int_equal(interface6(), 0);
  end(f);
}

static void an_ipv6_interface_is_named_by_its_scope(void** state) {
  check_ipv6_interface(*state, BY_BIND);
}

static void an_ipv6_interface_is_named_however_the_socket_came(void** state) {
  for (int way = 0; way < WAYS; way++)
    check_ipv6_interface(*state, (enum way) way);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      udp_test(values_reach_an_ipv4_socket),
      udp_test(values_reach_a_bound_ipv6_socket),
      newer_udp_test(values_reach_every_ipv6_socket),
      udp_test(values_out_of_range_are_refused_first),
      newer_udp_test(other_values_of_loop_mean_yes),
      udp_test(options_of_no_socket_are_refused),
      udp_test(broadcasting_is_allowed_and_forbidden),
      udp_test(an_ipv4_interface_is_named_by_its_address),
      udp_test(an_ipv6_interface_is_named_by_its_scope),
      newer_udp_test(an_ipv6_interface_is_named_however_the_socket_came),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
