/* TCP handles: sockets, addresses, listening. Connecting is in test_tcp_connect.c, options and
 * resets in test_tcp_options.c, and what all streams do in test_stream.c. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/full_table.h"
#include "support/peer.h"
#include "support/tcp_handles.h"

/* -- Init -------------------------------------------------------------------------------------- */

static void init_sets_everything_but_data_and_makes_no_socket(void** state) {
  struct loop_fixture* f = *state;

  memset(&client, 0xAA, sizeof(client));
  client.data = f;
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_ptr_equal(client.data, f);
  assert_ptr_equal(client.loop, &f->loop);
  assert_int_equal(client.type, UV_TCP);
  assert_int_equal(client.write_queue_size, 0);
  assert_false(uv_is_active((uv_handle_t*) &client));
  assert_false(uv_is_closing((uv_handle_t*) &client));
  assert_true(uv_has_ref((uv_handle_t*) &client));
  assert_int_equal(uv_is_readable((uv_stream_t*) &client), 0);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 0);
  assert_no_socket(&client);
}

#if defined(_WIN32)

/* A socket that is not bound has no name. */
static int family_of(const uv_tcp_t* tcp) {
  WSAPROTOCOL_INFOW info;
  int len = sizeof(info);

  assert_int_equal(getsockopt(fd_of(tcp), SOL_SOCKET, SO_PROTOCOL_INFOW, (char*) &info, &len), 0);
  return info.iAddressFamily;
}

/* Not inherited; a socket that is not connected does not tell whether it blocks. */
static void assert_settings(const uv_tcp_t* tcp) {
  assert_false(socket_is_inherited(fd_of(tcp)));
}

/* What others may do with the address of a bound socket. */
enum { REUSES_ADDRESSES = 0 };

#else

static int family_of(const uv_tcp_t* tcp) {
  return name_of(tcp).any.sa_family;
}

static void assert_settings(const uv_tcp_t* tcp) {
  assert_true(is_nonblocking(fd_of(tcp)));
  assert_true(is_cloexec(fd_of(tcp)));
}

enum { REUSES_ADDRESSES = 1 };

#endif

static void init_ex_makes_the_socket_at_once(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &server, AF_INET), 0);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET6), 0);
  assert_int_equal(family_of(&server), AF_INET);
  assert_int_equal(family_of(&client), AF_INET6);
  assert_settings(&client);
  assert_int_equal(uv_is_readable((uv_stream_t*) &client), 0);
}

static void init_ex_without_a_family_makes_no_socket(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_UNSPEC), 0);
  assert_no_socket(&client);
}

/* The teardown's uv_loop_close() shows that a failed init leaves nothing linked. */
static void init_ex_refuses_what_is_no_ip_family(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_UNIX), UV_EINVAL);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, 47), UV_EINVAL);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, 1024), UV_EINVAL);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, 1024 | AF_INET), UV_EINVAL);
}

/* -- Open -------------------------------------------------------------------------------------- */

static void open_takes_a_connected_socket_over(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_true(socket_is_nonblocking(fd_of(&client)));
  assert_int_equal(uv_is_readable((uv_stream_t*) &client), 1);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 1);
  union address far_name = name_of_socket(other);
  union address peer;
  int len = sizeof(peer);
  assert_int_equal(uv_tcp_getpeername(&client, &peer.any, &len), 0);
  assert_same_address(&peer, &far_name);

  uv_os_sock_t fd = fd_of(&client);
  uv_close((uv_handle_t*) &client, NULL);
  assert_false(socket_is_open(fd));
  assert_true(is_ended(other));
  close_socket(other);
}

static void open_keeps_a_bound_socket_bound(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_open(&server, listener), 0);
  union address name = name_of(&server);
  assert_same_address(&name, &at);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, accept_and_close), 0);
  uv_os_sock_t raw = make_connection(&at);
  run(f);
  assert_string_equal(f->log, "a");
  close_socket(raw);
}

/* Its own socket is no other handle's on Windows, which does not look at readiness. */
#if defined(_WIN32)
enum { OPEN_OWN = 0 };
#else
enum { OPEN_OWN = UV_EEXIST };
#endif

static void open_of_a_watched_descriptor_is_eexist(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_tcp_init(&f->loop, &accepted), 0);
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  assert_int_equal(uv_tcp_open(&accepted, fd_of(&client)), UV_EEXIST);
  assert_no_socket(&accepted);
  assert_int_equal(uv_tcp_open(&client, fd_of(&client)), OPEN_OWN);
  close_socket(other);
}

