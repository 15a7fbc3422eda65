/* UDP: datagrams of equal length to one peer, which may leave as segments of one message. Whatever
 * becomes of that, each arrives by itself, and the counts are exact. */
#include "support/child.h"
#include "support/udp.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { MOST = 200, LONGEST = 9000 };

static uv_udp_t* udp = &udps[0];
static uv_os_sock_t other; /* a raw socket */
static union address other_at;

static char bytes[MOST][LONGEST]; /* datagram i begins with its number */
static uv_buf_t pieces[MOST];
static uv_buf_t* bufs[MOST];
static unsigned int nbufs[MOST];
static struct sockaddr* addresses[MOST];

/* -- System calls that refuse ------------------------------------------------------------------ */

static int refusal;         /* what messages with segments fail for; 0: nothing */
static size_t refused_from; /* if their segments have this length or more */
static bool is_old_kernel;
static int segmented; /* messages with segments that were tried */

int __real_sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags);
int __real_getsockopt(int fd, int level, int option, void* value, socklen_t* len);
int __wrap_getsockopt(int fd, int level, int option, void* value, socklen_t* len);

static bool is_refused(const struct msghdr* message) {
  uint16_t segment;

  if (message->msg_controllen == 0)
    return false;
  segmented++;
  memcpy(&segment, CMSG_DATA(CMSG_FIRSTHDR(message)), sizeof(segment));
  return refusal != 0 && segment >= refused_from;
}

int __wrap_sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags) {
  unsigned int n = 0;

  while (n < count && !is_refused(&messages[n].msg_hdr))
    n++;
  if (n == 0) {
    errno = refusal;
    return -1;
  }
  return __real_sendmmsg(fd, messages, n, flags);
}

int __wrap_getsockopt(int fd, int level, int option, void* value, socklen_t* len) {
  if (is_old_kernel && level == IPPROTO_UDP && option == UDP_SEGMENT) {
    errno = ENOPROTOOPT;
    return -1;
  }
  return __real_getsockopt(fd, level, option, value, len);
}

/* -- The tests' own ---------------------------------------------------------------------------- */

static bool has_segments(void) {
  int value;
  socklen_t len = sizeof(value);

  return getsockopt(other, IPPROTO_UDP, UDP_SEGMENT, &value, &len) == 0;
}

static void prepare(int i, size_t len, union address* to) {
  char number[16];

  snprintf(number, sizeof(number), "%d.", i);
  memset(bytes[i], 'a' + i % 26, len);
  memcpy(bytes[i], number, strlen(number) < len ? strlen(number) : len);
  pieces[i] = uv_buf_init(bytes[i], (unsigned int) len);
  bufs[i] = &pieces[i];
  nbufs[i] = 1;
  addresses[i] = &to->any;
}

static void prepare_equal(int count, size_t len) {
  for (int i = 0; i < count; i++)
    prepare(i, len, &other_at);
}

static int setup(void** state) {
  udp_setup(state);
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 1);
  bind_udp(udp, AF_INET, 0);
  refusal = 0;
  refused_from = 0;
  is_old_kernel = false;
  segmented = 0;
  return 0;
}

static int teardown(void** state) {
  close(other);
  return udp_teardown(state);
}

static int try_send(int count) {
  return uv_udp_try_send2(udp, (unsigned int) count, bufs, nbufs, addresses, 0);
}

/* What a datagram should be, by its number. */
static bool is_datagram(int i, const char* received, ssize_t len) {
  return len == (ssize_t) pieces[i].len && memcmp(received, bytes[i], pieces[i].len) == 0;
}

/* The next datagrams, by number, and no others. */
static void assert_received(uv_os_sock_t fd, int first, int count) {
  static char received[70000];

  for (int i = first; i < first + count; i++) {
    ssize_t n;
    assert_true(wait_readable(fd));
    n = recv(fd, received, sizeof(received), 0);
    if (!is_datagram(i, received, n))
      fail_msg("in place of datagram %d of %d bytes came %d bytes: %.8s", i, (int) pieces[i].len,
               (int) n, received);
  }
  assert_false(has_datagram(fd));
}

static void assert_goes(int count) {
  assert_int_equal(try_send(count), count);
  assert_received(other, 0, count);
}

/* -- Segments ---------------------------------------------------------------------------------- */

