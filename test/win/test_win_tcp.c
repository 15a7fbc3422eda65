/* TCP on Windows: what is pending in the kernel, in each of the ways in which it comes back; the
 * requests of a listener; sockets that travel. What streams and TCP do everywhere is in test_tcp.c
 * and test_stream.c. */
#include "support/streams.h"
#include "win/tcp.h"
#include "win/tcp_share.h"

/* -- How operations come back ------------------------------------------------------------------ */

/* The library calls the system through these pointers, which the linker takes from here: a socket
 * whose provider is not the kernel, one whose port is another loop's, and no sockets left. */
static enum {
  DONE_AT_ONCE, /* an operation that is done at once sends no packet */
  ALWAYS_PACKETS,
  OFF_PORT, /* events tell the loop */
  WAYS
} way;

static bool no_sockets;

typedef void (*function)(void);

static function real(const WCHAR* module, const char* name) {
  return (function) GetProcAddress(GetModuleHandleW(module), name);
}

static BOOL WINAPI set_modes(HANDLE file, UCHAR modes) {
  typedef BOOL(WINAPI * func)(HANDLE, UCHAR);

  if (way != DONE_AT_ONCE)
    return FALSE;
  return ((func) real(L"kernel32.dll", "SetFileCompletionNotificationModes"))(file, modes);
}

static HANDLE WINAPI join_port(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads) {
  typedef HANDLE(WINAPI * func)(HANDLE, HANDLE, ULONG_PTR, DWORD);

  if (way == OFF_PORT && port != NULL) {
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
  }
  return ((func) real(L"kernel32.dll", "CreateIoCompletionPort"))(file, port, key, threads);
}

static SOCKET WSAAPI make_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW* info,
                                 GROUP group, DWORD flags) {
  typedef SOCKET(WSAAPI * func)(int, int, int, WSAPROTOCOL_INFOW*, GROUP, DWORD);

  if (no_sockets) {
    WSASetLastError(WSAEMFILE);
    return INVALID_SOCKET;
  }
  return ((func) real(L"ws2_32.dll", "WSASocketW"))(family, type, protocol, info, group, flags);
}

BOOL(WINAPI* __imp_SetFileCompletionNotificationModes)(HANDLE, UCHAR) = set_modes;
HANDLE(WINAPI* __imp_CreateIoCompletionPort)(HANDLE, HANDLE, ULONG_PTR, DWORD) = join_port;
SOCKET(WSAAPI* __imp_WSASocketW)
(int, int, int, WSAPROTOCOL_INFOW*, GROUP, DWORD) = make_socket;

/* -- Memory that nobody may touch any more ----------------------------------------------------- */

enum { FILLING = 0xEE, MOST_BLOCKS = 512 };

static struct {
  void* memory;
  size_t size;
  bool given_back;
} blocks[MOST_BLOCKS];

static size_t blocks_len;

static void* lend(size_t size) {
  void* memory = calloc(1, size);

  assert_non_null(memory);
  assert_in_range(blocks_len, 0, MOST_BLOCKS - 1);
  blocks[blocks_len].memory = memory;
  blocks[blocks_len].size = size;
  blocks[blocks_len++].given_back = false;
  return memory;
}

static void give_back(void* memory) {
  size_t i = 0;

  while (blocks[i].memory != memory)
    i++;
  assert_false(blocks[i].given_back);
  blocks[i].given_back = true;
  memset(memory, FILLING, blocks[i].size);
}

/* All has been given back, and nobody has written there since. */
static void check_blocks(void) {
  for (size_t i = 0; i < blocks_len; i++) {
    const unsigned char* bytes = blocks[i].memory;
    assert_true(blocks[i].given_back);
    for (size_t k = 0; k < blocks[i].size; k++)
      assert_int_equal(bytes[k], FILLING);
    free(blocks[i].memory);
  }
  blocks_len = 0;
}

static void give_back_handle(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
  give_back(handle);
}

static void give_back_connect(uv_connect_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'c' : status == UV_ECANCELED ? 'C' : '!');
  give_back(req);
}

static void give_back_write(uv_write_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'w' : status == UV_ECANCELED ? 'W' : '!');
  give_back(req);
}

static void give_back_shutdown(uv_shutdown_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 's' : status == UV_ECANCELED ? 'S' : '!');
  give_back(req);
}

/* -- States ------------------------------------------------------------------------------------ */

enum { BIG_LEN = 4 << 20 };

static char big[BIG_LEN];
static size_t bytes_read;

