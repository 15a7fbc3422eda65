/* UDP: multicast groups, on the loopback interface, and what leaves through another one.
 *
 * Where the test may, it has a network of its own, in which the loopback interface has a route for
 * IPv6 multicast. Few machines have one. */
#include "support/child.h"
#include "support/udp.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>

#define GROUP4 "239.255.77.77"
#define GROUP6 "ff02::7777"
#define LOOPBACK6 "::1%lo"

static uv_udp_t* member = &udps[0];
static uv_udp_t* sender = &udps[1];

/* A network with its loopback interface up and a route for ff00::/8 there. */
static int group_setup(void** state) {
  struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  struct in6_rtmsg route = {
      .rtmsg_dst = {.s6_addr = {0xff}},
      .rtmsg_dst_len = 8,
      .rtmsg_type = RTN_LOCAL,
      .rtmsg_metric = 1,
      .rtmsg_flags = RTF_UP | RTF_LOCAL,
  };

  if (unshare(CLONE_NEWNET) == 0) {
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &up), 0);
    route.rtmsg_ifindex = (int) if_nametoindex("lo");
    if (ioctl(fd, SIOCADDRT, &route) != 0)
      print_message("no route for IPv6 multicast: %s\n", strerror(errno));
    close(fd);
  }
  return udp_group_setup(state);
}

/* A handle on a port of the system's choice, which answers to any address. */
static int bind_any(uv_udp_t* udp, int family, int port) {
  union address any = family == AF_INET6 ? address6("::", port) : address4("0.0.0.0", port);
  union address name;

  assert_int_equal(uv_udp_bind(udp, &any.any, UV_UDP_REUSEADDR), 0);
  name = udp_name(udp);
  return port_of_address(&name);
}

static int join(uv_udp_t* udp, const char* group, const char* interface) {
  return uv_udp_set_membership(udp, group, interface, UV_JOIN_GROUP);
}

static int leave(uv_udp_t* udp, const char* group, const char* interface) {
  return uv_udp_set_membership(udp, group, interface, UV_LEAVE_GROUP);
}

/* Sends to the group through the loopback interface. */
static int send_to_group(const char* text, int family, int port) {
  union address to = family == AF_INET6 ? address6(GROUP6, port) : address4(GROUP4, port);

  assert_int_equal(
      uv_udp_set_multicast_interface(sender, family == AF_INET6 ? LOOPBACK6 : "127.0.0.1"), 0);
  return try_send_text(sender, text, &to);
}

/* -- Members ----------------------------------------------------------------------------------- */

/* What comes first, behind whatever the group got. */
static void send_directly(const char* text, int family, int port) {
  union address to = loopback(family, port);

  assert_int_equal(try_send_text(sender, text, &to), strlen(text));
}

static void check_membership(struct loop_fixture* f, int family, const char* group,
                             const char* interface) {
  union address from;
  int port;

  init_udp(f, 2);
  port = bind_any(member, family, 0);
  from = bind_udp(sender, family, 0);
  assert_int_equal(join(member, group, interface), 0);
  start_receiving(member);
  if (send_to_group("group", family, port) != 5) {
    print_message("no route for multicast on the loopback interface\n");
    skip();
  }
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "group", &from, 0);

  assert_int_equal(leave(member, group, interface), 0);
  assert_int_equal(send_to_group("gone", family, port), 4);
  send_directly("direct", family, port);
  reset_calls();
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "direct", &from, 0);
}

static void members_hear_the_group(void** state) {
  check_membership(*state, AF_INET, GROUP4, "127.0.0.1");
}

static void members_hear_an_ipv6_group(void** state) {
  check_membership(*state, AF_INET6, GROUP6, LOOPBACK6);
}

static void the_scope_of_a_group_names_the_interface(void** state) {
  check_membership(*state, AF_INET6, GROUP6 "%lo", NULL);
}

static void several_members_on_a_port_all_hear(void** state) {
  struct loop_fixture* f = *state;
  uv_udp_t* second = &udps[2];
  int port;

  init_udp(f, 3);
  port = bind_any(member, AF_INET, 0);
  assert_int_equal(bind_any(second, AF_INET, port), port);
  assert_int_equal(join(member, GROUP4, "127.0.0.1"), 0);
  assert_int_equal(join(second, GROUP4, "127.0.0.1"), 0);
  bind_udp(sender, AF_INET, 0);
  start_receiving(member);
  start_receiving(second);
  assert_int_equal(send_to_group("both", AF_INET, port), 4);
  wait_datagrams(f, 2);
}

