/* UDP handles: init, open, bind and addresses. */
#include "support/allocator.h"
#include "support/full_table.h"
#include "support/loop_fixture.h"
#include "support/open_count.h"
#include "support/socket.h"
#include "support/wine.h"

#if !defined(_WIN32)
#include "support/child.h"
#endif

static uv_udp_t udps[3];
static struct sockaddr_storage name;
static struct sockaddr_in localhost;
static struct sockaddr_in6 localhost6;
static int descriptors_before;

static int group_setup(void** state) {
  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &localhost), 0);
  assert_int_equal(uv_ip6_addr("::1", 0, &localhost6), 0);
  return loop_setup(state) + loop_teardown(state);
}

static int setup(void** state) {
  descriptors_before = count_open();
  return loop_setup(state);
}

static int teardown(void** state) {
  loop_teardown(state);
  assert_int_equal(count_open(), descriptors_before);
  return 0;
}

/* The handle's socket; it must have one. */
static uv_os_sock_t fd_of(uv_udp_t* udp) {
  uv_os_fd_t fd;

  assert_int_equal(uv_fileno((uv_handle_t*) udp, &fd), 0);
  return (uv_os_sock_t) fd;
}

static bool has_socket(uv_udp_t* udp) {
  uv_os_fd_t fd;
  int err = uv_fileno((uv_handle_t*) udp, &fd);

  assert_true(err == 0 || err == UV_EBADF);
  return err == 0;
}

static void init(struct loop_fixture* f, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(uv_udp_init(&f->loop, &udps[i]), 0);
}

static int bind4(uv_udp_t* udp, unsigned int flags) {
  return uv_udp_bind(udp, (const struct sockaddr*) &localhost, flags);
}

static int bind6(uv_udp_t* udp, unsigned int flags) {
  return uv_udp_bind(udp, (const struct sockaddr*) &localhost6, flags);
}

static int sockname(uv_udp_t* udp, int* len) {
  memset(&name, 0, sizeof(name));
  *len = sizeof(name);
  return uv_udp_getsockname(udp, (struct sockaddr*) &name, len);
}

static int peername(uv_udp_t* udp, int* len) {
  memset(&name, 0, sizeof(name));
  *len = sizeof(name);
  return uv_udp_getpeername(udp, (struct sockaddr*) &name, len);
}

/* The IPv4 address that a handle is bound to. */
static struct sockaddr_in address_of(uv_udp_t* udp) {
  struct sockaddr_in address;
  int len;

  assert_int_equal(sockname(udp, &len), 0);
  assert_int_equal(len, sizeof(address));
  memcpy(&address, &name, sizeof(address));
  return address;
}

/* -- Init -------------------------------------------------------------------------------------- */

static void a_new_handle_has_no_socket(void** state) {
  struct loop_fixture* f = *state;
  char datum;
  int len;

  memset(&udps[0], 0xab, sizeof(udps[0]));
  udps[0].data = &datum;
  init(f, 1);
  assert_ptr_equal(udps[0].data, &datum);
  assert_ptr_equal(udps[0].loop, &f->loop);
  assert_int_equal(udps[0].type, UV_UDP);
  assert_int_equal(udps[0].send_queue_size, 0);
  assert_int_equal(udps[0].send_queue_count, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &udps[0]), 0);
  assert_false(has_socket(&udps[0]));
  assert_int_equal(sockname(&udps[0], &len), UV_EBADF);
  assert_int_equal(peername(&udps[0], &len), UV_EBADF);
}

#if defined(_WIN32)
enum { HAS_RECVMMSG = 0, REUSED_WHEN_OPENED = 0 };

/* There the system has no name for a socket that is not bound. */
static void assert_unbound(uv_udp_t* udp, int family) {
  WSAPROTOCOL_INFOW info;
  int len = sizeof(info);

  assert_int_equal(getsockopt(fd_of(udp), SOL_SOCKET, SO_PROTOCOL_INFOW, (void*) &info, &len), 0);
  assert_int_equal(info.iAddressFamily, family);
  assert_int_equal(sockname(udp, &len), UV_EINVAL);
}

