/* Four pipes for tests of names, and what asks for theirs. */
#ifndef RONDO_TEST_PIPE_NAME_FIXTURE_H_
#define RONDO_TEST_PIPE_NAME_FIXTURE_H_

#include "support/loop_fixture.h"
#include "support/pipe_name.h"

enum { ROOM = 256, NOT_CALLED = 12345 };

static uv_pipe_t pipes[4];
static uv_connect_t connect_req;
static int connect_status;
static char name[ROOM];

static inline uv_handle_t* handle_of(uv_pipe_t* pipe) {
  return (uv_handle_t*) pipe;
}

static inline int setup(void** state) {
  struct loop_fixture* f;

  pipe_names_make();
  loop_setup(state);
  f = *state;
  for (int i = 0; i < 4; i++)
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[i], 0), 0);
  memset(name, '#', sizeof(name));
  connect_status = NOT_CALLED;
  return 0;
}

/* Every test leaves no files. */
static inline int teardown(void** state) {
  loop_teardown(state);
  pipe_names_remove();
  return 0;
}

static inline void connected(uv_connect_t* req, int status) {
  (void) req;
  connect_status = status;
}

static inline int wait_connected(struct loop_fixture* f) {
  while (connect_status == NOT_CALLED)
    assert_true(uv_run(&f->loop, UV_RUN_ONCE) != 0 || connect_status != NOT_CALLED);
  return connect_status;
}

static inline void ignore_connection(uv_stream_t* server, int status) {
  (void) server;
  assert_int_equal(status, 0);
}

static inline void serve(uv_pipe_t* pipe) {
  assert_int_equal(uv_pipe_bind(pipe, pipe_name("server")), 0);
  assert_int_equal(uv_listen((uv_stream_t*) pipe, 8, ignore_connection), 0);
}

/* What uv_pipe_getsockname() answers for a room of `size` bytes, with the size that it leaves. */
static inline int sockname(const uv_pipe_t* pipe, size_t size, size_t* size_after) {
  *size_after = size;
  return uv_pipe_getsockname(pipe, name, size_after);
}

static inline int peername(const uv_pipe_t* pipe, size_t size, size_t* size_after) {
  *size_after = size;
  return uv_pipe_getpeername(pipe, name, size_after);
}

#if UV_VERSION_HEX >= 0x012e00
static inline int connect2(uv_pipe_t* pipe, const char* to, size_t len, unsigned int flags) {
  return uv_pipe_connect2(&connect_req, pipe, to, len, flags, connected);
}
#endif

/* A test function that gets a struct loop_fixture and leaves no files. */
#define name_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif /* RONDO_TEST_PIPE_NAME_FIXTURE_H_ */
