/* UDP: what leaves the machine for multicast groups, in a network made for it. */
#include "support/child.h"
#include "support/udp.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#define GROUP4 "239.255.77.77"

static uv_udp_t* member = &udps[0];
static uv_udp_t* sender = &udps[1];

static int join(uv_udp_t* udp, const char* group, const char* interface_addr) {
  return uv_udp_set_membership(udp, group, interface_addr, UV_JOIN_GROUP);
}

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
      udp_test(hops_and_copies_are_as_chosen),
      udp_test(without_a_route_there_is_no_interface),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