static void open_of_a_second_socket_is_ebusy(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);
  uv_os_sock_t kept = fd_of(&client);

  assert_int_equal(uv_tcp_open(&client, other), UV_EBUSY);
  assert_int_equal(fd_of(&client), kept);
  assert_true(socket_is_open(other));
  assert_int_equal(uv_tcp_open(&client, kept), 0);
  close_socket(other);
}

#if defined(_WIN32)
static void open_no_socket(uv_os_sock_t number) {
  assert_int_equal(uv_tcp_open(&client, number), UV_ENOTSOCK);
}
#else
static void open_no_socket(uv_os_sock_t number) {
  assert_int_equal(uv_tcp_open(&client, number), UV_EBADF);
}
#endif

static void open_of_a_closed_socket_is_refused(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_STREAM);
  close_socket(fd);
  open_no_socket(fd);
  open_no_socket(NO_SOCKET);
  assert_no_socket(&client);
  assert_int_equal(uv_is_readable((uv_stream_t*) &client), 0);
}

static void open_on_a_closing_handle_leaves_the_socket_alone(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t pair[2];

  make_tcp_pair(pair);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(uv_tcp_open(&client, pair[0]), UV_EINVAL);
  run(f);
  assert_true(socket_is_open(pair[0]));
  close_socket(pair[0]);
  close_socket(pair[1]);
}

/* -- Bind -------------------------------------------------------------------------------------- */

static void bind_gives_a_free_port(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&server, address4("127.0.0.1", 0));
  bind_to(&client, address6("::1", 0));
  union address name4 = name_of(&server);
  union address name6 = name_of(&client);
  assert_int_not_equal(port_of_address(&name4), 0);
  assert_int_equal(name6.any.sa_family, AF_INET6);
  assert_int_not_equal(port_of_address(&name6), 0);
  assert_int_equal(server.flags & (FLAG_BOUND | FLAG_IPV6), FLAG_BOUND);
  assert_int_equal(client.flags & (FLAG_BOUND | FLAG_IPV6), FLAG_BOUND | FLAG_IPV6);
  assert_settings(&server);
  assert_int_equal(socket_option(fd_of(&server), SOL_SOCKET, SO_REUSEADDR), REUSES_ADDRESSES);
  assert_int_equal(uv_is_readable((uv_stream_t*) &server), 0);
}

static void bind_refuses_what_makes_no_sense(void** state) {
  struct loop_fixture* f = *state;
  union address v4 = address4("127.0.0.1", 0);
  union address other = v4;
  uv_pipe_t pipe;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  other.any.sa_family = AF_UNIX;
  assert_int_equal(uv_tcp_bind(&server, &other.any, 0), UV_EINVAL);
  other.any.sa_family = 47;
  assert_int_equal(uv_tcp_bind(&server, &other.any, 0), UV_EINVAL);
  assert_int_equal(uv_tcp_bind(&server, &v4.any, UV_TCP_IPV6ONLY), UV_EINVAL);
  pipe.type = UV_NAMED_PIPE;
  pipe.flags = 0;
  assert_int_equal(uv_tcp_bind((uv_tcp_t*) (void*) &pipe, &v4.any, 0), UV_EINVAL);
  uv_close((uv_handle_t*) &server, NULL);
  assert_int_equal(uv_tcp_bind(&server, &v4.any, 0), UV_EINVAL);
}

static void unknown_bind_flags_are_ignored(void** state) {
  struct loop_fixture* f = *state;
  union address v4 = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_bind(&server, &v4.any, 0x100), 0);
}

static void a_second_bind_is_refused(void** state) {
  struct loop_fixture* f = *state;
  union address v4 = address4("127.0.0.1", 0);
  union address v6 = address6("::1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_bind(&server, &v4.any, 0), 0);
  union address before = name_of(&server);
  assert_int_equal(uv_tcp_bind(&server, &v4.any, 0), UV_EINVAL);
  union address after = name_of(&server);
  assert_same_address(&before, &after);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_bind(&client, &v6.any, 0), 0);
  assert_int_equal(uv_tcp_bind(&client, &v6.any, 0), UV_EINVAL);
}

#if defined(_WIN32)
enum { OTHER_FAMILY = UV_EFAULT };
#else
enum { OTHER_FAMILY = UV_EINVAL };
#endif

