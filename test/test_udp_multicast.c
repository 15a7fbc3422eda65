/* UDP: multicast groups on the loopback interface.
 *
 * Where the test may, it has a network of its own, in which the loopback interface has a route for
 * IPv6 multicast. Few machines have one. */
#include "support/udp.h"
#include "support/wine.h"

#if defined(_WIN32)
#define LOOPBACK6 "::1%1" /* where interfaces have numbers */
#define SCOPE6 "%1"
#else
#include "support/child.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>

#define LOOPBACK6 "::1%lo"
#define SCOPE6 "%lo"
#endif

#define GROUP4 "239.255.77.77"
#define GROUP6 "ff02::7777"

static uv_udp_t* member = &udps[0];
static uv_udp_t* sender = &udps[1];

#if defined(_WIN32)
static int group_setup(void** state) {
  return udp_group_setup(state);
}
#else
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
#endif

/* A handle on a port of the system's choice, which answers to any address. */
static int bind_any(uv_udp_t* udp, int family, int port) {
  union address any = family == AF_INET6 ? address6("::", port) : address4("0.0.0.0", port);
  union address name;

  assert_int_equal(uv_udp_bind(udp, &any.any, UV_UDP_REUSEADDR), 0);
  name = udp_name(udp);
  return port_of_address(&name);
}

static int join(uv_udp_t* udp, const char* group, const char* where) {
  return uv_udp_set_membership(udp, group, where, UV_JOIN_GROUP);
}

static int leave(uv_udp_t* udp, const char* group, const char* where) {
  return uv_udp_set_membership(udp, group, where, UV_LEAVE_GROUP);
}

/* Sends to the group through the loopback interface. */
static int send_to_group(const char* text, int family, int port) {
  union address to = family == AF_INET6 ? address6(GROUP6, port) : address4(GROUP4, port);

  assert_int_equal(
      uv_udp_set_multicast_interface(sender, family == AF_INET6 ? LOOPBACK6 : "127.0.0.1"), 0);
  return try_send_text(sender, text, &to);
}

/* Which error it is differs between Windows and Wine. */
#if defined(_WIN32)
static void assert_refused(int err, int posix_err) {
  (void) posix_err;
  assert_true(err < 0);
}
#else
static void assert_refused(int err, int posix_err) {
  assert_int_equal(err, posix_err);
}
#endif

/* -- Members ----------------------------------------------------------------------------------- */

/* What comes first, behind whatever the group got. */
static void send_directly(const char* text, int family, int port) {
  union address to = loopback(family, port);

  assert_int_equal(try_send_text(sender, text, &to), strlen(text));
}

static void check_membership(struct loop_fixture* f, int family, const char* group,
                             const char* where) {
  union address from;
  int port;

  init_udp(f, 2);
  port = bind_any(member, family, 0);
  from = bind_udp(sender, family, 0);
  assert_int_equal(join(member, group, where), 0);
  start_receiving(member);
  if (send_to_group("group", family, port) != 5) {
    print_message("no route for multicast on the loopback interface\n");
    skip();
  }
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "group", &from, 0);

  assert_int_equal(leave(member, group, where), 0);
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
  check_membership(*state, AF_INET6, GROUP6 SCOPE6, NULL);
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
    assert_refused(leave(member, groups[i], interfaces[i]), UV_EADDRNOTAVAIL);
    assert_int_equal(join(member, groups[i], interfaces[i]), 0);
    assert_refused(join(member, groups[i], interfaces[i]), UV_EADDRINUSE);
    assert_int_equal(leave(member, groups[i], interfaces[i]), 0);
    assert_refused(leave(member, groups[i], interfaces[i]), UV_EADDRNOTAVAIL);
    uv_close((uv_handle_t*) member, NULL);
    turn(f);
  }
}

/* -- Sources ----------------------------------------------------------------------------------- */

static int join_source(const char* group, const char* where, const char* source) {
  return uv_udp_set_source_membership(member, group, where, source, UV_JOIN_GROUP);
}

static int leave_source(const char* group, const char* where, const char* source) {
  return uv_udp_set_source_membership(member, group, where, source, UV_LEAVE_GROUP);
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

/* Wine joins no IPv6 source, takes the interface of an IPv4 one for the source, and an address that
 * is not the interface's for any. */
static void skip_under_wine(void) {
  if (!is_wine())
    return;
  print_message("Wine's groups know no sources\n");
  skip();
}

static void members_hear_the_sources_that_they_named(void** state) {
  struct loop_fixture* f = *state;
  int port;

  skip_under_wine();
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
  skip_under_wine();
  check_ipv6_source(*state, "::1", "group");
  check_ipv6_source(*state, "::2", "direct");
}

static void sources_are_joined_once_and_left_once(void** state) {
  struct loop_fixture* f = *state;
  const char* const groups[] = {GROUP4, GROUP6};
  const char* const interfaces[] = {"127.0.0.1", LOOPBACK6};
  const char* const sources[] = {"127.0.0.1", "::1"};
  const char* const others[] = {"127.0.0.2", "::2"};

  skip_under_wine();
  for (int i = 0; i < 2; i++) {
    init_udp(f, 1);
    assert_refused(leave_source(groups[i], interfaces[i], sources[i]), UV_EINVAL);
    assert_int_equal(join_source(groups[i], interfaces[i], sources[i]), 0);
    assert_refused(join_source(groups[i], interfaces[i], sources[i]), UV_EADDRNOTAVAIL);
    assert_refused(leave_source(groups[i], interfaces[i], others[i]), UV_EADDRNOTAVAIL);
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
  if (is_wine()) /* which joins no IPv6 source */
    return;
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
  assert_refused(join(member, GROUP4, "192.0.2.1"), UV_ENODEV);
  if (!is_wine()) /* which takes the interface for the source */
    assert_refused(join_source(GROUP4, "192.0.2.1", "127.0.0.1"), UV_ENODEV);
}

static void an_ipv4_socket_joins_no_ipv6_group(void** state) {
  init_udp(*state, 1);
  bind_any(member, AF_INET, 0);
  assert_refused(join(member, GROUP6, LOOPBACK6), UV_ENOPROTOOPT);
  assert_refused(join_source(GROUP6, LOOPBACK6, "::1"), UV_ENOPROTOOPT);
  assert_refused(uv_udp_set_multicast_interface(member, LOOPBACK6), UV_ENOPROTOOPT);
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

#if !defined(_WIN32) /* which sets no limit to the number of sockets */
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
#endif

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
#if !defined(_WIN32)
    udp_test(without_descriptors_nothing_is_joined),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