static void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  if (nread > 0)
    bytes_read += (size_t) nread;
  if (nread != 0)
    test_log(stream->loop, nread > 0 ? 'r' : nread == UV_EOF ? 'e' : '!');
}

static void on_connection(uv_stream_t* server, int status) {
  test_log(server->loop, status == 0 ? 'n' : '!');
}

static union any_stream* new_stream(struct loop_fixture* f) {
  union any_stream* s = lend(sizeof(*s));

  init_stream(&f->loop, s);
  return s;
}

static union any_stream* new_connected(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = lend(sizeof(*s));

  *other = open_stream(&f->loop, s);
  return s;
}

static void write_some(union any_stream* s, size_t len) {
  uv_buf_t buf = uv_buf_init(big, (unsigned int) len);

  assert_int_equal(uv_write(lend(sizeof(uv_write_t)), &s->stream, &buf, 1, give_back_write), 0);
}

static void read_from(union any_stream* s) {
  assert_int_equal(uv_read_start(&s->stream, alloc_cb, on_read), 0);
}

static void shut(union any_stream* s) {
  assert_int_equal(uv_shutdown(lend(sizeof(uv_shutdown_t)), &s->stream, give_back_shutdown), 0);
}

static union address listen_at_any_port(union any_stream* s) {
  union address at = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_bind(&s->tcp, &at.any, 0), 0);
  assert_int_equal(uv_listen(&s->stream, 64, on_connection), 0);
  return name_of(&s->tcp);
}

static void connect_to(union any_stream* s, const union address* at) {
  assert_int_equal(uv_tcp_connect(lend(sizeof(uv_connect_t)), &s->tcp, &at->any, give_back_connect),
                   0);
}

/* Each makes a handle in some state; what is at its other end goes to `*other`. */

static union any_stream* fresh(struct loop_fixture* f, uv_os_sock_t* other) {
  (void) other;
  return new_stream(f);
}

static union any_stream* listening(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_stream(f);

  (void) other;
  listen_at_any_port(s);
  return s;
}

static union any_stream* with_a_client(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_stream(f);
  union address at = listen_at_any_port(s);

  *other = make_connection(&at);
  return s;
}

static union any_stream* with_an_announced_client(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = with_a_client(f, other);

  run_until(f, 'n');
  return s;
}

static union any_stream* connecting(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_stream(f);
  union address at;

  *other = make_listener(&at);
  connect_to(s, &at);
  return s;
}

static union any_stream* connecting_with_requests(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = connecting(f, other);

  read_from(s);
  write_some(s, 5);
  write_some(s, BIG_LEN);
  shut(s);
  return s;
}

static union any_stream* connecting_in_vain(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_stream(f);
  union address refusing = refusing_address();

  (void) other;
  connect_to(s, &refusing);
  write_some(s, 5);
  return s;
}

static union any_stream* reading(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_connected(f, other);

  read_from(s);
  return s;
}

static union any_stream* stopped(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = reading(f, other);

  uv_read_stop(&s->stream);
  return s;
}

static union any_stream* with_data(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = reading(f, other);

  send_text(*other, "hello");
  return s;
}

static union any_stream* written(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_connected(f, other);

  write_some(s, 5);
  return s;
}

static union any_stream* writing(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = reading(f, other);

  for (int i = 0; i < 3; i++)
    write_some(s, BIG_LEN);
  return s;
}

static union any_stream* shutting(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = new_connected(f, other);

  shut(s);
  return s;
}

static union any_stream* shutting_behind_writes(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = writing(f, other);

  shut(s);
  return s;
}

static union any_stream* reset_by_peer(struct loop_fixture* f, uv_os_sock_t* other) {
  union any_stream* s = writing(f, other);

  reset_connection(*other);
  *other = NO_SOCKET;
  return s;
}

static union any_stream* (*const states[])(struct loop_fixture*, uv_os_sock_t*) = {
    fresh,
    listening,
    with_a_client,
    with_an_announced_client,
    connecting,
    connecting_with_requests,
    connecting_in_vain,
    reading,
    stopped,
    with_data,
    written,
    writing,
    shutting,
    shutting_behind_writes,
    reset_by_peer,
};

enum { STATES = sizeof(states) / sizeof(states[0]), MOST_TURNS = 3 };

/* -- Closing ----------------------------------------------------------------------------------- */