static void bind_refuses_the_socket_of_another_family(void** state) {
  struct loop_fixture* f = *state;
  union address v4 = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET6), 0);
  assert_int_equal(uv_tcp_bind(&client, &v4.any, 0), OTHER_FAMILY);
}

static void bind_refuses_ipv6_for_an_ipv4_socket(void** state) {
  struct loop_fixture* f = *state;
  union address v6 = address6("::1", 0);

  assert_int_equal(uv_tcp_init_ex(&f->loop, &server, AF_INET), 0);
  assert_int_equal(uv_tcp_bind(&server, &v6.any, 0), OTHER_FAMILY);
}

static void a_foreign_address_is_refused_and_another_one_can_follow(void** state) {
  struct loop_fixture* f = *state;
  union address foreign = address4("192.0.2.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_bind(&server, &foreign.any, 0), UV_EADDRNOTAVAIL);
  assert_int_equal(server.flags & FLAG_BOUND, 0);
  bind_to(&server, address4("127.0.0.1", 0));
}

static void a_taken_address_is_told_by_listen_again_and_again(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  union address name;
  int len = sizeof(name);
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  bind_to(&server, at);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), UV_EADDRINUSE);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), UV_EADDRINUSE);
  assert_int_equal(uv_tcp_getsockname(&server, &name.any, &len), UV_EADDRINUSE);
  assert_int_equal(uv_tcp_getpeername(&server, &name.any, &len), UV_EADDRINUSE);
  assert_int_equal(uv_is_active((uv_handle_t*) &server), 0);

  /* A bind that works makes it good. */
  bind_to(&server, address4("127.0.0.1", 0));
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), 0);
  close_socket(listener);
}

static void a_taken_address_is_told_once_to_the_connect_callback(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, at);
  assert_int_equal(connect_client(&at), 0);
  assert_string_equal(f->log, "");
  run(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(connect_status, UV_EADDRINUSE);

  assert_int_equal(connect_client(&at), 0);
  run(f);
  assert_string_equal(f->log, "cc");
  assert_int_equal(connect_status, 0);
  close_socket(listener);
}

static void two_binds_of_one_port_meet_at_listen(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&server, address4("127.0.0.1", 0));
  bind_to(&client, name_of(&server));
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &client, 5, on_connection), UV_EADDRINUSE);
  assert_int_equal(uv_is_active((uv_handle_t*) &client), 0);
}

static void ipv6only_decides_whether_ipv4_clients_get_through(void** state) {
  struct loop_fixture* f = *state;
  union address any6 = address6("::", 0);

  for (unsigned int only = 0; only <= 1; only++) {
    assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
    assert_int_equal(uv_tcp_bind(&server, &any6.any, only ? UV_TCP_IPV6ONLY : 0), 0);
    assert_int_equal(socket_option(fd_of(&server), IPPROTO_IPV6, IPV6_V6ONLY), only);
    assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), 0);
    union address name = name_of(&server);
    union address to = address4("127.0.0.1", port_of_address(&name));
    uv_os_sock_t fd = new_socket(AF_INET, SOCK_STREAM);
    assert_int_equal(connect(fd, &to.any, sizeof(to.v4)), only ? -1 : 0);
    close_socket(fd);
    uv_close((uv_handle_t*) &server, NULL);
    run(f);
  }
}

/* -- Listen and accept ------------------------------------------------------------------------- */

static void listen_binds_what_is_not_bound(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, NULL), 0);
  union address name = name_of(&server);
  assert_int_equal(name.any.sa_family, AF_INET);
  assert_int_equal(name.v4.sin_addr.s_addr, INADDR_ANY);
  assert_int_not_equal(port_of_address(&name), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &server), 1);
}

#if defined(_WIN32)
enum { LISTEN_CONNECTED = UV_EISCONN };
#else
enum { LISTEN_CONNECTED = UV_EINVAL };
#endif

static void listen_refuses_closing_and_connected_handles(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);

  assert_int_equal(uv_listen((uv_stream_t*) &client, 5, on_connection), LISTEN_CONNECTED);
  assert_int_equal(uv_is_active((uv_handle_t*) &client), 0);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 1);
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(uv_listen((uv_stream_t*) &client, 5, on_connection), UV_EINVAL);
  close_socket(other);
}

