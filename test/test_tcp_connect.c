/* TCP handles: connecting. */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/tcp_handles.h"

#if !defined(_WIN32)
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#endif

/* -- Connect ----------------------------------------------------------------------------------- */

static void connects_to(struct loop_fixture* f, union address listen_at, const char* target) {
  union address at = serve_at(f, listen_at, accept_and_close);
  int port = port_of_address(&at);
  union address to =
      listen_at.any.sa_family == AF_INET ? address4(target, port) : address6(target, port);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&to), 0);
  assert_string_equal(f->log, "");
  run(f);
  assert_int_equal(strlen(f->log), 2);
  assert_non_null(strchr(f->log, 'c'));
  assert_non_null(strchr(f->log, 'a'));
  assert_int_equal(connect_status, 0);
  union address peer;
  int len = sizeof(peer);
  assert_int_equal(uv_tcp_getpeername(&client, &peer.any, &len), 0);
  assert_int_equal(len, address_len(&to));
  assert_int_equal(port_of_address(&peer), port);
}

static void connect_reaches_ipv4(void** state) {
  connects_to(*state, address4("127.0.0.1", 0), "127.0.0.1");
}

static void connect_reaches_ipv6(void** state) {
  connects_to(*state, address6("::1", 0), "::1");
}

static void connect_to_0_0_0_0_reaches_this_machine(void** state) {
  connects_to(*state, address4("127.0.0.1", 0), "0.0.0.0");
}

static void connect_to_the_ipv6_wildcard_reaches_this_machine(void** state) {
  connects_to(*state, address6("::1", 0), "::");
}

/* A request makes its handle active on Windows; and a listener says of itself that it cannot
 * connect. */
#if defined(_WIN32)
enum { IS_ACTIVE_WHILE_CONNECTING = 1, CONNECT_LISTENER = UV_EINVAL };
#else
enum { IS_ACTIVE_WHILE_CONNECTING = 0, CONNECT_LISTENER = UV_EISCONN };
#endif

static void a_pending_connect_keeps_the_loop_alive(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&at), 0);
  uv_unref((uv_handle_t*) &client);
  assert_int_equal(connect_req.type, UV_CONNECT);
  assert_ptr_equal(connect_req.handle, &client);
  assert_int_equal(uv_is_active((uv_handle_t*) &client), IS_ACTIVE_WHILE_CONNECTING);
  assert_int_equal(uv_is_readable((uv_stream_t*) &client), 1);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 1);
  assert_int_not_equal(uv_loop_alive(&f->loop), 0);
  run(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  close_socket(listener);
}

static void connect_refuses_what_makes_no_sense(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 1);
  union address other = at;
  uv_pipe_t pipe;

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  other.any.sa_family = AF_UNIX;
  assert_int_equal(connect_client(&other), UV_EINVAL);
  other.any.sa_family = 47;
  assert_int_equal(connect_client(&other), UV_EINVAL);
  pipe.type = UV_NAMED_PIPE;
  pipe.flags = 0;
  assert_int_equal(uv_tcp_connect(&connect_req, (uv_tcp_t*) (void*) &pipe, &at.any, on_connect),
                   UV_EINVAL);
  assert_no_socket(&client);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void connect_of_a_closing_handle_is_refused(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 1);
  int before = count_descriptors();

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(connect_client(&at), UV_EINVAL);
  run(f);
  assert_string_equal(f->log, "");
  assert_int_equal(count_descriptors(), before);
}

static void a_second_connect_meanwhile_is_ealready(void** state) {
  struct loop_fixture* f = *state;
  uv_connect_t second;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&at), 0);
  assert_int_equal(uv_tcp_connect(&second, &client, &at.any, on_connect), UV_EALREADY);
  run(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(connect_status, 0);
  close_socket(listener);
}

static void a_connected_handle_connects_no_more(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other = open_client(f);
  union address at = address4("127.0.0.1", 1);

  assert_int_equal(connect_client(&at), UV_EISCONN);
  run(f);
  assert_string_equal(f->log, "");
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 1);
  close_socket(other);
}

static void a_listening_handle_does_not_connect(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f, on_connection);

  assert_int_equal(uv_tcp_connect(&connect_req, &server, &at.any, on_connect), CONNECT_LISTENER);
  assert_int_equal(uv_is_writable((uv_stream_t*) &server), 0);
  uv_os_sock_t raw = make_connection(&at);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "n");
  close_socket(raw);
}

static void a_refused_connect_is_told_by_the_callback(void** state) {
  struct loop_fixture* f = *state;
  union address refusing = refusing_address();

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&refusing), 0);
  run(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(connect_status, UV_ECONNREFUSED);
  assert_false(uv_is_closing((uv_handle_t*) &client));
  assert_true(socket_is_open(fd_of(&client)));
}