static void an_ipv6_handle_may_join_an_ipv4_group(void** state) {
  struct loop_fixture* f = *state;
  int port;

  init_udp(f, 2);
  port = bind_any(member, AF_INET6, 0);
  bind_udp(sender, AF_INET, 0);
  assert_int_equal(join(member, GROUP4, "127.0.0.1"), 0);
  start_receiving(member);
  assert_int_equal(send_to_group("mixed", AF_INET, port), 5);
  wait_datagrams(f, 1);
  assert_int_equal(calls[0].from.any.sa_family, AF_INET6);
}

static void joining_twice_and_leaving_nothing_are_refused(void** state) {
  struct loop_fixture* f = *state;
  const char* const groups[] = {GROUP4, GROUP6};
  const char* const interfaces[] = {"127.0.0.1", LOOPBACK6};

  for (int i = 0; i < 2; i++) {
    init_udp(f, 1);
    assert_int_equal(leave(member, groups[i], interfaces[i]), UV_EADDRNOTAVAIL);
    assert_int_equal(join(member, groups[i], interfaces[i]), 0);
    assert_int_equal(join(member, groups[i], interfaces[i]), UV_EADDRINUSE);
    assert_int_equal(leave(member, groups[i], interfaces[i]), 0);
    assert_int_equal(leave(member, groups[i], interfaces[i]), UV_EADDRNOTAVAIL);
    uv_close((uv_handle_t*) member, NULL);
    turn(f);
  }
}

/* -- Sources ----------------------------------------------------------------------------------- */

static int join_source(const char* group, const char* interface, const char* source) {
  return uv_udp_set_source_membership(member, group, interface, source, UV_JOIN_GROUP);
}

static int leave_source(const char* group, const char* interface, const char* source) {
  return uv_udp_set_source_membership(member, group, interface, source, UV_LEAVE_GROUP);
}

/* Sends to the group from a handle with that address of its own. */
static void send_from(struct loop_fixture* f, const char* address, const char* text, int port) {
  union address from = address4(address, 0);

  assert_int_equal(uv_udp_init(&f->loop, sender), 0);
  assert_int_equal(uv_udp_bind(sender, &from.any, 0), 0);
  assert_int_equal(send_to_group(text, AF_INET, port), strlen(text));
  uv_close((uv_handle_t*) sender, NULL);
  turn(f);
}

static void members_hear_the_sources_that_they_named(void** state) {
  struct loop_fixture* f = *state;
  int port;

  init_udp(f, 1);
  port = bind_any(member, AF_INET, 0);
  assert_int_equal(join_source(GROUP4, "127.0.0.1", "127.0.0.1"), 0);
  start_receiving(member);
  send_from(f, "127.0.0.2", "two", port);
  send_from(f, "127.0.0.1", "one", port);
  wait_datagrams(f, 1);
  assert_string_equal(calls[0].text, "one");

  assert_int_equal(join_source(GROUP4, "127.0.0.1", "127.0.0.2"), 0);
  assert_int_equal(leave_source(GROUP4, "127.0.0.1", "127.0.0.1"), 0);
  reset_calls();
  send_from(f, "127.0.0.1", "one", port);
  send_from(f, "127.0.0.2", "two", port);
  wait_datagrams(f, 1);
  assert_string_equal(calls[0].text, "two");
}

static void check_ipv6_source(struct loop_fixture* f, const char* source, const char* heard) {
  int port;

  reset_calls();
  init_udp(f, 2);
  port = bind_any(member, AF_INET6, 0);
  assert_int_equal(join_source(GROUP6, LOOPBACK6, source), 0);
  bind_udp(sender, AF_INET6, 0);
  start_receiving(member);
  if (send_to_group("group", AF_INET6, port) != 5) {
    print_message("no route for multicast on the loopback interface\n");
    skip();
  }
  send_directly("direct", AF_INET6, port);
  wait_datagrams(f, 1);
  assert_string_equal(calls[0].text, heard);
  uv_close((uv_handle_t*) member, NULL);
  uv_close((uv_handle_t*) sender, NULL);
  turn(f);
}