static void listen_is_refused_while_connecting(void** state) {
  struct loop_fixture* f = *state;
  union address refusing = refusing_address();

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&refusing), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &client, 5, on_connection), UV_EINVAL);
  run(f);
  assert_string_equal(f->log, "c");
}

static void a_backlog_of_0_still_serves(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  bind_to(&server, address4("127.0.0.1", 0));
  assert_int_equal(uv_listen((uv_stream_t*) &server, 0, accept_and_close), 0);
  union address at = name_of(&server);
  uv_os_sock_t raw = make_connection(&at);
  run(f);
  assert_string_equal(f->log, "a");
  close_socket(raw);
}

static void an_accepted_connection_is_ready_for_use(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f, accept_and_close);
  uv_os_sock_t raw = make_connection(&at);

  run(f);
  assert_string_equal(f->log, "a");
  assert_int_equal(uv_is_readable((uv_stream_t*) &accepted), 1);
  assert_int_equal(uv_is_writable((uv_stream_t*) &accepted), 1);
  assert_int_equal(uv_is_active((uv_handle_t*) &accepted), 0);
  assert_int_equal(accepted.flags & FLAG_BOUND, FLAG_BOUND);
  assert_true(socket_is_nonblocking(fd_of(&accepted)));
  assert_false(socket_is_inherited(fd_of(&accepted)));
  union address mine = name_of_socket(raw);
  union address peer;
  int len = sizeof(peer);
  assert_int_equal(uv_tcp_getpeername(&accepted, &peer.any, &len), 0);
  assert_same_address(&peer, &mine);
  close_socket(raw);
}

/* -- Names ------------------------------------------------------------------------------------- */

static void names_need_a_socket(void** state) {
  struct loop_fixture* f = *state;
  union address name;
  int len = sizeof(name);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_getsockname(&client, &name.any, &len), UV_EBADF);
  assert_int_equal(uv_tcp_getpeername(&client, &name.any, &len), UV_EBADF);
  bind_to(&client, address4("127.0.0.1", 0));
  assert_int_equal(uv_tcp_getpeername(&client, &name.any, &len), UV_ENOTCONN);
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(uv_tcp_getsockname(&client, &name.any, &len), UV_EBADF);
  assert_int_equal(uv_tcp_getpeername(&client, &name.any, &len), UV_EBADF);
  assert_int_equal(len, sizeof(name));
}

static void a_name_that_does_not_fit_is_cut(void** state) {
  struct loop_fixture* f = *state;
  union address name;
  int len = 4;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, address4("127.0.0.1", 0));
  memset(&name, 0x55, sizeof(name));
  assert_int_equal(uv_tcp_getsockname(&client, &name.any, &len), 0);
  assert_int_equal(len, sizeof(name.v4));
  assert_int_equal(name.v4.sin_family, AF_INET);
  assert_int_equal(name.v4.sin_addr.s_addr, 0x55555555);
}

/* -- Out of memory ----------------------------------------------------------------------------- */

static int try_listen(uv_loop_t* loop) {
  (void) loop;
  return uv_listen((uv_stream_t*) &client, 1, on_connection);
}

/* Fails each allocation of a call in turn, until it gets through. */
static void survives_want_of_memory(int (*call)(uv_loop_t* loop)) {
  bool failed = false;

  for (long nth = 1;; nth++) {
    struct loop_fixture f = {.log = ""};
    assert_int_equal(uv_loop_init(&f.loop), 0);
    f.loop.data = &f;
    assert_int_equal(uv_tcp_init(&f.loop, &client), 0);
    fill_table(&f.loop);
    int before = count_descriptors();
    unsigned int flags = client.flags;

    test_allocator_install(nth, false);
    int err = call(&f.loop);
    if (err != 0) {
      failed = true;
      assert_int_equal(err, UV_ENOMEM);
      assert_int_equal(count_descriptors(), before);
      assert_int_equal(client.flags, flags);
      assert_no_socket(&client);
      assert_int_equal(uv_loop_alive(&f.loop), 0);
      assert_int_equal(call(&f.loop), 0);
    }
    uv_close((uv_handle_t*) &client, NULL);
    uv_run(&f.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f.loop), 0);
    test_allocator_remove();
    empty_table();
    if (err == 0)
      break;
  }
  assert_true(failed);
}

/* -- On one platform only -----------------------------------------------------------------------
 */

#if defined(_WIN32)

static void listen_survives_want_of_memory(void** state) {
  (void) state;
  survives_want_of_memory(try_listen);
}

