/* Three TCP handles for a test, and callbacks that each write a letter to the fixture's log: what
 * came, and in which order. */
#ifndef RONDO_TEST_TCP_HANDLES_H_
#define RONDO_TEST_TCP_HANDLES_H_

#include "support/loop_fixture.h"
#include "support/tcp.h"

enum { FLAG_BOUND = 0x2000, FLAG_IPV6 = 0x400000 }; /* of uv_handle_t.flags */

static uv_tcp_t server;
static uv_tcp_t client;
static uv_tcp_t accepted;
static uv_connect_t connect_req;

static int connect_status;
static int connection_status;
static int read_status;
static size_t bytes_read;
static int allocs;

static inline void on_connect(uv_connect_t* req, int status) {
  test_log(req->handle->loop, 'c');
  connect_status = status;
}

static inline void on_connection(uv_stream_t* stream, int status) {
  test_log(stream->loop, 'n');
  connection_status = status;
}

static inline void accept_and_close(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(stream->loop, &accepted), 0);
  assert_int_equal(uv_accept(stream, (uv_stream_t*) &accepted), 0);
  test_log(stream->loop, 'a');
  uv_close((uv_handle_t*) stream, NULL);
}

static inline void on_shutdown(uv_shutdown_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 's' : 'S');
}

static inline void on_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

static inline void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[1024];

  (void) handle;
  (void) size;
  allocs++;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static inline void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  test_log(stream->loop, nread < 0 ? 'e' : 'r');
  read_status = (int) nread;
  if (nread > 0)
    bytes_read += (size_t) nread;
}

static inline void run(struct loop_fixture* f) {
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

static inline void bind_to(uv_tcp_t* tcp, union address address) {
  assert_int_equal(uv_tcp_bind(tcp, &address.any, 0), 0);
}

/* Makes `server` listen on an address and answers the address with its port. */
static inline union address serve_at(struct loop_fixture* f, union address address,
                                     uv_connection_cb cb) {
  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  bind_to(&server, address);
  assert_int_equal(uv_listen((uv_stream_t*) &server, 16, cb), 0);
  return name_of(&server);
}

static inline union address serve(struct loop_fixture* f, uv_connection_cb cb) {
  return serve_at(f, address4("127.0.0.1", 0), cb);
}

/* Makes `client` own one end of a connection and answers the other. */
static inline uv_os_sock_t open_client(struct loop_fixture* f) {
  uv_os_sock_t pair[2];

  make_tcp_pair(pair);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_open(&client, pair[0]), 0);
  return pair[1];
}

static inline void assert_no_socket(const uv_tcp_t* tcp) {
  uv_os_fd_t fd;
  uv_os_fd_t before;

  memset(&fd, 77, sizeof(fd));
  before = fd;
  assert_int_equal(uv_fileno((const uv_handle_t*) tcp, &fd), UV_EBADF);
  assert_true(fd == before);
}

static inline void assert_same_address(const union address* a, const union address* b) {
  assert_int_equal(a->any.sa_family, b->any.sa_family);
  assert_int_equal(port_of_address(a), port_of_address(b));
  if (a->any.sa_family == AF_INET)
    assert_int_equal(a->v4.sin_addr.s_addr, b->v4.sin_addr.s_addr);
  else
    assert_memory_equal(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr));
}

/* Starts connecting `client` and answers what that call said. */
static inline int connect_client(const union address* to) {
  return uv_tcp_connect(&connect_req, &client, &to->any, on_connect);
}

#endif /* RONDO_TEST_TCP_HANDLES_H_ */