static void members_hear_ipv6_sources_that_they_named(void** state) {
  check_ipv6_source(*state, "::1", "group");
  check_ipv6_source(*state, "::2", "direct");
}

static void sources_are_joined_once_and_left_once(void** state) {
  struct loop_fixture* f = *state;
  const char* const groups[] = {GROUP4, GROUP6};
  const char* const interfaces[] = {"127.0.0.1", LOOPBACK6};
  const char* const sources[] = {"127.0.0.1", "::1"};
  const char* const others[] = {"127.0.0.2", "::2"};

  for (int i = 0; i < 2; i++) {
    init_udp(f, 1);
    assert_int_equal(leave_source(groups[i], interfaces[i], sources[i]), UV_EINVAL);
    assert_int_equal(join_source(groups[i], interfaces[i], sources[i]), 0);
    assert_int_equal(join_source(groups[i], interfaces[i], sources[i]), UV_EADDRNOTAVAIL);
    assert_int_equal(leave_source(groups[i], interfaces[i], others[i]), UV_EADDRNOTAVAIL);
    assert_int_equal(leave_source(groups[i], interfaces[i], sources[i]), 0);
    uv_close((uv_handle_t*) member, NULL);
    turn(f);
  }
}

/* -- Sockets and errors ------------------------------------------------------------------------ */

static void check_socket(struct loop_fixture* f, int family) {
  union address name = udp_name(member);

  assert_int_equal(name.any.sa_family, family);
  assert_int_not_equal(port_of_address(&name), 0);
  assert_int_equal(socket_option(fd_of(member), SOL_SOCKET, SO_REUSEADDR), 1);
  uv_close((uv_handle_t*) member, NULL);
  turn(f);
}

static void a_handle_without_a_socket_gets_one_of_the_groups_family(void** state) {
  struct loop_fixture* f = *state;

  init_udp(f, 1);
  assert_int_equal(join(member, GROUP4, "127.0.0.1"), 0);
  check_socket(f, AF_INET);
  init_udp(f, 1);
  assert_int_equal(join(member, GROUP6, LOOPBACK6), 0);
  check_socket(f, AF_INET6);
  init_udp(f, 1);
  assert_int_equal(join_source(GROUP4, "127.0.0.1", "127.0.0.1"), 0);
  check_socket(f, AF_INET);
  init_udp(f, 1);
  assert_int_equal(join_source(GROUP6, LOOPBACK6, "::1"), 0);
  check_socket(f, AF_INET6);
}

static void the_socket_stays_if_joining_fails(void** state) {
  struct loop_fixture* f = *state;

  init_udp(f, 1);
  assert_int_equal(join(member, "127.0.0.1", NULL), UV_EINVAL); /* no group */
  check_socket(f, AF_INET);
  init_udp(f, 1);
  assert_int_equal(join(member, "::1", NULL), UV_EINVAL);
  check_socket(f, AF_INET6);
}

static void what_is_no_address_is_refused(void** state) {
  struct loop_fixture* f = *state;
  const char* const bad[] = {"", "localhost", "239.255.77", "239.255.77.77 ", "ff02::g"};

  init_udp(f, 1);
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(join(member, bad[i], NULL), UV_EINVAL);
    assert_int_equal(join(member, GROUP4, bad[i]), UV_EINVAL);
    assert_int_equal(join(member, GROUP6, bad[i]), UV_EINVAL);
    assert_int_equal(join_source(bad[i], NULL, "127.0.0.1"), UV_EINVAL);
    assert_int_equal(join_source(GROUP4, bad[i], "127.0.0.1"), UV_EINVAL);
    assert_int_equal(join_source(GROUP4, NULL, bad[i]), UV_EINVAL);
    assert_int_equal(join_source(GROUP6, bad[i], "::1"), UV_EINVAL);
    assert_int_equal(join_source(GROUP6, NULL, bad[i]), UV_EINVAL);
  }
  assert_int_equal(join_source(GROUP4, NULL, "::1"), UV_EINVAL);
  assert_int_equal(join_source(GROUP6, NULL, "127.0.0.1"), UV_EINVAL);
  assert_int_equal(join_source("10.0.0.1", "127.0.0.1", "127.0.0.1"), UV_EINVAL);
}