static void windows_does_not_share_ports(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_bind(&server, &at.any, UV_TCP_REUSEPORT), UV_ENOTSUP);
  assert_no_socket(&server);
}

/* A socket without an address has no name there. */
static void an_unbound_socket_has_no_name(void** state) {
  struct loop_fixture* f = *state;
  union address name;
  int len = sizeof(name);

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(uv_tcp_getsockname(&client, &name.any, &len), UV_EINVAL);
}

#define TESTS_OF_PLATFORM \
  loop_test(listen_survives_want_of_memory), loop_test(windows_does_not_share_ports), \
      loop_test(an_unbound_socket_has_no_name)

#else

static void init_ex_without_descriptors_leaves_nothing(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);

  int err = uv_tcp_init_ex(&f->loop, &client, AF_INET);
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
}

static void bind_without_descriptors_fails(void** state) {
  struct loop_fixture* f = *state;
  union address v4 = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  struct rlimit before = limit_descriptors(0);
  int err = uv_tcp_bind(&server, &v4.any, 0);
  int listen_err = uv_listen((uv_stream_t*) &server, 1, on_connection);
  int connect_err = uv_tcp_connect(&connect_req, &server, &v4.any, on_connect);
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(listen_err, UV_EMFILE);
  assert_int_equal(connect_err, UV_EMFILE);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  bind_to(&server, v4);
}

/* What BIND does: one handle binds, a second one is opened on the same socket and gets the first
 * one's flags. */
static void copied_flags_make_a_handle_bound(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, address6("::1", 0));
  union address at = name_of(&client);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_open(&server, dup(fd_of(&client))), 0);
  server.flags = client.flags;
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, accept_and_close), 0);
  uv_os_sock_t raw = make_connection(&at);
  run(f);
  assert_string_equal(f->log, "a");
  close_socket(raw);
}

/* -- Port sharing ------------------------------------------------------------------------------ */

#if UV_VERSION_HEX >= 0x013100

enum { SHARERS = 2, SHARED_CLIENTS = 64 };

static void take_connection(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(stream->loop, &accepted), 0);
  assert_int_equal(uv_accept(stream, (uv_stream_t*) &accepted), 0);
  uv_close((uv_handle_t*) &accepted, NULL);
  ++*(int*) stream->data;
}

static void reuseport_spreads_connections_over_loops(void** state) {
  struct loop_fixture* f = *state;
  uv_loop_t second;
  uv_loop_t* loops[SHARERS] = {&f->loop, &second};
  uv_tcp_t servers[SHARERS];
  int counts[SHARERS] = {0};
  union address at = address4("127.0.0.1", 0);
  uv_os_sock_t fds[SHARED_CLIENTS];

  assert_int_equal(uv_loop_init(&second), 0);
  for (int i = 0; i < SHARERS; i++) {
    assert_int_equal(uv_tcp_init(loops[i], &servers[i]), 0);
    servers[i].data = &counts[i];
    assert_int_equal(uv_tcp_bind(&servers[i], &at.any, UV_TCP_REUSEPORT), 0);
    assert_int_equal(uv_listen((uv_stream_t*) &servers[i], 128, take_connection), 0);
    at = name_of(&servers[i]);
  }
  for (int i = 0; i < SHARED_CLIENTS; i++)
    fds[i] = make_connection(&at);
  for (int turns = 0; turns < 1000 && counts[0] + counts[1] < SHARED_CLIENTS; turns++)
    for (int i = 0; i < SHARERS; i++)
      uv_run(loops[i], UV_RUN_NOWAIT);
  assert_int_equal(counts[0] + counts[1], SHARED_CLIENTS);
  assert_true(counts[0] > 0);
  assert_true(counts[1] > 0);

  for (int i = 0; i < SHARED_CLIENTS; i++)
    close_socket(fds[i]);
  for (int i = 0; i < SHARERS; i++) {
    uv_close((uv_handle_t*) &servers[i], NULL);
    uv_run(loops[i], UV_RUN_DEFAULT);
  }
  assert_int_equal(uv_loop_close(&second), 0);
}

static void a_port_shared_by_one_is_not_for_others(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_bind(&server, &at.any, UV_TCP_REUSEPORT), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 5, on_connection), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, name_of(&server));
  assert_int_equal(uv_listen((uv_stream_t*) &client, 5, on_connection), UV_EADDRINUSE);
}

