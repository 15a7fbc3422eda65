/* Pipes: opening descriptors, serving, and the end. */
#include "support/pipe_fixture.h"
#include "support/reader.h"

#include <fcntl.h>

/* -- Init and open ----------------------------------------------------------------------------- */

static void a_new_pipe_is_an_inactive_stream_without_a_descriptor(void** state) {
  struct loop_fixture* f = *state;
  char datum;

  memset(&pipes[0], 0xab, sizeof(pipes[0]));
  pipes[0].data = &datum;
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[0], 7), 0);
  assert_ptr_equal(pipes[0].data, &datum);
  assert_ptr_equal(pipes[0].loop, &f->loop);
  assert_int_equal(pipes[0].type, UV_NAMED_PIPE);
  assert_int_equal(pipes[0].ipc, 7);
  assert_int_equal(pipes[0].write_queue_size, 0);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[0])), 0);
  assert_int_equal(fd_of(&pipes[0]), UV_EBADF);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void an_opened_descriptor_goes_with_the_handle(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_false(is_open(fds[0]));
  assert_int_equal(fd_of(&pipes[0]), UV_EBADF);
  close(fds[1]);
}

static void the_ends_of_a_pipe_know_where_they_lead(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  init_pipes(f, 2);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[0])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[1])), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[1])), 1);
}

static int write_status;

static void written(uv_write_t* req, int status) {
  (void) req;
  write_status = status;
}

static int write_text(struct loop_fixture* f, uv_pipe_t* pipe, const char* text) {
  uv_write_t req;
  uv_buf_t buf = uv_buf_init((char*) text, (unsigned int) strlen(text));

  write_status = NOT_CALLED;
  assert_int_equal(uv_write(&req, stream_of(pipe), &buf, 1, written), 0);
  assert_int_equal(write_status, NOT_CALLED);
  while (write_status == NOT_CALLED)
    uv_run(&f->loop, UV_RUN_ONCE);
  return write_status;
}

/* -- Binding and listening --------------------------------------------------------------------- */

static void a_handle_is_bound_once(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  init_pipes(f, 4);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("other")), UV_EINVAL);
  assert_int_equal(connect_to(f, 3, pipe_name("other")), UV_ENOENT);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[0]), 0);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("other")), UV_EINVAL);
  close(fds[1]);
  uv_close(handle_of(&pipes[2]), NULL);
  assert_int_equal(uv_pipe_bind(&pipes[2], pipe_name("other")), UV_EINVAL);
}

static void listening_needs_a_bound_open_handle_that_is_not_for_ipc(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), UV_EINVAL);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), UV_EINVAL);
  turn(f);
#if defined(RONDO_VERSION)
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[0], 1), 0);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), UV_EINVAL);
#endif
}

static void a_listening_pipe_is_active_and_neither_readable_nor_writable(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  serve("server", 8, connection);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 1);
  assert_int_equal(uv_read_start(stream_of(&pipes[0]), reader_alloc, reader_read), UV_ENOTCONN);
  assert_int_equal(send_text(&pipes[0], "x"), UV_EPIPE);
}

static void log_other_connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  test_log(server->loop, 'T');
}

static void listening_again_replaces_the_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  serve("server", 8, connection);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, log_other_connection), 0);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  wait_for(f, 'T');
  assert_null(strchr(f->log, 'S'));
}

#if defined(RONDO_VERSION) /* libuv calls it */
static void listening_takes_a_null_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  serve("server", 8, NULL);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  accept_next(f, &pipes[2]);
}
#endif

/* -- Accepting --------------------------------------------------------------------------------- */

static void a_connection_waits_until_it_is_accepted(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 5);
  serve("server", 8, connection);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[3])), UV_EAGAIN);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  assert_int_equal(connect_to(f, 2, pipe_name("server")), 0);
  wait_for(f, 'S');
  for (int i = 0; i < 5; i++)
    turn(f);
  assert_string_equal(strchr(f->log, 'S') + 1, strrchr(f->log, 'S') + 1); /* one call */

  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[3])), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[3])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[3])), 1);
  assert_private(&pipes[3]);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[4])), UV_EAGAIN);
  accept_next(f, &pipes[4]);
}

static void what_cannot_be_accepted_into_says_so(void** state) {
  static uv_timer_t timer;
  struct loop_fixture* f = *state;
  static struct reader reader;

  init_pipes(f, 4);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  serve("server", 8, connection);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  wait_for(f, 'S');
  assert_int_equal(uv_accept(stream_of(&pipes[0]), (uv_stream_t*) &timer), UV_EINVAL);
#if defined(RONDO_VERSION)
  uv_close(handle_of(&pipes[3]), NULL);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[3])), UV_EINVAL);
#endif
  /* A handle that has a descriptor costs the connection. */
  assert_int_equal(uv_pipe_bind(&pipes[2], pipe_name("busy")), 0);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[2])), UV_EBUSY);
  assert_int_equal(uv_accept(stream_of(&pipes[0]), stream_of(&pipes[2])), UV_EAGAIN);
  reader_start(&reader, stream_of(&pipes[1]));
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
}

static void pending_handles_are_none_without_ipc(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  uv_pipe_pending_instances(&pipes[0], 4);
  serve("server", 8, connection);
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  wait_for(f, 'S');
  assert_int_equal(uv_pipe_pending_count(&pipes[0]), 0);
  assert_int_equal(uv_pipe_pending_type(&pipes[0]), UV_UNKNOWN_HANDLE);
}

/* -- The end ----------------------------------------------------------------------------------- */

static void shut_down(uv_shutdown_t* req, int status) {
  assert_int_equal(status, 0);
  test_log(req->handle->loop, 'd');
}