static void close_in_state(struct loop_fixture* f, int state, int turns) {
  uv_os_sock_t other = NO_SOCKET;
  union any_stream* s = states[state](f, &other);

  for (int i = 0; i < turns; i++)
    turn(f);
  uv_close(&s->handle, give_back_handle);
  run(f);
  size_t len = strlen(f->log);
  assert_true(len > 0);
  if (f->log[len - 1] != 'x')
    fail_msg("state %d after %d turns: %s", state, turns, f->log);
  memset(f->log, 0, sizeof(f->log));
  if (other != NO_SOCKET)
    close_socket(other);
}

/* The close callback is the last one, all requests come back, and nobody touches them later. */
static void a_handle_can_be_closed_in_every_state(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < STATES; i++)
    for (int turns = 0; turns <= MOST_TURNS; turns++)
      close_in_state(f, i, turns);
  turn(f);
  check_blocks();
}

static void sockets_are_set_up_for_the_way(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t other;
  union any_stream* s = new_connected(f, &other);

  assert_int_equal((s->handle.flags & UV__TCP_SKIPS_PORT) != 0, way == DONE_AT_ONCE);
  assert_int_equal((s->handle.flags & UV__TCP_OFF_PORT) != 0, way == OFF_PORT);
  uv_close(&s->handle, give_back_handle);
  run(f);
  close_socket(other);
  check_blocks();
}

/* Both ends of a connection in one loop, with more data than fits. */
static void data_pass_in_both_directions(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t pair[2];
  union any_stream* ends[2];

  bytes_read = 0;
  make_pair(pair);
  for (int i = 0; i < 2; i++) {
    ends[i] = new_stream(f);
    assert_int_equal(give_socket(ends[i], pair[i]), 0);
    read_from(ends[i]);
    write_some(ends[i], BIG_LEN);
    write_some(ends[i], 3);
    shut(ends[i]);
  }
  run(f);
  assert_int_equal(bytes_read, 2 * (BIG_LEN + 3));
  for (int i = 0; i < 2; i++)
    uv_close(&ends[i]->handle, give_back_handle);
  run(f);
  check_blocks();
}

static union any_stream* accepted;

static void accept_it(uv_stream_t* server, int status) {
  struct loop_fixture* f = server->loop->data;

  on_connection(server, status);
  accepted = new_stream(f);
  assert_int_equal(uv_accept(server, &accepted->stream), 0);
  read_from(accepted);
  uv_close((uv_handle_t*) server, give_back_handle);
}

static void a_client_reaches_a_server(void** state) {
  struct loop_fixture* f = *state;
  union any_stream* server = new_stream(f);
  union any_stream* client = new_stream(f);
  union address at = listen_at_any_port(server);

  bytes_read = 0;
  assert_int_equal(uv_listen(&server->stream, 64, accept_it), 0);
  connect_to(client, &at);
  write_some(client, 5);
  shut(client);
  run(f);
  assert_int_equal(bytes_read, 5);
  assert_non_null(strchr(f->log, 's'));
  uv_close(&client->handle, give_back_handle);
  uv_close(&accepted->handle, give_back_handle);
  run(f);
  check_blocks();
}

/* -- Listeners --------------------------------------------------------------------------------- */

enum { SLOTS = 32, CLIENTS = 40 };

static union any_stream server;
static union any_stream client;
static union any_stream taken;

static union address serve(struct loop_fixture* f) {
  init_stream(&f->loop, &server);
  return listen_at_any_port(&server);
}

/* Accepts the next connection and sees that it is the one of `raw`. */
static void accept_from(struct loop_fixture* f, uv_os_sock_t raw) {
  union address name = name_of_socket(raw);
  union address peer;
  int len = sizeof(peer);

  init_stream(&f->loop, &client);
  while (uv_accept(&server.stream, &client.stream) == UV_EAGAIN)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(uv_tcp_getpeername(&client.tcp, &peer.any, &len), 0);
  assert_int_equal(port_of_address(&peer), port_of_address(&name));
  uv_close(&client.handle, NULL);
  turn(f);
}

static void a_listener_waits_for_32_connections_at_a_time(void** state) {
  struct loop_fixture* f = *state;

  serve(f);
  assert_int_equal(server.tcp.reqs_pending, SLOTS);
}

static void a_listener_may_wait_for_one_at_a_time(void** state) {
  struct loop_fixture* f = *state;
  union address at;

  init_stream(&f->loop, &server);
  assert_int_equal(uv_tcp_simultaneous_accepts(&server.tcp, 0), 0);
  at = listen_at_any_port(&server);
  assert_int_equal(server.tcp.reqs_pending, 1);
  for (int i = 0; i < 3; i++) {
    uv_os_sock_t raw = make_connection(&at);
    accept_from(f, raw);
    close_socket(raw);
  }
}