static void assert_nonblocking(uv_udp_t* udp) {
  (void) udp; /* the system does not tell; receiving would show it */
}

/* UV_EFAULT, since the system sees that the address has the wrong size; Wine has other errors. */
static void assert_wrong_family(int err) {
  assert_true(err < 0);
}
#else
enum { HAS_RECVMMSG = 1, REUSED_WHEN_OPENED = 1 };

static void assert_unbound(uv_udp_t* udp, int family) {
  int len;

  assert_int_equal(sockname(udp, &len), 0);
  assert_int_equal(name.ss_family, family);
  assert_int_equal(((struct sockaddr_in*) &name)->sin_port, 0);
}

static void assert_nonblocking(uv_udp_t* udp) {
  assert_true(socket_is_nonblocking(fd_of(udp)));
}

static void assert_wrong_family(int err) {
  assert_int_equal(err, UV_EINVAL);
}
#endif

static void a_family_makes_the_socket_at_once(void** state) {
  const int families[] = {AF_INET, AF_INET6};
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_udp_init_ex(&f->loop, &udps[i], (unsigned int) families[i]), 0);
    assert_false(socket_is_inherited(fd_of(&udps[i])));
    assert_nonblocking(&udps[i]);
    assert_int_equal(socket_option(fd_of(&udps[i]), SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    assert_unbound(&udps[i], families[i]);
  }
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[2], AF_UNSPEC), 0);
  assert_false(has_socket(&udps[2]));
}

static void unknown_families_and_flags_are_refused(void** state) {
  const unsigned int bad[] = {47, AF_UNIX, 255, 1024, AF_INET | 512, AF_INET | 1u << 31};
  struct loop_fixture* f = *state;

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(uv_udp_init_ex(&f->loop, &udps[0], bad[i]), UV_EINVAL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&f->loop), 0); /* none is linked */
  assert_int_equal(uv_loop_init(&f->loop), 0);
}

#if !defined(_WIN32) /* which sets no limit to the number of sockets */
static bool is_linked(struct loop_fixture* f) {
  return uv_loop_close(&f->loop) == UV_EBUSY;
}

static void without_descriptors_the_handle_is_not_of_the_loop(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);

  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[0], AF_INET), UV_EMFILE);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(bind4(&udps[1], 0), UV_EMFILE);
  unlimit_descriptors(&before);
  assert_true(is_linked(f));
  uv_close((uv_handle_t*) &udps[1], NULL);
  turn(f);
  assert_false(is_linked(f));
  assert_int_equal(uv_loop_init(&f->loop), 0);
}

#endif

static void recvmmsg_is_used_if_asked_for(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  assert_int_equal(uv_udp_using_recvmmsg(&udps[0]), 0);
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[1], UV_UDP_RECVMMSG), 0);
  assert_int_equal(uv_udp_using_recvmmsg(&udps[1]), HAS_RECVMMSG);
  assert_false(has_socket(&udps[1]));
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[2], AF_INET | UV_UDP_RECVMMSG), 0);
  assert_int_equal(uv_udp_using_recvmmsg(&udps[2]), HAS_RECVMMSG);
  assert_true(has_socket(&udps[2]));
}

/* -- Bind -------------------------------------------------------------------------------------- */