static void an_unknown_interface_is_refused(void** state) {
  init_udp(*state, 1);
  assert_int_equal(join(member, GROUP4, "192.0.2.1"), UV_ENODEV);
  assert_int_equal(join_source(GROUP4, "192.0.2.1", "127.0.0.1"), UV_ENODEV);
}

static void an_ipv4_socket_joins_no_ipv6_group(void** state) {
  init_udp(*state, 1);
  bind_any(member, AF_INET, 0);
  assert_int_equal(join(member, GROUP6, LOOPBACK6), UV_ENOPROTOOPT);
  assert_int_equal(join_source(GROUP6, LOOPBACK6, "::1"), UV_ENOPROTOOPT);
  assert_int_equal(uv_udp_set_multicast_interface(member, LOOPBACK6), UV_ENOPROTOOPT);
}

static void there_is_only_joining_and_leaving(void** state) {
  init_udp(*state, 1);
  assert_int_equal(uv_udp_set_membership(member, GROUP4, NULL, (uv_membership) 2), UV_EINVAL);
  assert_int_equal(
      uv_udp_set_source_membership(member, GROUP4, NULL, "127.0.0.1", (uv_membership) 2),
      UV_EINVAL);
}

static void a_closing_handle_does_not_join(void** state) {
  init_udp(*state, 1);
  uv_close((uv_handle_t*) member, NULL);
  assert_int_equal(join(member, GROUP4, "127.0.0.1"), UV_EINVAL);
  assert_int_equal(join_source(GROUP4, "127.0.0.1", "127.0.0.1"), UV_EINVAL);
}

static void without_descriptors_nothing_is_joined(void** state) {
  struct rlimit before;
  int err;
  int source_err;

  init_udp(*state, 1);
  before = limit_descriptors(0);
  err = join(member, GROUP4, "127.0.0.1");
  source_err = join_source(GROUP6, LOOPBACK6, "::1");
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(source_err, UV_EMFILE);
  assert_int_equal(join(member, GROUP4, "127.0.0.1"), 0);
}

/* -- What leaves the machine ------------------------------------------------------------------- */

#define OWN_ADDRESS "192.0.2.1" /* for documentation, RFC 5737 */

/* Makes a network with one interface, whose other end is the descriptor. */
static int make_network(void) {
  struct ifreq request;
  struct sockaddr_in own;
  int fd;
  int any = socket(AF_INET, SOCK_DGRAM, 0);

  if (unshare(CLONE_NEWNET) != 0 || any == -1)
    return -1;
  close(any);
  any = socket(AF_INET, SOCK_DGRAM, 0); /* of the new network */
  fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  memset(&request, 0, sizeof(request));
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (any == -1 || fd == -1 || ioctl(fd, TUNSETIFF, &request) != 0)
    return -1;

  uv_ip4_addr(OWN_ADDRESS, 0, &own);
  memcpy(&request.ifr_addr, &own, sizeof(own));
  if (ioctl(any, SIOCSIFADDR, &request) != 0)
    return -1;
  uv_ip4_addr("255.255.255.0", 0, &own);
  memcpy(&request.ifr_netmask, &own, sizeof(own));
  if (ioctl(any, SIOCSIFNETMASK, &request) != 0)
    return -1;
  request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
  if (ioctl(any, SIOCSIFFLAGS, &request) != 0)
    return -1;
  close(any);
  return fd;
}

/* The hops left in the next UDP datagram that leaves; -1 if none does. */
static int hops_of_next(int network) {
  enum { TTL_AT = 8, PROTOCOL_AT = 9, UDP_PROTOCOL = 17 };
  unsigned char packet[2048];

  for (;;) {
    ssize_t n = read(network, packet, sizeof(packet));
    if (n <= 0)
      return -1;
    if (n > PROTOCOL_AT && packet[0] >> 4 == 4 && packet[PROTOCOL_AT] == UDP_PROTOCOL)
      return packet[TTL_AT];
  }
}

static bool sends(const char* text, const char* ip, int port) {
  uv_buf_t buf = text_buf(text);
  union address to;

  return uv_ip4_addr(ip, port, &to.v4) == 0 &&
         uv_udp_try_send(sender, &buf, 1, &to.any) == (int) buf.len;
}