static void a_bound_handle_connects_from_its_address(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, address4("127.0.0.2", 0));
  union address bound = name_of(&client);
  assert_int_equal(connect_client(&at), 0);
  run(f);
  assert_int_equal(connect_status, 0);
  union address from;
  socklen_t len = sizeof(from);
  uv_os_sock_t fd = accept(listener, &from.any, &len);
  assert_same_address(&from, &bound);
  close_socket(fd);
  close_socket(listener);
}

static void closing_while_connecting_cancels(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&at), 0);
  uv_close((uv_handle_t*) &client, on_close);
  assert_string_equal(f->log, "");
  run(f);
  assert_string_equal(f->log, "cx");
  assert_int_equal(connect_status, UV_ECANCELED);
  close_socket(listener);
}

static void closing_after_a_refusal_that_is_not_told_yet_cancels(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  bind_to(&client, at);
  assert_int_equal(connect_client(&at), 0);
  uv_close((uv_handle_t*) &client, on_close);
  run(f);
  assert_string_equal(f->log, "cx");
  assert_int_equal(connect_status, UV_ECANCELED);
  close_socket(listener);
}

static void connect_callbacks_may_be_null(void** state) {
  struct loop_fixture* f = *state;
  union address refusing = refusing_address();
  union address at;
  uv_os_sock_t listener = make_listener(&at);
  uv_connect_t reqs[3];

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_connect(&reqs[0], &client, &at.any, NULL), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_connect(&reqs[1], &server, &refusing.any, NULL), 0);
  run(f);
  assert_int_equal(uv_tcp_init(&f->loop, &accepted), 0);
  assert_int_equal(uv_tcp_connect(&reqs[2], &accepted, &at.any, NULL), 0);
  uv_close((uv_handle_t*) &accepted, NULL);
  run(f);
  close_socket(listener);
}

/* -- Again after a failure --------------------------------------------------------------------- */

static uv_connect_t again_req;
static union address again_at;
static int again_status;

static void on_connect_again(uv_connect_t* req, int status) {
  test_log(req->handle->loop, 'C');
  again_status = status;
}

/* Linux tells a socket of the failed connect once more, by the next one. */
static void connect_again(void) {
  int err = uv_tcp_connect(&again_req, &client, &again_at.any, on_connect_again);

  if (err == UV_ECONNABORTED)
    err = uv_tcp_connect(&again_req, &client, &again_at.any, on_connect_again);
  assert_int_equal(err, 0);
}

static void connect_in_vain(struct loop_fixture* f) {
  union address refusing = refusing_address();

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&refusing), 0);
}

static void read_and_connect_again(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  on_read(stream, nread, buf);
  connect_again();
}

static void a_handle_may_connect_again_when_reading_fails(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t listener = make_listener(&again_at);

  connect_in_vain(f);
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, read_and_connect_again), 0);
  run(f);
  assert_string_equal(f->log, "ceC");
  assert_int_equal(connect_status, UV_ECONNREFUSED);
  assert_int_equal(again_status, 0);
  close_socket(listener);
}

/* -- On one platform only -----------------------------------------------------------------------
 */

#if defined(_WIN32)

/* A socket of the other family. */
static void an_error_at_once_is_returned_and_leaves_the_handle_as_it_was(void** state) {
  struct loop_fixture* f = *state;
  union address other = address6("::1", 9);
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init_ex(&f->loop, &client, AF_INET), 0);
  assert_int_equal(connect_client(&other), UV_EFAULT);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);

  assert_int_equal(connect_client(&at), 0);
  run(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(connect_status, 0);
  close_socket(listener);
}

#define TESTS_OF_PLATFORM loop_test(an_error_at_once_is_returned_and_leaves_the_handle_as_it_was)

#else

/* TCP does not connect to a broadcast address: the kernel says so without sending anything. */
static void an_error_at_once_is_returned_and_leaves_the_handle_as_it_was(void** state) {
  struct loop_fixture* f = *state;
  union address broadcast = address4("255.255.255.255", 9);
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(connect_client(&broadcast), UV_ENETUNREACH);
  assert_no_socket(&client);
  assert_int_equal(uv_is_writable((uv_stream_t*) &client), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  run(f);
  assert_string_equal(f->log, "");

  assert_int_equal(connect_client(&at), 0);
  run(f);
  assert_int_equal(connect_status, 0);
  close_socket(listener);
}

/* A network of its own, in which the loopback interface is the one with a link-local address: 0,
 * or 1 where the system does not allow that. */
static int enter_link_local_network(void) {
  struct {
    struct in6_addr address;
    uint32_t prefix_len;
    int index;
    char room[sizeof(struct ifreq)]; /* valgrind looks at as much as an IPv4 request has */
  } link_local = {.prefix_len = 64};
  struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return 1;
  uv_os_sock_t fd = socket(AF_INET6, SOCK_DGRAM, 0);
  inet_pton(AF_INET6, "fe80::1", &link_local.address);
  link_local.index = (int) if_nametoindex("lo");
  int failed = ioctl(fd, SIOCSIFFLAGS, &interface) != 0 || ioctl(fd, SIOCSIFADDR, &link_local) != 0;
  close_socket(fd);
  return failed;
}

/* The kernel may take a moment to make a new address usable. */
static bool bind_patiently(int fd, const union address* at) {
  for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms++) {
    if (bind(fd, &at->any, address_len(at)) == 0)
      return true;
    if (errno != EADDRNOTAVAIL)
      return false;
    uv_sleep(1);
  }
  return false;
}

