/* Pipes for tests, their names, and the callbacks that they share. */
#ifndef RONDO_TEST_PIPE_FIXTURE_H_
#define RONDO_TEST_PIPE_FIXTURE_H_

#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/full_table.h"
#include "support/loop_fixture.h"
#include "support/pipe_name.h"

enum { PIPES = 6, CONNECTS = 4, NOT_CALLED = 12345 };

static uv_pipe_t pipes[PIPES];
static uv_connect_t connects[CONNECTS];
static int connect_status[CONNECTS];

static inline uv_handle_t* handle_of(uv_pipe_t* pipe) {
  return (uv_handle_t*) pipe;
}

static inline uv_stream_t* stream_of(uv_pipe_t* pipe) {
  return (uv_stream_t*) pipe;
}

#if defined(_WIN32)
/* Threads of the system's have handles that come and go: test/win/test_win_pipe.c counts them. */
static inline void remember_descriptors(void) {
}

static inline void check_descriptors(void) {
}

/* What uv_fileno() answers. */
static inline int fd_of(uv_pipe_t* pipe) {
  uv_os_fd_t file;

  return uv_fileno(handle_of(pipe), &file);
}

static inline bool is_open(int fd) {
  return uv_get_osfhandle(fd) != INVALID_HANDLE_VALUE;
}

/* Not for children. */
static inline void assert_private(uv_pipe_t* pipe) {
  uv_os_fd_t file;
  DWORD flags;

  assert_int_equal(uv_fileno(handle_of(pipe), &file), 0);
  assert_true(GetHandleInformation(file, &flags));
  assert_int_equal(flags & HANDLE_FLAG_INHERIT, 0);
}

/* Writes a text, which stays, and answers how many bytes will be written, or an error. No pipe of
 * Windows is written within the call. */
static inline void free_write(uv_write_t* req, int status) {
  (void) status;
  free(req);
}

static inline int send_text(uv_pipe_t* pipe, const char* text) {
  uv_buf_t buf = uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));
  uv_write_t* req = malloc(sizeof(*req));
  int err = uv_write(req, stream_of(pipe), &buf, 1, free_write);

  if (err == 0)
    return (int) buf.len;
  free(req);
  return err;
}
#else
static int descriptors_before;

static inline void remember_descriptors(void) {
  descriptors_before = count_descriptors();
}

static inline void check_descriptors(void) {
  assert_int_equal(count_descriptors(), descriptors_before);
}

static inline int fd_of(uv_pipe_t* pipe) {
  uv_os_fd_t fd = -1;
  int err = uv_fileno(handle_of(pipe), &fd);

  return err != 0 ? err : fd;
}

/* Not for children, and never waited for. */
static inline void assert_private(uv_pipe_t* pipe) {
  assert_true(is_cloexec(fd_of(pipe)) && is_nonblocking(fd_of(pipe)));
}

/* Writes a text and answers how many bytes were written, or an error. */
static inline int send_text(uv_pipe_t* pipe, const char* text) {
  uv_buf_t buf = uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));
  return uv_try_write(stream_of(pipe), &buf, 1);
}
#endif

static inline int setup(void** state) {
  pipe_names_make();
  remember_descriptors();
  return loop_setup(state);
}

/* The first loop of a process may make what all share. */
static inline int group_setup(void** state) {
  return loop_setup(state) + loop_teardown(state);
}

/* Every test leaves neither descriptors nor files. */
static inline int teardown(void** state) {
  loop_teardown(state);
  check_descriptors();
  pipe_names_remove();
  return 0;
}

static inline void init_pipes(struct loop_fixture* f, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[i], 0), 0);
  for (int i = 0; i < CONNECTS; i++)
    connect_status[i] = NOT_CALLED;
}

static inline void close_now(struct loop_fixture* f, uv_pipe_t* pipe) {
  uv_close(handle_of(pipe), NULL);
  turn(f);
}

/* Runs turns until the log has a letter, which the test expects to come. */
static inline void wait_for(struct loop_fixture* f, char letter) {
  while (strchr(f->log, letter) == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
}

/* Takes the next connection of pipes[0], which is to come. */
static inline void accept_next(struct loop_fixture* f, uv_pipe_t* client) {
  int err;

  while ((err = uv_accept(stream_of(&pipes[0]), stream_of(client))) == UV_EAGAIN)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(err, 0);
}

static inline void connected(uv_connect_t* req, int status) {
  connect_status[req - connects] = status;
  test_log(req->handle->loop, (char) ('0' + (req - connects)));
}

static inline void closed(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
}

static inline void connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  test_log(server->loop, 'S');
}

/* Takes each connection into the next of pipes[2] and so on. */
static uv_pipe_t* next_accepted;

static inline void accept_connection(uv_stream_t* server, int status) {
  connection(server, status);
  assert_int_equal(uv_accept(server, stream_of(next_accepted)), 0);
  next_accepted++;
}

static inline void serve(const char* name, int backlog, uv_connection_cb cb) {
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name(name)), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), backlog, cb), 0);
  next_accepted = &pipes[2];
}

/* Connects a pipe and answers what the callback got. */
static inline int connect_pipe(struct loop_fixture* f, uv_pipe_t* pipe, const char* path) {
  connect_status[0] = NOT_CALLED;
  uv_pipe_connect(&connects[0], pipe, path, connected);
  assert_int_equal(connect_status[0], NOT_CALLED);
  while (connect_status[0] == NOT_CALLED && uv_loop_alive(&f->loop))
    uv_run(&f->loop, UV_RUN_ONCE);
  return connect_status[0];
}

static inline int connect_to(struct loop_fixture* f, int which, const char* path) {
  return connect_pipe(f, &pipes[which], path);
}

/* pipes[0] listens, pipes[1] is the client, pipes[2] what was accepted. */
static inline void make_connection(struct loop_fixture* f) {
  init_pipes(f, PIPES);
  serve("server", 8, accept_connection);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
}

/* Makes each allocation of `action` fail in turn, that for what is watched included. */
static inline void check_without_memory(void** state, int (*action)(struct loop_fixture* f)) {
  struct loop_fixture* f = *state;
  int err = UV_ENOMEM;
  long fail_at = 0;

  while (err != 0 || test_allocator.calls >= fail_at) {
    loop_teardown(state);
    loop_setup(state);
    f = *state;
    init_pipes(f, PIPES);
    fill_table(&f->loop);
    test_allocator_install(++fail_at, false);
    err = action(f);
    test_allocator_remove();
    empty_table();
    if (err != 0)
      assert_int_equal(err, UV_ENOMEM);
  }
  assert_true(fail_at > 1);
}

/* A test function that gets a struct loop_fixture, an empty directory, and leaves nothing. */
#define pipe_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif /* RONDO_TEST_PIPE_FIXTURE_H_ */