static void simultaneous_accepts_end_when_those_that_wait_have_come(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f);

  assert_int_equal(uv_tcp_simultaneous_accepts(&server.tcp, 0), 0);
  assert_int_equal(server.tcp.reqs_pending, SLOTS);
  for (int i = 0; i < CLIENTS; i++) {
    uv_os_sock_t raw = make_connection(&at);
    accept_from(f, raw);
    close_socket(raw);
  }
  assert_int_equal(server.tcp.reqs_pending, 1);
}

/* More than there are requests, and taken late. */
static void connections_are_accepted_in_the_order_in_which_they_came(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f);
  uv_os_sock_t raw[CLIENTS];

  for (int i = 0; i < CLIENTS; i++) {
    raw[i] = make_connection(&at);
    turn(f);
  }
  assert_string_equal(f->log, "n");
  for (int i = 0; i < CLIENTS; i++) {
    accept_from(f, raw[i]);
    close_socket(raw[i]);
  }
}

/* No socket for the next connection: the listener says so once, and can begin anew. */
static void a_listener_without_sockets_ends_and_says_so(void** state) {
  struct loop_fixture* f = *state;
  union address at = serve(f);
  uv_os_sock_t raw = make_connection(&at);

  run_until(f, 'n');
  init_stream(&f->loop, &taken);
  no_sockets = true;
  int err = uv_accept(&server.stream, &taken.stream);
  uv_run(&f->loop, UV_RUN_ONCE);
  no_sockets = false;
  assert_int_equal(err, 0);
  assert_string_equal(f->log, "n!");
  assert_int_equal(uv_is_active(&server.handle), 0);
  assert_int_equal(uv_listen(&server.stream, 64, on_connection), 0);
  assert_int_equal(uv_is_active(&server.handle), 1);
  assert_int_equal(server.tcp.reqs_pending, SLOTS);
  close_socket(raw);
  raw = make_connection(&at);
  accept_from(f, raw);
  close_socket(raw);
}

static void without_sockets_nothing_is_begun(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);
  uv_connect_t req;

  init_stream(&f->loop, &server);
  init_stream(&f->loop, &client);
  no_sockets = true;
  int bind_err = uv_tcp_bind(&server.tcp, &at.any, 0);
  int listen_err = uv_listen(&server.stream, 1, on_connection);
  int connect_err = uv_tcp_connect(&req, &server.tcp, &at.any, NULL);
  int init_err = uv_tcp_init_ex(&f->loop, &client.tcp, AF_INET);
  no_sockets = false;
  assert_int_equal(bind_err, UV_EMFILE);
  assert_int_equal(listen_err, UV_EMFILE);
  assert_int_equal(connect_err, UV_EMFILE);
  assert_int_equal(init_err, UV_EMFILE);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

/* -- Sockets that travel ----------------------------------------------------------------------- */

static void only_bound_and_connected_handles_travel(void** state) {
  struct loop_fixture* f = *state;
  struct uv__passed_socket passed;

  init_stream(&f->loop, &server);
  assert_int_equal(uv__tcp_export(&server.tcp, GetCurrentProcessId(), &passed), UV_ENOTSUP);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &client.tcp, AF_INET), 0);
  assert_int_equal(uv__tcp_export(&client.tcp, GetCurrentProcessId(), &passed), UV_ENOTSUP);
}

static void a_connection_travels(void** state) {
  struct loop_fixture* f = *state;
  struct uv__passed_socket passed;
  uv_os_sock_t other = open_stream(&f->loop, &server);
  uv_buf_t buf = uv_buf_init("hello", 5);
  char text[5];

  assert_int_equal(uv__tcp_export(&server.tcp, GetCurrentProcessId(), &passed), 0);
  assert_true(passed.is_connection);
  uv_close(&server.handle, NULL);
  init_stream(&f->loop, &client);
  assert_int_equal(uv__tcp_import(&client.tcp, &passed), 0);
  run(f);
  assert_int_equal(uv_try_write(&client.stream, &buf, 1), 5);
  receive_exactly(other, text, 5);
  bytes_read = 0;
  read_from(&client);
  send_text(other, "answer");
  run_until(f, 'r');
  assert_int_equal(bytes_read, 6);
  assert_int_equal(uv__tcp_import(&client.tcp, &passed), UV_EBUSY);
  close_socket(other);
}

