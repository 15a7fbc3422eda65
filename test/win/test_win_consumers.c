/* What programs of Windows reach into, beyond the documented interface: memory that nobody zeroed,
 * data of their own in places that are nobody's, members and flags that they read. */
#include "support/loop_fixture.h"
#include "support/watchdog.h"

#include <stdbool.h>

/* The values of uv_handle_t.flags that programs know. */
enum {
  CLOSING = 0x1,
  CLOSED = 0x2,
  ACTIVE = 0x4,
  REF = 0x8,
  READING = 0x1000,
  BOUND = 0x2000,
  READABLE = 0x4000,
  WRITABLE = 0x8000
};

static bool has(const void* handle, unsigned int flags) {
  return (((const uv_handle_t*) handle)->flags & flags) == flags;
}

static void on_close(uv_handle_t* handle) {
  assert_true(has(handle, CLOSED));
  test_log(handle->loop, 'x');
}

/* -- Memory that nobody zeroed ----------------------------------------------------------------- */

static char datum;
static void* const theirs[4] = {&datum, &datum + 1, NULL, &datum};

static int init_async(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_async_init(loop, &h->async, NULL);
}

static int init_check(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_check_init(loop, &h->check);
}

static int init_fs_event(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_fs_event_init(loop, &h->fs_event);
}

static int init_fs_poll(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_fs_poll_init(loop, &h->fs_poll);
}

static int init_idle(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_idle_init(loop, &h->idle);
}

static int init_pipe(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_pipe_init(loop, &h->pipe, 0);
}

static int init_poll(uv_loop_t* loop, union uv_any_handle* h) {
  static SOCKET polled = INVALID_SOCKET;

  if (polled != INVALID_SOCKET)
    closesocket(polled);
  polled = socket(AF_INET, SOCK_DGRAM, 0);
  return uv_poll_init_socket(loop, &h->poll, polled);
}

static int init_prepare(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_prepare_init(loop, &h->prepare);
}

/* A child that cannot start leaves a handle that its owner closes all the same. */
static int init_process(uv_loop_t* loop, union uv_any_handle* h) {
  char* args[] = {(char[]){"no-such-program"}, NULL};
  uv_process_options_t options = {.file = args[0], .args = args};

  assert_int_equal(uv_spawn(loop, &h->process, &options), UV_ENOENT);
  return 0;
}

static int init_signal(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_signal_init(loop, &h->signal);
}

static int init_tcp(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_tcp_init(loop, &h->tcp);
}

static int init_timer(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_timer_init(loop, &h->timer);
}

static int init_udp(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_udp_init(loop, &h->udp);
}

static const struct {
  uv_handle_type type;
  int (*init)(uv_loop_t* loop, union uv_any_handle* handle);
} types[] = {
    {UV_ASYNC, init_async},     {UV_CHECK, init_check},     {UV_FS_EVENT, init_fs_event},
    {UV_FS_POLL, init_fs_poll}, {UV_IDLE, init_idle},       {UV_NAMED_PIPE, init_pipe},
    {UV_POLL, init_poll},       {UV_PREPARE, init_prepare}, {UV_PROCESS, init_process},
    {UV_SIGNAL, init_signal},   {UV_TCP, init_tcp},         {UV_TIMER, init_timer},
    {UV_UDP, init_udp},
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static union uv_any_handle handles[TYPES];

/* Each with rubbish all over, but for what is the program's own. */
static void init_all(struct loop_fixture* f) {
  for (int i = 0; i < TYPES; i++) {
    uv_handle_t* handle = &handles[i].handle;

    memset(&handles[i], 0xa5, sizeof(handles[i]));
    handle->data = &handles[i];
    memcpy(handle->u.reserved, theirs, sizeof(theirs));
    assert_int_equal(types[i].init(&f->loop, &handles[i]), 0);
  }
}

static void close_all(struct loop_fixture* f) {
  for (int i = 0; i < TYPES; i++)
    uv_close(&handles[i].handle, on_close);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(strlen(f->log), TYPES);
}

static void init_needs_no_zeroed_memory(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  for (int i = 0; i < TYPES; i++) {
    const uv_handle_t* handle = &handles[i].handle;
    assert_ptr_equal(handle->data, &handles[i]);
    assert_ptr_equal(handle->loop, &f->loop);
    assert_int_equal(handle->type, types[i].type);
    assert_int_equal(uv_is_active(handle), handle->type == UV_ASYNC);
    assert_int_equal(uv_is_closing(handle), 0);
    assert_int_equal(uv_has_ref(handle), 1);
    assert_null(handle->close_cb);
  }
  assert_int_equal(f->loop.active_handles, 1);
  close_all(f);
}

/* Programs keep pointers of their own there, but for pipes, which have a descriptor there. */
static void reserved_is_the_programs(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  close_all(f);
  for (int i = 0; i < TYPES; i++)
    if (types[i].type != UV_NAMED_PIPE)
      assert_memory_equal(handles[i].handle.u.reserved, theirs, sizeof(theirs));
}

/* -- A connection ------------------------------------------------------------------------------ */

static struct {
  uv_tcp_t server;
  uv_tcp_t accepted;
  uv_tcp_t client;
  uv_connect_t connecting;
  uv_write_t writing;
  uv_shutdown_t shutting;
  size_t received;
} net;

static void give_memory(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  static char memory[1024];

  (void) handle;
  (void) suggested;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  if (nread > 0)
    net.received += (size_t) nread;
  if (nread != UV_EOF)
    return;
  assert_false(has(stream, READING));
  uv_close((uv_handle_t*) stream, on_close);
  uv_close((uv_handle_t*) &net.server, on_close);
  uv_close((uv_handle_t*) &net.client, on_close);
}

static void on_connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(server->loop, &net.accepted), 0);
  assert_int_equal(uv_accept(server, (uv_stream_t*) &net.accepted), 0);
  assert_true(has(&net.accepted, BOUND | READABLE | WRITABLE));
  assert_int_equal(uv_read_start((uv_stream_t*) &net.accepted, give_memory, on_read), 0);
  assert_true(has(&net.accepted, ACTIVE | REF | READING));
}