#else
#define reuseport_spreads_connections_over_loops skipped_on_older_peer
#define a_port_shared_by_one_is_not_for_others skipped_on_older_peer
#endif

static int try_init_ex(uv_loop_t* loop) {
  int err = uv_tcp_init_ex(loop, &server, AF_INET);

  if (err == 0)
    uv_close((uv_handle_t*) &server, NULL);
  return err;
}

static int try_bind(uv_loop_t* loop) {
  union address v4 = address4("127.0.0.1", 0);

  (void) loop;
  return uv_tcp_bind(&client, &v4.any, 0);
}

static int try_connect(uv_loop_t* loop) {
  union address refusing = refusing_address();

  (void) loop;
  return connect_client(&refusing);
}

static int try_open(uv_loop_t* loop) {
  uv_os_sock_t fd = new_socket(AF_INET, SOCK_STREAM);
  int err = uv_tcp_open(&client, fd);

  (void) loop;
  if (err != 0)
    close_socket(fd);
  return err;
}

static void every_call_survives_want_of_memory(void** state) {
  (void) state;
  survives_want_of_memory(try_init_ex);
  survives_want_of_memory(try_bind);
  survives_want_of_memory(try_listen);
  survives_want_of_memory(try_connect);
  survives_want_of_memory(try_open);
}

static void retry_accept(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(stream->loop, &accepted), 0);
  test_allocator_install(1, true);
  int err = uv_accept(stream, (uv_stream_t*) &accepted);
  test_allocator_remove();
  assert_int_equal(err, UV_ENOMEM);
  assert_no_socket(&accepted);
  assert_int_equal(uv_accept(stream, (uv_stream_t*) &accepted), 0);
  test_log(stream->loop, 'a');
  uv_close((uv_handle_t*) stream, NULL);
}

static void a_connection_waits_for_memory(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f, retry_accept);

  fill_table(&f->loop);
  uv_os_sock_t raw = make_connection(&at);
  run(f);
  assert_string_equal(f->log, "a");
  close_socket(raw);
  empty_table();
}

#define TESTS_OF_PLATFORM \
  loop_test(init_ex_without_descriptors_leaves_nothing), \
      loop_test(bind_without_descriptors_fails), loop_test(copied_flags_make_a_handle_bound), \
      newer_loop_test(reuseport_spreads_connections_over_loops), \
      newer_loop_test(a_port_shared_by_one_is_not_for_others), \
      newer_loop_test(every_call_survives_want_of_memory), \
      newer_loop_test(a_connection_waits_for_memory)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(init_sets_everything_but_data_and_makes_no_socket),
      loop_test(init_ex_makes_the_socket_at_once),
      loop_test(init_ex_without_a_family_makes_no_socket),
      loop_test(init_ex_refuses_what_is_no_ip_family),
      loop_test(open_takes_a_connected_socket_over),
      loop_test(open_keeps_a_bound_socket_bound),
      loop_test(open_of_a_watched_descriptor_is_eexist),
      loop_test(open_of_a_second_socket_is_ebusy),
      loop_test(open_of_a_closed_socket_is_refused),
      newer_loop_test(open_on_a_closing_handle_leaves_the_socket_alone),
      loop_test(bind_gives_a_free_port),
      loop_test(bind_refuses_what_makes_no_sense),
      loop_test(unknown_bind_flags_are_ignored),
      loop_test(a_second_bind_is_refused),
      loop_test(bind_refuses_the_socket_of_another_family),
      newer_loop_test(bind_refuses_ipv6_for_an_ipv4_socket),
      loop_test(a_foreign_address_is_refused_and_another_one_can_follow),
      loop_test(a_taken_address_is_told_by_listen_again_and_again),
      loop_test(a_taken_address_is_told_once_to_the_connect_callback),
      loop_test(two_binds_of_one_port_meet_at_listen),
      loop_test(ipv6only_decides_whether_ipv4_clients_get_through),
      loop_test(listen_binds_what_is_not_bound),
      loop_test(listen_refuses_closing_and_connected_handles),
      newer_loop_test(listen_is_refused_while_connecting),
      loop_test(a_backlog_of_0_still_serves),
      loop_test(an_accepted_connection_is_ready_for_use),
      loop_test(names_need_a_socket),
      loop_test(a_name_that_does_not_fit_is_cut),
      TESTS_OF_PLATFORM,
  };
  return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
