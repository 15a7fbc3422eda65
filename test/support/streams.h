/* A stream under test with a raw, blocking socket at its other end: over TCP and, but for Windows,
 * over a unix socket. The tests of streams run once for each kind. Callbacks write a letter to the
 * fixture's log: what came, and in which order. */
#ifndef RONDO_TEST_STREAMS_H_
#define RONDO_TEST_STREAMS_H_

#include "support/loop_fixture.h"
#include "support/tcp.h"

enum stream_kind { OVER_TCP, OVER_UNIX };

union any_stream {
  uv_handle_t handle;
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
};

static enum stream_kind kind;

#if defined(_WIN32)

/* Named pipes have no sockets for a test to hold: test_pipe.c looks at them. */
static inline void init_stream(uv_loop_t* loop, union any_stream* s) {
  assert_int_equal(uv_tcp_init(loop, &s->tcp), 0);
}

static inline int give_socket(union any_stream* s, uv_os_sock_t socket) {
  return uv_tcp_open(&s->tcp, socket);
}

static inline void make_pair(uv_os_sock_t pair[2]) {
  make_tcp_pair(pair);
}

#else

static inline void init_stream(uv_loop_t* loop, union any_stream* s) {
  if (kind == OVER_TCP)
    assert_int_equal(uv_tcp_init(loop, &s->tcp), 0);
  else
    assert_int_equal(uv_pipe_init(loop, &s->pipe, 0), 0);
}

static inline int give_socket(union any_stream* s, uv_os_sock_t socket) {
  return kind == OVER_TCP ? uv_tcp_open(&s->tcp, socket) : uv_pipe_open(&s->pipe, socket);
}

static inline void make_pair(uv_os_sock_t pair[2]) {
  if (kind == OVER_TCP)
    make_tcp_pair(pair);
  else
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

#endif

/* Inits a stream, opens it, and answers the socket at its other end. What the system takes of a
 * long message is limited: left alone, it may make a TCP socket's buffer larger than all of it. */
static inline uv_os_sock_t open_stream(uv_loop_t* loop, union any_stream* s) {
  int room = 128 * 1024;
  uv_os_sock_t pair[2];

  make_pair(pair);
  init_stream(loop, s);
  assert_int_equal(give_socket(s, pair[0]), 0);
  assert_int_equal(uv_send_buffer_size(&s->handle, &room), 0);
  return pair[1];
}

static inline void run(struct loop_fixture* f) {
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

/* Runs turns until the log has a letter, which the test expects to come. */
static inline void run_until(struct loop_fixture* f, char letter) {
  while (strchr(f->log, letter) == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
}

static inline uv_buf_t buf_of(const char* text) {
  return uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));
}

static inline void send_text(uv_os_sock_t socket, const char* text) {
  assert_int_equal(socket_write(socket, text, strlen(text)), strlen(text));
}

/* Byte number `i` of a long message. */
static inline char pattern(size_t i) {
  return (char) (i * 31 + (i >> 8) * 7 + (i >> 16));
}

static inline void fill_pattern(char* memory, size_t len, size_t first) {
  for (size_t i = 0; i < len; i++)
    memory[i] = pattern(first + i);
}

static inline void assert_pattern(const char* memory, size_t len, size_t first) {
  for (size_t i = 0; i < len; i++)
    if (memory[i] != pattern(first + i))
      fail_msg("byte %d is %d, not %d", (int) (first + i), memory[i], pattern(first + i));
}

/* -- Callbacks --------------------------------------------------------------------------------- */

static inline void on_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

static inline void on_shutdown(uv_shutdown_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 's' : status == UV_ECANCELED ? 'S' : '!');
}

static inline void on_write(uv_write_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'w' : status == UV_ECANCELED ? 'W' : '!');
}

/* -- Running ----------------------------------------------------------------------------------- */

static inline int run_kind(enum stream_kind of_kind, const char* name,
                           const struct CMUnitTest* tests, size_t count) {
  kind = of_kind;
  return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

/* Runs an array of tests for each kind. */
#if defined(_WIN32)
#define run_for_each_kind(name, tests) \
  run_kind(OVER_TCP, name " over tcp", tests, sizeof(tests) / sizeof((tests)[0]))
#else
#define run_for_each_kind(name, tests) \
  (run_kind(OVER_TCP, name " over tcp", tests, sizeof(tests) / sizeof((tests)[0])) + \
   run_kind(OVER_UNIX, name " over unix sockets", tests, sizeof(tests) / sizeof((tests)[0])))
#endif

#endif /* RONDO_TEST_STREAMS_H_ */