static void equal_ones_arrive_one_by_one(void** state) {
  const struct {
    int count;
    size_t len;
  } cases[] = {{2, 1},    {16, 64},   {63, 100}, {64, 100},  {65, 100}, {128, 1}, {129, 7},
               {200, 20}, {64, 1200}, {4, 1472}, {10, 8000}, {7, 9000}, {1, 9}};

  (void) state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    prepare_equal(cases[i].count, cases[i].len);
    assert_goes(cases[i].count);
  }
  if (has_segments())
    assert_in_range(segmented, 12, 30);
}

static void they_travel_as_one(void** state) {
  static char received[70000];
  int on = 1;

  (void) state;
  if (setsockopt(other, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) != 0 || !has_segments())
    skip();
  prepare_equal(64, 100);
  assert_int_equal(try_send(64), 64);
  assert_int_equal(recv(other, received, sizeof(received), 0), 6400);
}

static void unequal_neighbours_arrive_one_by_one(void** state) {
  const size_t lens[] = {8, 8, 8, 4, 4, 9, 9, 9, 9, 2, 0, 0, 5, 5, 0, 5, 5, 6, 7, 8, 8, 1};
  int count = (int) (sizeof(lens) / sizeof(lens[0]));

  (void) state;
  for (int i = 0; i < count; i++)
    prepare(i, lens[i], &other_at);
  assert_goes(count);
}

static void each_goes_to_its_peer(void** state) {
  union address second_at;
  uv_os_sock_t second = make_udp_socket(AF_INET, &second_at);

  (void) state;
  prepare_equal(30, 50);
  for (int i = 10; i < 30; i++)
    prepare(i, 50, &second_at);
  assert_int_equal(try_send(30), 30);
  assert_received(other, 0, 10);
  assert_received(second, 10, 20);
  for (int i = 0; i < 30; i++) /* neighbours never have the same one */
    prepare(i, 50, i % 2 == 0 ? &other_at : &second_at);
  assert_int_equal(try_send(30), 30);
  for (int i = 0; i < 30; i++)
    assert_memory_equal(next_datagram(i % 2 == 0 ? other : second), bytes[i], 50);
  close(second);
}

static void pieces_of_one_datagram_stay_together(void** state) {
  static uv_buf_t many[MOST][40];

  (void) state;
  prepare_equal(MOST, 40);
  for (int i = 0; i < MOST; i++) {
    for (int j = 0; j < 40; j++)
      many[i][j] = uv_buf_init(bytes[i] + j, 1);
    bufs[i] = many[i];
    nbufs[i] = 40;
  }
  assert_goes(MOST);
}

static int called_count;

static void on_sent(uv_udp_send_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &pieces[called_count++]);
}

