/* Pipes: connecting. */
#include "support/pipe_fixture.h"
#include "support/reader.h"

#if defined(_WIN32)
/* Connecting is done within the call, and so may be what is written right behind it; handles are
 * closed in the order in which what was under way on them comes back. */
enum { ALREADY_CONNECTED = UV_EBUSY, EARLY_WRITE_WAITS = false };
static const char* const closing_order = "01cc";
#else
#include <sys/socket.h>

enum { ALREADY_CONNECTED = UV_EISCONN, EARLY_WRITE_WAITS = true };
static const char* const closing_order = "1c0c";
#endif

static void both_ends_of_a_connection_carry_data(void** state) {
  struct loop_fixture* f = *state;
  static struct reader client;
  static struct reader server;

  make_connection(f);
  reader_start(&client, stream_of(&pipes[1]));
  reader_start(&server, stream_of(&pipes[2]));
  assert_int_equal(send_text(&pipes[1], "hello"), 5);
  reader_wait(&server, &f->loop, 5);
  assert_memory_equal(server.bytes, "hello", 5);
  assert_int_equal(send_text(&pipes[2], "hello yourself"), 14);
  reader_wait(&client, &f->loop, 14);
  assert_memory_equal(client.bytes, "hello yourself", 14);
}

static void a_connecting_pipe_can_be_read_and_written(void** state) {
  struct loop_fixture* f = *state;
  static struct reader client;
  static struct reader server;
  uv_write_t req;
  uv_buf_t buf = uv_buf_init("early", 5);

  init_pipes(f, 3);
  serve("server", 8, accept_connection);
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), connected);
  assert_ptr_equal(connects[0].handle, &pipes[1]);
  assert_int_equal(connects[0].type, UV_CONNECT);
  assert_int_equal(uv_is_readable(stream_of(&pipes[1])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[1])), 1);
  assert_private(&pipes[1]);
  reader_start(&client, stream_of(&pipes[1]));
  assert_int_equal(uv_write(&req, stream_of(&pipes[1]), &buf, 1, NULL), 0);
  if (EARLY_WRITE_WAITS) {
    buf = uv_buf_init("x", 1);
    assert_int_equal(pipes[1].write_queue_size, 5);
    assert_int_equal(uv_try_write(stream_of(&pipes[1]), &buf, 1), UV_EAGAIN);
  }
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
  reader_start(&server, stream_of(&pipes[2]));
  reader_wait(&server, &f->loop, 5);
  assert_int_equal(connect_status[0], 0);
  assert_int_equal(pipes[1].write_queue_size, 0);
  assert_int_equal(client.calls, 0);
}

static void nobody_to_connect_to_is_told_by_the_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  assert_int_equal(connect_to(f, 0, pipe_name("nobody")), UV_ENOENT);
  assert_int_equal(uv_is_readable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_is_closing(handle_of(&pipes[0])), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

#if !defined(_WIN32) /* a bound pipe of Windows can be connected to */
static void a_name_without_a_listener_is_told_by_the_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("deaf")), 0);
  assert_int_equal(connect_to(f, 0, pipe_name("deaf")), UV_ECONNREFUSED);

  close(open(pipe_name("file"), O_CREAT | O_RDWR, 0600));
  assert_int_equal(connect_to(f, 0, pipe_name("file")), UV_ECONNREFUSED);
  assert_int_equal(unlink(pipe_name("file")), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}
#endif

#if defined(RONDO_VERSION) /* libuv 1.44 has ECONNREFUSED for no name, and crashes without one */
static void even_a_bad_name_is_told_by_the_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  assert_int_equal(connect_to(f, 0, ""), UV_EINVAL);
  assert_int_equal(connect_to(f, 0, NULL), UV_EINVAL);
}
#endif

static void a_failed_connect_can_be_tried_again(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), UV_ENOENT);
  serve("server", 8, accept_connection);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
#if defined(RONDO_VERSION) /* libuv's stays mute */
  assert_int_equal(send_text(&pipes[1], "x"), 1);
#endif
}

static void a_connected_pipe_cannot_connect_again(void** state) {
  struct loop_fixture* f = *state;

  make_connection(f);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), ALREADY_CONNECTED);
  assert_int_equal(send_text(&pipes[1], "x"), 1);
}