static void a_bound_handle_knows_its_address(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  int len;

  init(f, 2);
  assert_int_equal(bind4(&udps[0], 0), 0);
  address = address_of(&udps[0]);
  assert_int_equal(address.sin_family, AF_INET);
  assert_int_equal(address.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  assert_int_not_equal(address.sin_port, 0);
  assert_int_equal(peername(&udps[0], &len), UV_ENOTCONN);
  assert_int_equal(uv_is_active((uv_handle_t*) &udps[0]), 0);

  assert_int_equal(bind6(&udps[1], UV_UDP_IPV6ONLY), 0);
  assert_int_equal(sockname(&udps[1], &len), 0);
  assert_int_equal(len, sizeof(struct sockaddr_in6));
  assert_int_equal(name.ss_family, AF_INET6);
  /* Of one byte on some systems. */
  assert_int_equal(socket_option(fd_of(&udps[1]), IPPROTO_IPV6, IPV6_V6ONLY) & 1, 1);
}

#if !defined(_WIN32) /* which refuses */
static void a_short_room_gets_what_fits_and_the_true_length(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  int len = 4;

  init(f, 1);
  assert_int_equal(bind4(&udps[0], 0), 0);
  memset(&name, 0, sizeof(name));
  assert_int_equal(uv_udp_getsockname(&udps[0], (struct sockaddr*) &name, &len), 0);
  assert_int_equal(len, sizeof(address));
  memcpy(&address, &name, sizeof(address));
  assert_int_not_equal(address.sin_port, 0);
  assert_int_equal(address.sin_addr.s_addr, 0);
}

#endif

static void bad_addresses_and_flags_are_refused(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_storage other = {.ss_family = AF_UNIX};

  init(f, 3);
  assert_int_equal(uv_udp_bind(&udps[0], (struct sockaddr*) &other, 0), UV_EINVAL);
  other.ss_family = AF_UNSPEC;
  assert_int_equal(uv_udp_bind(&udps[0], (struct sockaddr*) &other, 0), UV_EINVAL);
  assert_int_equal(bind4(&udps[0], UV_UDP_PARTIAL), UV_EINVAL);
  assert_int_equal(bind4(&udps[0], 1u << 20), UV_EINVAL);
  assert_false(has_socket(&udps[0]));
  assert_int_equal(bind4(&udps[0], UV_UDP_IPV6ONLY), UV_EINVAL);

  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[1], AF_INET), 0);
  assert_wrong_family(bind6(&udps[1], 0));
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[2], AF_INET6), 0);
  assert_wrong_family(bind4(&udps[2], 0));
}

static void a_handle_is_bound_once(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  assert_int_equal(bind4(&udps[0], 0), 0);
  assert_int_equal(bind4(&udps[0], 0), UV_EINVAL);
}

static void an_address_that_cannot_be_had_is_told_at_once(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  struct sockaddr_in foreign;

  init(f, 3);
  assert_int_equal(bind4(&udps[0], 0), 0);
  address = address_of(&udps[0]);
  assert_int_equal(uv_udp_bind(&udps[1], (struct sockaddr*) &address, 0), UV_EADDRINUSE);
  assert_true(has_socket(&udps[1])); /* the socket stays */
  assert_int_equal(bind4(&udps[1], 0), 0);
  assert_int_equal(uv_ip4_addr("192.0.2.1", 0, &foreign), 0); /* for documentation, RFC 5737 */
  if (!is_wine()) /* which binds to any address instead */
    assert_int_equal(uv_udp_bind(&udps[2], (struct sockaddr*) &foreign, 0), UV_EADDRNOTAVAIL);
}

#if !defined(_WIN32)
enum { PRIVILEGED_PORT = 1 };

static int bind_privileged_port(void) {
  struct sockaddr_in address = localhost;
  FILE* file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
  int first = 0;
  int found = file != NULL ? fscanf(file, "%d", &first) : 0;

  if (found != 1 || first <= PRIVILEGED_PORT || become_nobody() != 0)
    return CHILD_CANNOT;
  address.sin_port = htons(PRIVILEGED_PORT);
  return uv_udp_bind(&udps[0], (struct sockaddr*) &address, 0);
}

static void a_privileged_port_takes_privilege(void** state) {
  init(*state, 1);
  assert_child(bind_privileged_port, UV_EACCES);
}
#endif

/* Two handles bind one address with the flag. */
static void check_sharing(struct loop_fixture* f, unsigned int flag) {
  struct sockaddr_in address;

  init(f, 3);
  assert_int_equal(bind4(&udps[0], flag), 0);
  address = address_of(&udps[0]);
  assert_int_equal(uv_udp_bind(&udps[1], (struct sockaddr*) &address, flag), 0);
  assert_int_equal(uv_udp_bind(&udps[2], (struct sockaddr*) &address, 0), UV_EADDRINUSE);
}

static void reuseaddr_shares_an_address(void** state) {
  check_sharing(*state, UV_UDP_REUSEADDR);
}