static void a_bound_handle_travels_as_a_listener(void** state) {
  struct loop_fixture* f = *state;
  struct uv__passed_socket passed;
  union address at = address4("127.0.0.1", 0);

  init_stream(&f->loop, &client);
  assert_int_equal(uv_tcp_bind(&client.tcp, &at.any, 0), 0);
  at = name_of(&client.tcp);
  assert_int_equal(uv__tcp_export(&client.tcp, GetCurrentProcessId(), &passed), 0);
  assert_false(passed.is_connection);
  assert_int_equal(passed.delayed_error, 0);
  uv_os_sock_t raw = make_connection(&at);
  init_stream(&f->loop, &server);
  assert_int_equal(uv__tcp_import(&server.tcp, &passed), 0);
  uv_close(&client.handle, NULL);
  run(f);
  assert_int_equal(uv_listen(&server.stream, 1, on_connection), 0);
  accept_from(f, raw);
  close_socket(raw);
}

static void the_error_of_a_bind_travels(void** state) {
  struct loop_fixture* f = *state;
  struct uv__passed_socket passed;
  union address at;
  uv_os_sock_t holder = make_listener(&at);

  init_stream(&f->loop, &client);
  assert_int_equal(uv_tcp_bind(&client.tcp, &at.any, 0), 0);
  assert_int_equal(uv__tcp_export(&client.tcp, GetCurrentProcessId(), &passed), 0);
  assert_int_equal(passed.delayed_error, WSAEADDRINUSE);
  init_stream(&f->loop, &server);
  assert_int_equal(uv__tcp_import(&server.tcp, &passed), 0);
  assert_int_equal(uv_listen(&server.stream, 1, on_connection), UV_EADDRINUSE);
  close_socket(holder);
}

static void what_nobody_accepts_is_closed(void** state) {
  struct loop_fixture* f = *state;
  struct uv__passed_socket passed;
  uv_os_sock_t other = open_stream(&f->loop, &server);

  assert_int_equal(uv__tcp_export(&server.tcp, GetCurrentProcessId(), &passed), 0);
  uv_close(&server.handle, NULL);
  run(f);
  uv__tcp_discard(&passed);
  assert_true(is_ended(other));
  close_socket(other);
}

/* -- Absurd lengths ---------------------------------------------------------------------------- */

enum { MOST_BUFFERS = 1 << 20, MOST_BYTES = 0x7ffff000 };

static void absurd_lengths_are_refused_before_anything_else(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t two[2] = {uv_buf_init(NULL, MOST_BYTES), uv_buf_init(NULL, 1)};

  init_stream(&f->loop, &client);
  assert_int_equal(uv_write(&req, &client.stream, two, 0, NULL), UV_EINVAL);
  assert_int_equal(uv_try_write(&client.stream, two, 0), UV_EINVAL);
  assert_int_equal(uv_write(&req, &client.stream, two, 2, NULL), UV_EINVAL);
  assert_int_equal(uv_try_write(&client.stream, two, 2), UV_EINVAL);
  assert_int_equal(uv_write(&req, &client.stream, two, 1, NULL), UV_EPIPE);
}

static int run_way(int of_way, const char* name, const struct CMUnitTest* tests, size_t count) {
  way = of_way;
  return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

int main(void) {
  const struct CMUnitTest tests_of_ways[] = {
      loop_test(sockets_are_set_up_for_the_way),
      loop_test(a_handle_can_be_closed_in_every_state),
      loop_test(data_pass_in_both_directions),
      loop_test(a_client_reaches_a_server),
  };
  const struct CMUnitTest tests[] = {
      loop_test(a_listener_waits_for_32_connections_at_a_time),
      loop_test(a_listener_may_wait_for_one_at_a_time),
      loop_test(simultaneous_accepts_end_when_those_that_wait_have_come),
      loop_test(connections_are_accepted_in_the_order_in_which_they_came),
      loop_test(a_listener_without_sockets_ends_and_says_so),
      loop_test(without_sockets_nothing_is_begun),
      loop_test(only_bound_and_connected_handles_travel),
      loop_test(a_connection_travels),
      loop_test(a_bound_handle_travels_as_a_listener),
      loop_test(the_error_of_a_bind_travels),
      loop_test(what_nobody_accepts_is_closed),
      loop_test(absurd_lengths_are_refused_before_anything_else),
  };
  const char* const names[WAYS] = {"tcp, done at once", "tcp, always packets", "tcp, off the port"};
  int failed = 0;

  for (int i = 0; i < WAYS; i++)
    failed += run_way(i, names[i], tests_of_ways, sizeof(tests_of_ways) / sizeof(tests_of_ways[0]));
  way = DONE_AT_ONCE;
  return failed + cmocka_run_group_tests_name("tcp of Windows", tests, NULL, NULL);
}