#if !defined(_WIN32) /* where test/win/test_win_pipe.c has what happens when all are busy */
static void a_full_backlog_is_eagain(void** state) {
  enum { CLIENTS = 20 };
  static uv_pipe_t clients[CLIENTS];
  struct loop_fixture* f = *state;
  int full = 0;

  init_pipes(f, 1);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(listen(fd_of(&pipes[0]), 0), 0);
  for (int i = 0; i < CLIENTS; i++) {
    assert_int_equal(uv_pipe_init(&f->loop, &clients[i], 0), 0);
    int status = connect_pipe(f, &clients[i], pipe_name("server"));
    assert_true(status == 0 || status == UV_EAGAIN);
    full += status == UV_EAGAIN;
  }
  assert_true(full > 0);
}

static void want_of_descriptors_is_told_by_the_callback(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before;

  init_pipes(f, 3);
  serve("server", 8, accept_connection);
  turn(f);
  before = limit_descriptors(0);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), UV_EMFILE);
  assert_int_equal(uv_pipe_bind(&pipes[2], pipe_name("other")), UV_EMFILE);
  unlimit_descriptors(&before);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
}
#endif

static void connecting_takes_a_null_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 4);
  serve("server", 8, accept_connection);
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), NULL);
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
  uv_pipe_connect(&connects[1], &pipes[3], pipe_name("nobody"), NULL);
  while (f->loop.active_reqs.count > 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(send_text(&pipes[1], "x"), 1);
}

static void connect_in_prepare(uv_prepare_t* prepare) {
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), connected);
  uv_close((uv_handle_t*) prepare, NULL);
}

static void connecting_works_from_a_prepare_callback(void** state) {
  static uv_prepare_t prepare;
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  serve("server", 8, accept_connection);
  assert_int_equal(uv_prepare_init(&f->loop, &prepare), 0);
  assert_int_equal(uv_prepare_start(&prepare, connect_in_prepare), 0);
  while (connect_status[0] == NOT_CALLED || next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(connect_status[0], 0);
}

static void clients_closed_right_after_connecting_still_reach_the_server(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, PIPES);
  serve("server", 8, accept_connection);
  next_accepted = &pipes[3];
  for (int i = 0; i < 2; i++) {
    uv_pipe_connect(&connects[i], &pipes[i + 1], pipe_name("server"), connected);
    uv_close(handle_of(&pipes[i + 1]), closed);
  }
  while (next_accepted < &pipes[5])
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(connect_status[0], UV_ECANCELED);
  assert_int_equal(connect_status[1], UV_ECANCELED);
}

/* Last-closed first; each connect's callback before its handle's close callback. */
static void closing_cancels_a_connect_before_the_close_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  serve("server", 8, NULL);
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), connected);
  uv_pipe_connect(&connects[1], &pipes[2], pipe_name("nobody"), connected);
  uv_close(handle_of(&pipes[0]), NULL);
  uv_close(handle_of(&pipes[1]), closed);
  uv_close(handle_of(&pipes[2]), closed);
  assert_string_equal(f->log, "");
  turn(f);
  assert_string_equal(f->log, closing_order);
  assert_int_equal(connect_status[0], UV_ECANCELED);
  assert_int_equal(connect_status[1], UV_ECANCELED);
}

#if defined(RONDO_VERSION)
static void connect_never(uv_connect_t* req, int status) {
  (void) req;
  fail_msg("connect callback with %d", status);
}

static void one_connect_at_a_time(void** state) {
  struct loop_fixture* f = *state;
  const char* path = pipe_name("server");

  init_pipes(f, 3);
  serve("server", 8, connection);
  assert_int_equal(uv_pipe_connect2(&connects[0], &pipes[1], path, strlen(path), 0, connected), 0);
  assert_int_equal(uv_pipe_connect2(&connects[1], &pipes[1], path, strlen(path), 0, connect_never),
                   UV_EALREADY);
  uv_pipe_connect(&connects[2], &pipes[1], path, connected);
  uv_pipe_connect(&connects[3], &pipes[1], path, connected);
  while (connect_status[3] == NOT_CALLED)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_non_null(strstr(f->log, "023"));
  assert_int_equal(connect_status[0], 0);
  assert_int_equal(connect_status[2], UV_EALREADY);
  assert_int_equal(connect_status[3], UV_EALREADY);
  assert_int_equal(f->loop.active_reqs.count, 0);
}