#if !defined(_WIN32)
static void recverr_is_set_for_the_family(void** state) {
  struct loop_fixture* f = *state;

  init(f, 2);
  assert_int_equal(bind4(&udps[0], UV_UDP_LINUX_RECVERR), 0);
  assert_int_equal(socket_option(fd_of(&udps[0]), IPPROTO_IP, IP_RECVERR), 1);
  assert_int_equal(bind6(&udps[1], UV_UDP_LINUX_RECVERR), 0);
  assert_int_equal(socket_option(fd_of(&udps[1]), IPPROTO_IPV6, IPV6_RECVERR), 1);
}
#endif

/* -- Open -------------------------------------------------------------------------------------- */

static void an_opened_socket_goes_with_the_handle(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_DGRAM);

  init(f, 1);
  assert_int_equal(uv_udp_open(&udps[0], fd), 0);
  assert_int_equal(fd_of(&udps[0]), fd);
  assert_nonblocking(&udps[0]);
  assert_int_equal(socket_option(fd, SOL_SOCKET, SO_REUSEADDR), REUSED_WHEN_OPENED);
  assert_int_equal(bind4(&udps[0], 0), 0);
  uv_close((uv_handle_t*) &udps[0], NULL);
  assert_false(socket_is_open(fd));
  assert_false(has_socket(&udps[0]));
}

static void bound_and_connected_sockets_are_taken_as_they_are(void** state) {
  enum { CONNECTED = 0x2000000 };
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_DGRAM);
  int len;

  init(f, 2);
  assert_int_equal(bind4(&udps[1], 0), 0);
  address = address_of(&udps[1]);
  assert_int_equal(connect(fd, (struct sockaddr*) &address, sizeof(address)), 0);
  assert_int_equal(uv_udp_open(&udps[0], fd), 0);
  assert_int_equal(peername(&udps[0], &len), 0);
  assert_int_equal(len, sizeof(address));
  assert_memory_equal(&name, &address, sizeof(address));
  assert_true((udps[0].flags & CONNECTED) != 0);
  assert_true((udps[1].flags & CONNECTED) == 0);
}

#if !defined(_WIN32) /* where loops do not know their sockets by number */
static void poll_never(uv_poll_t* poll, int status, int events) {
  (void) poll;
  fail_msg("poll callback with %d, %d", status, events);
}

static void a_socket_that_is_refused_stays_the_callers(void** state) {
  static uv_poll_t poll;
  struct loop_fixture* f = *state;
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_DGRAM);
  uv_os_sock_t other = new_socket(AF_INET, SOCK_DGRAM);

  init(f, 3);
  assert_int_equal(uv_poll_init(&f->loop, &poll, fd), 0);
  assert_int_equal(uv_poll_start(&poll, UV_READABLE, poll_never), 0);
  assert_int_equal(uv_udp_open(&udps[0], fd), UV_EEXIST);
  uv_poll_stop(&poll);
  assert_int_equal(uv_udp_open(&udps[0], fd), 0);
  assert_int_equal(uv_udp_open(&udps[0], other), UV_EBUSY);
  assert_int_equal(bind4(&udps[1], 0), 0);
  assert_int_equal(uv_udp_open(&udps[1], other), UV_EBUSY);
  assert_int_equal(fd_of(&udps[0]), fd);
  close_socket(other);
  assert_int_equal(uv_udp_open(&udps[2], other), UV_EBADF);
  assert_int_equal(uv_udp_open(&udps[2], -1), UV_EBADF);
  assert_false(has_socket(&udps[2]));
}

#endif

#if defined(RONDO_VERSION)
#if !defined(_WIN32) /* where nothing balances: test_win_udp */
static void open_sets_the_options_that_its_flags_name(void** state) {
  const unsigned int flags[] = {0, UV_UDP_REUSEADDR, UV_UDP_REUSEPORT,
                                UV_UDP_REUSEADDR | UV_UDP_REUSEPORT};
  struct loop_fixture* f = *state;

  for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
    uv_os_sock_t fd = new_socket(AF_INET, SOCK_DGRAM);
    init(f, 1);
    assert_int_equal(uv_udp_open_ex(&udps[0], fd, flags[i]), 0);
    assert_int_equal(socket_option(fd, SOL_SOCKET, SO_REUSEADDR),
                     (flags[i] & UV_UDP_REUSEADDR) != 0);
    assert_int_equal(socket_option(fd, SOL_SOCKET, SO_REUSEPORT),
                     (flags[i] & UV_UDP_REUSEPORT) != 0);
    uv_close((uv_handle_t*) &udps[0], NULL);
    turn(f);
  }
}