static void on_write(uv_write_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 'w');
}

static void on_shutdown(uv_shutdown_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 's');
}

static void on_connect(uv_connect_t* req, int status) {
  uv_buf_t buf = uv_buf_init((char[]){"text"}, 4);

  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 'c');
  assert_int_equal(uv_write(&net.writing, req->handle, &buf, 1, on_write), 0);
  assert_int_equal(net.writing.type, UV_WRITE);
  assert_int_equal(uv_shutdown(&net.shutting, req->handle, on_shutdown), 0);
  assert_int_equal(net.shutting.type, UV_SHUTDOWN);
  assert_int_equal(req->handle->loop->active_reqs.count, 2);
}

static void init_request(void* req, size_t size) {
  memset(req, 0xa5, size);
  ((uv_req_t*) req)->data = &datum;
}

/* And requests are counted until their callbacks. */
static void streams_and_requests_need_no_zeroed_memory(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  int len = sizeof(address);

  memset(&net, 0xa5, sizeof(net));
  net.received = 0;
  init_request(&net.connecting, sizeof(net.connecting));
  init_request(&net.writing, sizeof(net.writing));
  init_request(&net.shutting, sizeof(net.shutting));
  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &net.server), 0);
  assert_int_equal(uv_tcp_bind(&net.server, (struct sockaddr*) &address, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &net.server, 1, on_connection), 0);
  assert_int_equal(uv_tcp_getsockname(&net.server, (struct sockaddr*) &address, &len), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &net.client), 0);
  assert_int_equal(
      uv_tcp_connect(&net.connecting, &net.client, (struct sockaddr*) &address, on_connect), 0);
  assert_int_equal(net.connecting.type, UV_CONNECT);
  assert_int_equal(f->loop.active_reqs.count, 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "cwsxxx");
  assert_int_equal(net.received, 4);
  assert_int_equal(f->loop.active_reqs.count, 0);
}

/* -- Members that programs read ---------------------------------------------------------------- */

static void what_the_system_calls_a_handle_is_where_programs_look(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_t udp;
  static uv_tcp_t tcp;
  static uv_pipe_t pipe;
  uv_os_fd_t fd;

  assert_int_equal(uv_udp_init_ex(&f->loop, &udp, AF_INET), 0);
  assert_int_equal(uv_tcp_init_ex(&f->loop, &tcp, AF_INET), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &pipe, 0), 0);
  assert_int_equal(uv_fileno((uv_handle_t*) &udp, &fd), 0);
  assert_true((SOCKET) fd == udp.socket);
  assert_int_equal(uv_fileno((uv_handle_t*) &tcp, &fd), 0);
  assert_true((SOCKET) fd == tcp.socket);
  assert_true(pipe.handle == INVALID_HANDLE_VALUE);
  assert_true(f->loop.iocp != NULL && f->loop.iocp != INVALID_HANDLE_VALUE);
}

/* A program's own packet on the loop's port wakes the loop. */
static void a_packet_without_an_operation_wakes_the_loop(void** state) {
  struct loop_fixture* f = *state;
  static uv_async_t keeps_alive;

  assert_int_equal(uv_async_init(&f->loop, &keeps_alive, NULL), 0);
  assert_true(PostQueuedCompletionStatus(f->loop.iocp, 0, 0, NULL));
  assert_int_equal(uv_run(&f->loop, UV_RUN_ONCE), 1);
}

static void closing_is_told_by_the_flags(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  assert_false(has(&timer, ACTIVE));
  uv_close((uv_handle_t*) &timer, on_close);
  assert_true(has(&timer, CLOSING));
  assert_false(has(&timer, CLOSED));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_true(has(&timer, CLOSED));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(init_needs_no_zeroed_memory),
      loop_test(reserved_is_the_programs),
      loop_test(streams_and_requests_need_no_zeroed_memory),
      loop_test(what_the_system_calls_a_handle_is_where_programs_look),
      loop_test(a_packet_without_an_operation_wakes_the_loop),
      loop_test(closing_is_told_by_the_flags),
  };

  watchdog(50);
  return cmocka_run_group_tests_name("win_consumers", tests, NULL, NULL);
}