static void child_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char memory[64];

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void child_recv(uv_udp_t* udp, ssize_t nread, const uv_buf_t* buf,
                       const struct sockaddr* from, unsigned flags) {
  (void) udp;
  (void) buf;
  (void) flags;
  datagram_count += from != NULL && nread > 0;
}

static int send_into_a_network(void) {
  uv_loop_t loop;
  struct sockaddr_in name;
  int len = sizeof(name);
  int network = make_network();
  int port;

  if (network == -1)
    return CHILD_CANNOT;
  if (uv_loop_init(&loop) != 0 || uv_udp_init(&loop, member) != 0 ||
      uv_udp_init_ex(&loop, sender, AF_INET) != 0)
    return 1;
  if (join(member, GROUP4, OWN_ADDRESS) != 0 ||
      uv_udp_recv_start(member, child_alloc, child_recv) != 0 ||
      uv_udp_getsockname(member, (struct sockaddr*) &name, &len) != 0)
    return 2;
  port = ntohs(name.sin_port);
  if (uv_udp_set_multicast_interface(sender, OWN_ADDRESS) != 0)
    return 3;

  /* One hop unless more are asked for, and a copy for this machine. */
  datagram_count = 0;
  if (!sends("default", GROUP4, port) || hops_of_next(network) != 1)
    return 4;
  uv_run(&loop, UV_RUN_NOWAIT);
  if (datagram_count != 1)
    return 5;
  if (uv_udp_set_multicast_ttl(sender, 33) != 0 || uv_udp_set_multicast_loop(sender, 0) != 0)
    return 6;
  if (!sends("not here", GROUP4, port) || hops_of_next(network) != 33)
    return 7;
  uv_run(&loop, UV_RUN_NOWAIT);
  if (datagram_count != 1)
    return 8;
  if (uv_udp_set_multicast_loop(sender, 1) != 0 || uv_udp_set_multicast_ttl(sender, 0) != 0)
    return 9;
  if (!sends("only here", GROUP4, port) || hops_of_next(network) != -1)
    return 10;
  uv_run(&loop, UV_RUN_NOWAIT);
  if (datagram_count != 2)
    return 11;

  /* Those for one machine have their own number. */
  if (uv_udp_set_ttl(sender, 77) != 0 || !sends("one", "192.0.2.2", 9))
    return 12;
  if (hops_of_next(network) != 77)
    return 13;
  return end_loop(&loop) ? 0 : 14;
}

static void hops_and_copies_are_as_chosen(void** state) {
  (void) state;
  assert_child(send_into_a_network, 0);
}

static int join_without_a_route(void) {
  uv_loop_t loop;
  int err;

  if (unshare(CLONE_NEWNET) != 0)
    return CHILD_CANNOT;
  if (uv_loop_init(&loop) != 0 || uv_udp_init(&loop, member) != 0)
    return 1;
  err = join(member, GROUP4, NULL);
  return end_loop(&loop) ? err : 2;
}

static void without_a_route_there_is_no_interface(void** state) {
  (void) state;
  assert_child(join_without_a_route, UV_ENODEV);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      udp_test(members_hear_the_group),
      udp_test(members_hear_an_ipv6_group),
      newer_udp_test(the_scope_of_a_group_names_the_interface),
      udp_test(several_members_on_a_port_all_hear),
      udp_test(an_ipv6_handle_may_join_an_ipv4_group),
      udp_test(joining_twice_and_leaving_nothing_are_refused),
      udp_test(members_hear_the_sources_that_they_named),
      udp_test(members_hear_ipv6_sources_that_they_named),
      udp_test(sources_are_joined_once_and_left_once),
      udp_test(a_handle_without_a_socket_gets_one_of_the_groups_family),
      udp_test(the_socket_stays_if_joining_fails),
      udp_test(what_is_no_address_is_refused),
      udp_test(an_unknown_interface_is_refused),
      udp_test(an_ipv4_socket_joins_no_ipv6_group),
      udp_test(there_is_only_joining_and_leaving),
      newer_udp_test(a_closing_handle_does_not_join),
      udp_test(without_descriptors_nothing_is_joined),
      udp_test(hops_and_copies_are_as_chosen),
      udp_test(without_a_route_there_is_no_interface),
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