#endif

static void open_refuses_other_flags_first_of_all(void** state) {
  struct loop_fixture* f = *state;

  init(f, 1);
  assert_int_equal(bind4(&udps[0], 0), 0);
  assert_int_equal(uv_udp_open_ex(&udps[0], NO_SOCKET, UV_UDP_IPV6ONLY), UV_EINVAL);
  assert_int_equal(uv_udp_open_ex(&udps[0], NO_SOCKET, UV_UDP_REUSEADDR | 1u << 31), UV_EINVAL);
  assert_int_equal(uv_udp_open_ex(&udps[0], NO_SOCKET, 0), UV_EBUSY);
}

static void a_closing_handle_gets_no_socket(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_DGRAM);
  int len;

  init(f, 2);
  assert_int_equal(bind4(&udps[1], 0), 0);
  for (int i = 0; i < 2; i++)
    uv_close((uv_handle_t*) &udps[i], NULL);
  assert_int_equal(uv_udp_open(&udps[0], fd), UV_EINVAL);
  assert_int_equal(bind4(&udps[0], 0), UV_EINVAL);
  assert_int_equal(sockname(&udps[1], &len), UV_EBADF);
  assert_int_equal(peername(&udps[1], &len), UV_EBADF);
  close_socket(fd);
}

#if !defined(_WIN32)
static void reuseport_shares_an_address(void** state) {
  check_sharing(*state, UV_UDP_REUSEPORT);
}

static void without_memory_nothing_is_kept(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t fd;
  int results[3];

  fill_table(&f->loop);
  fd = new_socket(AF_INET, SOCK_DGRAM);
  init(f, 2);
  test_allocator_install(1, true);
  results[0] = uv_udp_open(&udps[0], fd);
  results[1] = bind4(&udps[1], 0);
  results[2] = uv_udp_init_ex(&f->loop, &udps[2], AF_INET);
  test_allocator_remove();
  for (int i = 0; i < 3; i++)
    assert_int_equal(results[i], UV_ENOMEM);
  assert_false(has_socket(&udps[0]));
  assert_false(has_socket(&udps[1]));
  assert_int_equal(uv_udp_open(&udps[0], fd), 0);
  assert_int_equal(bind4(&udps[1], 0), 0);
  empty_table();
}
#endif
#endif

#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    udp_test(a_new_handle_has_no_socket),
    udp_test(a_family_makes_the_socket_at_once),
    udp_test(unknown_families_and_flags_are_refused),
    udp_test(recvmmsg_is_used_if_asked_for),
    udp_test(a_bound_handle_knows_its_address),
    udp_test(bad_addresses_and_flags_are_refused),
    udp_test(a_handle_is_bound_once),
    udp_test(an_address_that_cannot_be_had_is_told_at_once),
    udp_test(reuseaddr_shares_an_address),
    udp_test(an_opened_socket_goes_with_the_handle),
    udp_test(bound_and_connected_sockets_are_taken_as_they_are),
#if !defined(_WIN32)
    udp_test(without_descriptors_the_handle_is_not_of_the_loop),
    udp_test(a_short_room_gets_what_fits_and_the_true_length),
    udp_test(a_privileged_port_takes_privilege),
    udp_test(recverr_is_set_for_the_family),
    udp_test(a_socket_that_is_refused_stays_the_callers),
#endif
#if defined(RONDO_VERSION)
    udp_test(open_refuses_other_flags_first_of_all),
    udp_test(a_closing_handle_gets_no_socket),
#endif
#if defined(RONDO_VERSION) && !defined(_WIN32)
    udp_test(open_sets_the_options_that_its_flags_name),
    udp_test(reuseport_shares_an_address),
    udp_test(without_memory_nothing_is_kept),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