/* Exit codes: 0 good, 1 not allowed, others tell what went wrong. */
static int connect_within_link(void) {
  union address at = address6("fe80::1", 0);
  uv_loop_t loop;
  struct loop_fixture log = {.log = ""};

  if (enter_link_local_network() != 0)
    return 1;
  if (uv_loop_init(&loop) != 0)
    return 2;
  loop.data = &log;
  uv_os_sock_t fd = new_socket(AF_INET6, SOCK_STREAM);
  at.v6.sin6_scope_id = if_nametoindex("lo");
  if (!bind_patiently(fd, &at) || listen(fd, 1) != 0)
    return 3;
  at = name_of_socket(fd);
  at.v6.sin6_scope_id = 0;
  uv_tcp_init(&loop, &client);
  connect_status = -1;
  if (connect_client(&at) != 0)
    return 4;
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t*) &client, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  return connect_status != 0 || uv_loop_close(&loop) != 0 ? 5 : 0;
}

static void a_link_local_address_without_a_scope_gets_one(void** state) {
  int status;

  (void) state;
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    _exit(connect_within_link());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 1) {
    print_message("no network of its own for this process\n");
    skip();
  }
  assert_int_equal(WEXITSTATUS(status), 0);
}

static void addresses_with_a_scope_connect(void** state) {
  union address to = address6("::1", 0);

  to.v6.sin6_scope_id = if_nametoindex("lo");
  connects_to(*state, to, "::1");
}

static void on_write(uv_write_t* req, int status) {
  assert_int_equal(status, UV_EPIPE);
  test_log(req->handle->loop, 'w');
}

enum { WAITING_CLIENTS = 4 };

/* A listener that accepts nobody and has enough waiting lets the next one wait. */
static void the_end_of_an_earlier_write_is_no_outcome_of_a_connect(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  uv_buf_t buf = uv_buf_init((char[]){'x'}, 1);
  uv_os_sock_t listener = make_listener(&again_at);
  uv_os_sock_t waiting[WAITING_CLIENTS];

  assert_int_equal(listen(listener, 0), 0);
  for (int i = 0; i < WAITING_CLIENTS; i++) {
    waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connect(waiting[i], &again_at.any, sizeof(again_at.v4));
  }
  connect_in_vain(f);
  run(f);
  assert_int_equal(connect_status, UV_ECONNREFUSED);

  again_status = 1;
  assert_int_equal(uv_write(&write_req, (uv_stream_t*) &client, &buf, 1, on_write), 0);
  connect_again();
  turn(f);
  turn(f);
  assert_int_equal(again_status, 1);
  uv_close((uv_handle_t*) &client, on_close);
  run(f);
  assert_string_equal(f->log, "cCwx");
  assert_int_equal(again_status, UV_ECANCELED);
  for (int i = 0; i < WAITING_CLIENTS; i++)
    close_socket(waiting[i]);
  close_socket(listener);
}

#define TESTS_OF_PLATFORM \
  newer_loop_test(an_error_at_once_is_returned_and_leaves_the_handle_as_it_was), \
      newer_loop_test(a_link_local_address_without_a_scope_gets_one), \
      loop_test(addresses_with_a_scope_connect), \
      newer_loop_test(the_end_of_an_earlier_write_is_no_outcome_of_a_connect)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(connect_reaches_ipv4),
      loop_test(connect_reaches_ipv6),
      loop_test(connect_to_0_0_0_0_reaches_this_machine),
      loop_test(connect_to_the_ipv6_wildcard_reaches_this_machine),
      loop_test(a_pending_connect_keeps_the_loop_alive),
      loop_test(connect_refuses_what_makes_no_sense),
      newer_loop_test(connect_of_a_closing_handle_is_refused),
      loop_test(a_second_connect_meanwhile_is_ealready),
      loop_test(a_connected_handle_connects_no_more),
      newer_loop_test(a_listening_handle_does_not_connect),
      loop_test(a_refused_connect_is_told_by_the_callback),
      loop_test(a_bound_handle_connects_from_its_address),
      loop_test(closing_while_connecting_cancels),
      loop_test(closing_after_a_refusal_that_is_not_told_yet_cancels),
      newer_loop_test(connect_callbacks_may_be_null),
      newer_loop_test(a_handle_may_connect_again_when_reading_fails),
      TESTS_OF_PLATFORM,
  };
  return cmocka_run_group_tests_name("tcp connect", tests, NULL, NULL);
}