static void a_shutdown_comes_behind_what_was_written(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;
  static struct reader
      own; /* Windows has no half-close: it ends what is being read, after a while */
  static char big[1 << 21];
  uv_buf_t buf = uv_buf_init(big, sizeof(big));
  uv_shutdown_t shutdown_req;
  uv_write_t write_req;

  make_connection(f);
  assert_int_equal(uv_write(&write_req, stream_of(&pipes[1]), &buf, 1, written), 0);
  assert_true(pipes[1].write_queue_size > 0);
  assert_int_equal(uv_shutdown(&shutdown_req, stream_of(&pipes[1]), shut_down), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[1])), 0);
  reader_start(&own, stream_of(&pipes[1]));
  reader_start(&reader, stream_of(&pipes[2]));
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  assert_int_equal(reader.len, sizeof(big));
  assert_non_null(strchr(f->log, 'd'));
}

static void data_and_hangup_at_once_are_data_and_then_the_end(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;
  uv_file fds[2];

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(write(fds[1], "last words", 10), 10);
  close(fds[1]);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  reader_start(&reader, stream_of(&pipes[0]));
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  assert_int_equal(reader.len, 10);
}

#if defined(RONDO_VERSION) /* libuv's raises SIGPIPE */
static void a_failed_write_does_not_hide_what_the_peer_sent(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;

  make_connection(f);
  assert_int_equal(send_text(&pipes[2], "goodbye"), 7);
  close_now(f, &pipes[2]);
  assert_int_equal(write_text(f, &pipes[1], "too late"), UV_EPIPE);
  reader_start(&reader, stream_of(&pipes[1]));
  reader_wait_end(&reader, &f->loop);
  assert_int_equal(reader.len, 7);
  assert_memory_equal(reader.bytes, "goodbye", 7);
}
#endif

static void closing_the_server_ends_its_clients(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;

  init_pipes(f, 2);
  serve("server", 8, connection); /* that accepts nobody */
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  wait_for(f, 'S');
  reader_start(&reader, stream_of(&pipes[1]));
  uv_close(handle_of(&pipes[0]), NULL);
  assert_true(reader_wait_end(&reader, &f->loop) < 0);
}

static void close_server_in_connection(uv_stream_t* server, int status) {
  connection(server, status);
  uv_close((uv_handle_t*) server, closed);
}

static void a_server_may_close_in_its_connection_callback(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 2);
  serve("server", 8, close_server_in_connection);
  uv_pipe_connect(&connects[0], &pipes[1], pipe_name("server"), NULL);
  while (strchr(f->log, 'c') == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "Sc");
}

static void free_handle(uv_handle_t* handle) {
  test_log(handle->loop, 'f');
  free(handle);
}

static void read_and_close(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  assert_int_equal(nread, 1);
  uv_close((uv_handle_t*) stream, free_handle);
}

static void a_handle_may_be_freed_in_its_close_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_pipe_t* pipe = malloc(sizeof(*pipe));
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_init(&f->loop, pipe, 0), 0);
  assert_int_equal(uv_pipe_open(pipe, fds[0]), 0);
  assert_int_equal(uv_read_start(stream_of(pipe), reader_alloc, read_and_close), 0);
  assert_int_equal(write(fds[1], "x", 1), 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "f");
  close(fds[1]);
}

/* -- uv_pipe() --------------------------------------------------------------------------------- */

static void a_pipe_of_two_descriptors_leads_one_way(void** state) {
  uv_file fds[2];
  char c = 0;

  (void) state;
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_true(is_cloexec(fds[0]) && is_cloexec(fds[1]));
  assert_int_equal(write(fds[1], "x", 1), 1);
  assert_int_equal(read(fds[0], &c, 1), 1);
  assert_int_equal(c, 'x');
  assert_int_equal(write(fds[0], "x", 1), -1);
  close(fds[0]);
  close(fds[1]);
}

/* -- Out of memory ----------------------------------------------------------------------------- */

#if defined(RONDO_VERSION) /* libuv aborts when it cannot watch a descriptor */
static int bind_and_listen(struct loop_fixture* f) {
  int err = uv_pipe_bind(&pipes[0], pipe_name("server"));

  (void) f;
  if (err != 0)
    assert_int_equal(fd_of(&pipes[0]), UV_EBADF);
  return err != 0 ? err : uv_listen(stream_of(&pipes[0]), 8, accept_connection);
}

static void binding_without_memory_is_enomem(void** state) {
  check_without_memory(state, bind_and_listen);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    pipe_test(a_new_pipe_is_an_inactive_stream_without_a_descriptor),
    pipe_test(an_opened_descriptor_goes_with_the_handle),
    pipe_test(the_ends_of_a_pipe_know_where_they_lead),
    pipe_test(a_handle_is_bound_once),
    pipe_test(listening_needs_a_bound_open_handle_that_is_not_for_ipc),
    pipe_test(a_listening_pipe_is_active_and_neither_readable_nor_writable),
    pipe_test(listening_again_replaces_the_callback),
    pipe_test(a_connection_waits_until_it_is_accepted),
    pipe_test(what_cannot_be_accepted_into_says_so),
    pipe_test(pending_handles_are_none_without_ipc),
    pipe_test(a_shutdown_comes_behind_what_was_written),
    pipe_test(data_and_hangup_at_once_are_data_and_then_the_end),
    pipe_test(closing_the_server_ends_its_clients),
    pipe_test(a_server_may_close_in_its_connection_callback),
    pipe_test(a_handle_may_be_freed_in_its_close_callback),
    cmocka_unit_test(a_pipe_of_two_descriptors_leads_one_way),
#if defined(RONDO_VERSION)
    pipe_test(listening_takes_a_null_callback),
    pipe_test(a_failed_write_does_not_hide_what_the_peer_sent),
    pipe_test(binding_without_memory_is_enomem),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