static void queued_ones_are_called_back_in_order(void** state) {
  static uv_udp_send_t reqs[MOST];
  struct loop_fixture* f = *state;

  prepare_equal(MOST, 20);
  called_count = 0;
  for (int i = 0; i < MOST; i++) {
    reqs[i].data = &pieces[i];
    assert_int_equal(uv_udp_send(&reqs[i], udp, bufs[i], 1, addresses[i], on_sent), 0);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(called_count, MOST);
  assert_int_equal(udp->send_queue_size, 0);
  assert_received(other, 0, MOST);
  if (has_segments())
    assert_in_range(segmented, 1, 4);
}

static void a_connected_one_and_ipv6_segment_too(void** state) {
  struct loop_fixture* f = *state;

  close(other);
  other = make_udp_socket(AF_INET6, &other_at);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  udp = &udps[1];
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  prepare_equal(64, 500);
  for (int i = 0; i < 64; i++)
    addresses[i] = NULL;
  assert_goes(64);
  udp = &udps[0];
}

static void a_refused_peer_is_told_of_as_ever(void** state) {
  union address deaf = deaf_address(AF_INET);

  (void) state;
  assert_int_equal(uv_udp_connect(udp, &deaf.any), 0);
  prepare_equal(10, 50);
  for (int i = 0; i < 10; i++)
    addresses[i] = NULL;
  assert_int_equal(try_send(10), 10);
  assert_int_equal(try_send(10), UV_ECONNREFUSED);
}

static void one_that_is_too_long_ends_the_row(void** state) {
  static char huge[70000];

  (void) state;
  prepare_equal(20, 50);
  pieces[5] = uv_buf_init(huge, sizeof(huge));
  assert_int_equal(try_send(20), 5);
  assert_received(other, 0, 5);
}

/* -- Refusals ---------------------------------------------------------------------------------- */

static void refused_segments_go_one_by_one(void** state) {
  const int errors[] = {EINVAL, EMSGSIZE, EIO, ENOBUFS};

  for (int i = 0; i < 4; i++) {
    refusal = errors[i];
    prepare_equal(150, 30);
    assert_goes(150);
    teardown(state);
    setup(state);
  }
}

static void what_was_refused_is_not_tried_again(void** state) {
  (void) state;
  if (!has_segments())
    skip();
  refusal = EINVAL;
  refused_from = 100;
  prepare_equal(10, 100);
  assert_goes(10);
  assert_goes(10);
  assert_int_equal(segmented, 1);
  prepare_equal(10, 60); /* much shorter ones may go */
  assert_goes(10);
  assert_int_equal(segmented, 2);
  refusal = EIO; /* none may go, whatever their length */
  refused_from = 0;
  assert_goes(10);
  assert_int_equal(segmented, 3);
  prepare_equal(10, 1);
  assert_goes(10);
  assert_int_equal(segmented, 3);
}

static void a_refusal_in_the_middle_loses_none(void** state) {
  (void) state;
  refusal = EINVAL;
  refused_from = 100;
  for (int i = 0; i < 30; i++)
    prepare(i, i < 10 ? 50 : i < 20 ? 100 : 60, &other_at);
  assert_goes(30);
}

static void a_full_socket_is_no_refusal(void** state) {
  (void) state;
  if (!has_segments())
    skip();
  refusal = EAGAIN;
  prepare_equal(10, 100);
  assert_int_equal(try_send(10), UV_EAGAIN);
  refusal = 0;
  assert_goes(10);
  assert_int_equal(segmented, 2);
}

static void without_segments_all_is_as_before(void** state) {
  (void) state;
  is_old_kernel = true;
  prepare_equal(150, 30);
  assert_goes(150);
  assert_int_equal(segmented, 0);
}

/* -- A network of short packets ---------------------------------------------------------------- */

#define OUR_ADDRESS "192.0.2.1" /* for documentation, RFC 5737 */
#define PEER_ADDRESS "192.0.2.2"

enum { SHORT_MTU = 1280, IN_NETWORK = 20 };

struct link_request {
  struct nlmsghdr header;
  struct ifinfomsg info;
  char attributes[256];
};

static struct rtattr* add_attribute(struct link_request* request, int type, const void* data,
                                    size_t len) {
  struct rtattr* attribute =
      (struct rtattr*) (void*) ((char*) request + NLMSG_ALIGN(request->header.nlmsg_len));

  attribute->rta_type = (unsigned short) type;
  attribute->rta_len = (unsigned short) RTA_LENGTH(len);
  if (len > 0)
    memcpy(RTA_DATA(attribute), data, len);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(RTA_LENGTH(len));
  return attribute;
}

static void end_nest(const struct link_request* request, struct rtattr* nest) {
  nest->rta_len =
      (unsigned short) ((const char*) request + request->header.nlmsg_len - (const char*) nest);
}

/* Makes a pair of connected interfaces: "ours" here, "peers" in another network namespace. */
static bool make_pair_of_interfaces(int peer_namespace) {
  static const struct ifinfomsg peer_info;
  struct link_request request;
  struct rtattr* link;
  struct rtattr* data;
  struct rtattr* peer;
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[512];
  } reply;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  memset(&request, 0, sizeof(request));
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.info));
  request.header.nlmsg_type = RTM_NEWLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
  add_attribute(&request, IFLA_IFNAME, "ours", sizeof("ours"));
  link = add_attribute(&request, IFLA_LINKINFO, NULL, 0);
  add_attribute(&request, IFLA_INFO_KIND, "veth", strlen("veth"));
  data = add_attribute(&request, IFLA_INFO_DATA, NULL, 0);
  peer = add_attribute(&request, VETH_INFO_PEER, &peer_info, sizeof(peer_info));
  add_attribute(&request, IFLA_IFNAME, "peers", sizeof("peers"));
  add_attribute(&request, IFLA_NET_NS_FD, &peer_namespace, sizeof(peer_namespace));
  end_nest(&request, peer);
  end_nest(&request, data);
  end_nest(&request, link);
  if (fd == -1 || send(fd, &request, request.header.nlmsg_len, 0) == -1 ||
      recv(fd, &reply, sizeof(reply), 0) < (ssize_t) NLMSG_LENGTH(sizeof(reply.error)))
    return false;
  close(fd);
  return reply.header.nlmsg_type == NLMSG_ERROR && reply.error.error == 0;
}