static void closing_ends_refused_connects_too(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), connected);
  uv_pipe_connect(&connects[1], &pipes[1], pipe_name("server"), connected);
  uv_close(handle_of(&pipes[1]), closed);
  turn(f);
  assert_string_equal(f->log, "01c");
  assert_int_equal(connect_status[0], UV_ECANCELED);
  assert_int_equal(connect_status[1], UV_EALREADY);
}

static void connect_once_more(uv_connect_t* req, int status) {
  connected(req, status);
  uv_pipe_connect(&connects[1], (uv_pipe_t*) req->handle, pipe_name("server"), connected);
}

static void a_callback_of_the_close_does_not_connect(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  uv_pipe_connect(&connects[0], &pipes[0], pipe_name("server"), connect_once_more);
  uv_close(handle_of(&pipes[0]), closed);
  turn(f);
  assert_string_equal(f->log, "01c");
  assert_int_equal(connect_status[0], UV_ECANCELED);
  assert_int_equal(connect_status[1], UV_ECANCELED);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void a_closing_pipe_does_not_connect(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  uv_close(handle_of(&pipes[0]), closed);
  assert_int_equal(uv_pipe_connect2(&connects[0], &pipes[0], "x", 1, 0, connect_never), UV_EINVAL);
  uv_pipe_connect(&connects[1], &pipes[0], pipe_name("server"), connected);
  turn(f);
  assert_string_equal(f->log, "1c");
  assert_int_equal(connect_status[1], UV_ECANCELED);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void a_listening_pipe_does_not_connect(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  serve("server", 8, accept_connection);
  assert_int_equal(connect_to(f, 0, pipe_name("server")), UV_EINVAL);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
}

#if !defined(_WIN32) /* what is bound is a server there */
static void a_bound_client_reads_and_writes(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;

  init_pipes(f, 3);
  serve("server", 8, accept_connection);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("client")), 0);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
  reader_start(&reader, stream_of(&pipes[1]));
  assert_int_equal(send_text(&pipes[2], "to you"), 6);
  reader_wait(&reader, &f->loop, 6);
}
#endif
#endif

#if defined(RONDO_VERSION) /* libuv aborts when it cannot watch a descriptor */
static int connect_to_nobody(struct loop_fixture* f) {
  int status = connect_to(f, 0, pipe_name("server"));
  return status == UV_ENOENT ? 0 : status;
}

static void connecting_without_memory_is_enomem(void** state) {
  check_without_memory(state, connect_to_nobody);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    pipe_test(both_ends_of_a_connection_carry_data),
    pipe_test(a_connecting_pipe_can_be_read_and_written),
    pipe_test(nobody_to_connect_to_is_told_by_the_callback),
    pipe_test(a_failed_connect_can_be_tried_again),
    pipe_test(a_connected_pipe_cannot_connect_again),
    pipe_test(connecting_takes_a_null_callback),
    pipe_test(connecting_works_from_a_prepare_callback),
    pipe_test(clients_closed_right_after_connecting_still_reach_the_server),
    pipe_test(closing_cancels_a_connect_before_the_close_callback),
#if !defined(_WIN32)
    pipe_test(a_name_without_a_listener_is_told_by_the_callback),
    pipe_test(a_full_backlog_is_eagain),
    pipe_test(want_of_descriptors_is_told_by_the_callback),
#endif
#if !defined(_WIN32) && defined(RONDO_VERSION)
    pipe_test(a_bound_client_reads_and_writes),
#endif
#if defined(RONDO_VERSION)
    pipe_test(even_a_bad_name_is_told_by_the_callback),
    pipe_test(one_connect_at_a_time),
    pipe_test(closing_ends_refused_connects_too),
    pipe_test(a_callback_of_the_close_does_not_connect),
    pipe_test(a_closing_pipe_does_not_connect),
    pipe_test(a_listening_pipe_does_not_connect),
    pipe_test(connecting_without_memory_is_enomem),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