static bool set_address(int any, struct ifreq* request, unsigned short what, const char* ip) {
  struct sockaddr_in address;

  uv_ip4_addr(ip, 0, &address);
  memcpy(&request->ifr_addr, &address, sizeof(address));
  return ioctl(any, what, request) == 0;
}

/* `any` is a socket of the interface's namespace. */
static bool set_up_interface(int any, const char* name, const char* ip, int mtu) {
  struct ifreq request;

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  request.ifr_mtu = mtu;
  if (ioctl(any, SIOCSIFMTU, &request) != 0 || !set_address(any, &request, SIOCSIFADDR, ip) ||
      !set_address(any, &request, SIOCSIFNETMASK, "255.255.255.0"))
    return false;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl(any, SIOCSIFFLAGS, &request) == 0;
}

/* Makes two namespaces with a network between them. This process ends in one, with `other` in the
 * other: a socket stays where it was made. */
static bool make_network(void) {
  union address at = address4(PEER_ADDRESS, 0);
  int peer_namespace;
  int any;
  bool is_made;

  if (unshare(CLONE_NEWNET) != 0)
    return false;
  peer_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (peer_namespace == -1 || unshare(CLONE_NEWNET) != 0)
    return false;
  any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  is_made = make_pair_of_interfaces(peer_namespace) &&
            set_up_interface(any, "ours", OUR_ADDRESS, SHORT_MTU) &&
            set_up_interface(other, "peers", PEER_ADDRESS, SHORT_MTU) &&
            bind(other, &at.any, address_len(&at)) == 0;
  other_at = name_of_socket(other);
  close(any);
  close(peer_namespace);
  return is_made;
}

/* 0, or which datagram did not arrive whole. */
static int send_in_network(size_t len) {
  static char received[LONGEST];

  prepare_equal(IN_NETWORK, len);
  if (try_send(IN_NETWORK) != IN_NETWORK)
    return 100;
  for (int i = 0; i < IN_NETWORK; i++)
    if (!poll_readable(other, PATIENCE_MS) ||
        !is_datagram(i, received, recv(other, received, sizeof(received), 0)))
      return 1 + i;
  return poll_readable(other, 0) ? 101 : 0;
}

/* Lengths below, at and above what a packet of the network takes, which is 1280 - 20 - 8. */
static int send_around_the_limit(void) {
  const size_t lens[] = {600, 1252, 1253, 2000, 1252, 100, 3000, 1300, 1200};
  uv_loop_t loop;

  if (!make_network())
    return CHILD_CANNOT;
  uv_loop_init(&loop);
  uv_udp_init(&loop, &udps[1]);
  udp = &udps[1];
  if (uv_udp_bind(udp, &(union address){.v4 = {.sin_family = AF_INET}}.any, 0) != 0)
    return 300;
  for (int i = 0; i < (int) (sizeof(lens) / sizeof(lens[0])); i++) {
    int missing = send_in_network(lens[i]);
    if (missing != 0)
      return 1000 * (i + 2) + missing;
  }
  return segmented >= 4 || !has_segments() ? 0 : 200;
}

static void longer_ones_than_the_network_takes_arrive(void** state) {
  (void) state;
  assert_child(send_around_the_limit, 0);
}

int main(void) {
#define segment_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      segment_test(equal_ones_arrive_one_by_one),
      segment_test(they_travel_as_one),
      segment_test(unequal_neighbours_arrive_one_by_one),
      segment_test(each_goes_to_its_peer),
      segment_test(pieces_of_one_datagram_stay_together),
      segment_test(queued_ones_are_called_back_in_order),
      segment_test(a_connected_one_and_ipv6_segment_too),
      segment_test(a_refused_peer_is_told_of_as_ever),
      segment_test(one_that_is_too_long_ends_the_row),
      segment_test(refused_segments_go_one_by_one),
      segment_test(what_was_refused_is_not_tried_again),
      segment_test(a_refusal_in_the_middle_loses_none),
      segment_test(a_full_socket_is_no_refusal),
      segment_test(without_segments_all_is_as_before),
      segment_test(longer_ones_than_the_network_takes_arrive),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
