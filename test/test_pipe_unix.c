/* Pipes on POSIX: what descriptors may be, paths, signals. */
#include "support/pipe_fixture.h"
#include "support/reader.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* -- Open -------------------------------------------------------------------------------------- */

static void the_access_mode_of_a_descriptor_says_where_it_leads(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];
  int pair[2];

  init_pipes(f, 3);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  close(pair[1]);

  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[0])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[0])), 0);
  assert_int_equal(uv_pipe_open(&pipes[1], fds[1]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[1])), 0);
  assert_int_equal(uv_is_writable(stream_of(&pipes[1])), 1);
  assert_int_equal(uv_pipe_open(&pipes[2], pair[0]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[2])), 1);
  assert_int_equal(uv_is_writable(stream_of(&pipes[2])), 1);
  assert_int_equal(fd_of(&pipes[0]), fds[0]);
  assert_true(is_nonblocking(fds[0]) && is_nonblocking(fds[1]) && is_nonblocking(pair[0]));
}

static void the_standard_streams_stay_open(void** state) {
  struct loop_fixture* f = *state;
  int stdin_before = dup(0);
  uv_file fds[2];

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(dup2(fds[0], 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], 0), 0);
  close_now(f, &pipes[0]);
  assert_true(is_same_file(0, fds[0]));

  assert_int_equal(dup2(stdin_before, 0), 0);
  close(stdin_before);
  close(fds[0]);
  close(fds[1]);
}

/* Programs set it right after uv_pipe_init() to hear of a reader that goes. */
static void opening_keeps_a_readable_flag_that_was_set_before(void** state) {
  enum { READABLE = 0x4000 };
  struct loop_fixture* f = *state;
  static struct reader reader;
  uv_file fds[2];

  init_pipes(f, 1);
  pipes[0].flags |= READABLE;
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[1]), 0);
  assert_int_equal(uv_is_readable(stream_of(&pipes[0])), 1);
  reader_start(&reader, stream_of(&pipes[0]));
  close(fds[0]);
  assert_true(reader_wait_end(&reader, &f->loop) < 0);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
}

static void poll_never(uv_poll_t* poll, int status, int events) {
  (void) poll;
  fail_msg("poll callback with %d, %d", status, events);
}

static void a_descriptor_that_is_refused_stays_the_callers(void** state) {
  static uv_poll_t poll;
  struct loop_fixture* f = *state;
  uv_file fds[2];
  uv_file others[2];

  init_pipes(f, 2);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe(others, 0, 0), 0);

  assert_int_equal(uv_poll_init(&f->loop, &poll, fds[0]), 0);
  assert_int_equal(uv_poll_start(&poll, UV_READABLE, poll_never), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), UV_EEXIST);
  assert_int_equal(fd_of(&pipes[0]), UV_EBADF);
  assert_int_equal(uv_poll_stop(&poll), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], others[0]), UV_EBUSY);
  assert_int_equal(fd_of(&pipes[0]), fds[0]);
  close(others[0]);
  assert_int_equal(uv_pipe_open(&pipes[1], others[0]), UV_EBADF);
  assert_int_equal(uv_pipe_open(&pipes[1], -1), UV_EBADF);

  uv_close(handle_of(&pipes[1]), NULL);
#if defined(RONDO_VERSION)
  assert_int_equal(uv_pipe_open(&pipes[1], others[1]), UV_EINVAL);
#endif
  turn(f);
  close(others[1]);
  close(fds[1]);
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

static void a_regular_file_is_written_as_a_stream(void** state) {
  struct loop_fixture* f = *state;
  char content[16] = "";
  int fd = open(pipe_name("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  init_pipes(f, 1);
  assert_int_equal(uv_pipe_open(&pipes[0], fd), 0);
  assert_int_equal(write_text(f, &pipes[0], "one "), 0);
  assert_int_equal(write_text(f, &pipes[0], "two"), 0);
  assert_int_equal(pread(fd, content, sizeof(content), 0), 7);
  assert_string_equal(content, "one two");
  assert_int_equal(unlink(pipe_name("file")), 0);
}

static void a_character_device_is_written_as_a_stream(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  assert_int_equal(uv_pipe_open(&pipes[0], open("/dev/null", O_WRONLY | O_CLOEXEC)), 0);
  assert_int_equal(write_text(f, &pipes[0], "gone"), 0);
}

#if defined(RONDO_VERSION)
static void a_regular_file_is_read_as_a_stream(void** state) {
  struct loop_fixture* f = *state;
  static struct reader reader;
  int fd = open(pipe_name("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  init_pipes(f, 1);
  assert_int_equal(pwrite(fd, "text", 4, 0), 4);
  assert_int_equal(uv_pipe_open(&pipes[0], fd), 0);
  reader_start(&reader, stream_of(&pipes[0]));
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  assert_int_equal(reader.len, 4);
  assert_memory_equal(reader.bytes, "text", 4);
  assert_int_equal(unlink(pipe_name("file")), 0);
}
#endif

/* -- Binding and listening --------------------------------------------------------------------- */

static bool exists(const char* path) {
  return access(path, F_OK) == 0;
}

static void a_bound_path_exists_until_the_handle_is_closed(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 1);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_true(exists(pipe_name("server")));
  assert_true(is_cloexec(fd_of(&pipes[0])) && is_nonblocking(fd_of(&pipes[0])));
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_false(exists(pipe_name("server")));
}

static void a_name_that_cannot_be_had_leaves_the_handle_as_it_was(void** state) {
  struct loop_fixture* f = *state;

  init_pipes(f, 3);
  assert_int_equal(uv_pipe_bind(&pipes[0], pipe_name("server")), 0);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("server")), UV_EADDRINUSE);
  assert_int_equal(fd_of(&pipes[1]), UV_EBADF);
  assert_int_equal(uv_pipe_bind(&pipes[1], pipe_name("no/server")), UV_EACCES);
  assert_int_equal(fd_of(&pipes[1]), UV_EBADF);
  close_now(f, &pipes[1]);
  assert_true(exists(pipe_name("server"))); /* the other handle's */

  assert_int_equal(uv_pipe_bind(&pipes[2], pipe_name("other")), 0);
}

static void errors_of_listen_are_returned(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, connection), UV_ENOTSOCK);
  assert_int_equal(uv_is_active(handle_of(&pipes[0])), 0);
  close(fds[1]);
}

static void a_socket_from_outside_listens(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);

  init_pipes(f, 3);
  strcpy(address.sun_path, pipe_name("server"));
  assert_int_equal(bind(fd, (struct sockaddr*) &address, sizeof(address)), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fd), 0);
  assert_int_equal(uv_listen(stream_of(&pipes[0]), 8, accept_connection), 0);
  next_accepted = &pipes[2];
  assert_int_equal(connect_to(f, 1, pipe_name("server")), 0);
  while (next_accepted == &pipes[2])
    uv_run(&f->loop, UV_RUN_ONCE);
  close_now(f, &pipes[0]);
  assert_int_equal(unlink(pipe_name("server")), 0); /* whoever bound it */
}

/* -- Pipes that are no sockets ----------------------------------------------------------------- */

static void cannot_shut_down(uv_shutdown_t* req, int status) {
  (void) req;
  assert_int_equal(status, UV_ENOTSOCK);
}

static void never_written(uv_write_t* req, int status) {
  (void) req;
  (void) status;
  _exit(1);
}

/* As a program expects that writes to its standard output. */
static void a_pipe_that_is_no_socket_raises_sigpipe(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = uv_buf_init((char[]){"text"}, 4);
  uv_file fds[2];
  int status;

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  close(fds[0]);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[1]), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    signal(SIGPIPE, SIG_DFL);
    uv_write(&req, stream_of(&pipes[0]), &buf, 1, never_written);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    _exit(2);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGPIPE);
}

static void a_pipe_that_is_no_socket_cannot_shut_down(void** state) {
  struct loop_fixture* f = *state;
  uv_shutdown_t req;
  uv_file fds[2];

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[1]), 0);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), cannot_shut_down), 0);
  assert_int_equal(uv_shutdown(&req, stream_of(&pipes[0]), NULL), UV_ENOTCONN);
  while (f->loop.active_reqs.count > 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  close(fds[0]);
}

static void a_pipe_that_is_no_socket_has_no_buffer_sizes(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];
  int value = 0;

  init_pipes(f, 1);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[1]), 0);
  assert_int_equal(uv_send_buffer_size(handle_of(&pipes[0]), &value), UV_ENOTSOCK);
  assert_int_equal(uv_recv_buffer_size(handle_of(&pipes[0]), &value), UV_ENOTSOCK);
  close(fds[0]);
}

/* -- uv_pipe() --------------------------------------------------------------------------------- */

static void each_end_of_a_pipe_is_nonblocking_if_asked_for(void** state) {
  (void) state;
  for (int i = 0; i < 4; i++) {
    int read_flags = i & 1 ? UV_NONBLOCK_PIPE : 0;
    int write_flags = i & 2 ? UV_NONBLOCK_PIPE : 0;
    uv_file fds[2];
    assert_int_equal(uv_pipe(fds, read_flags, write_flags | 1 /* means nothing */), 0);
    assert_int_equal(is_nonblocking(fds[0]), read_flags != 0);
    assert_int_equal(is_nonblocking(fds[1]), write_flags != 0);
    close(fds[0]);
    close(fds[1]);
  }
}

static void without_descriptors_there_is_no_pipe(void** state) {
  uv_file fds[2] = {-7, -8};
  struct rlimit before = limit_descriptors(1);
  int err = uv_pipe(fds, 0, 0);

  (void) state;
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(fds[0], -7);
  assert_int_equal(fds[1], -8);
}

/* -- Out of memory ----------------------------------------------------------------------------- */

#if defined(RONDO_VERSION) /* libuv aborts when it cannot watch a descriptor */
static int open_descriptor(struct loop_fixture* f) {
  int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  int err = uv_pipe_open(&pipes[0], fd);

  (void) f;
  if (err != 0) {
    assert_int_equal(fd_of(&pipes[0]), UV_EBADF);
    assert_int_equal(close(fd), 0);
  }
  return err;
}

static void opening_without_memory_is_enomem(void** state) {
  check_without_memory(state, open_descriptor);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    pipe_test(the_access_mode_of_a_descriptor_says_where_it_leads),
    pipe_test(the_standard_streams_stay_open),
    pipe_test(opening_keeps_a_readable_flag_that_was_set_before),
    pipe_test(a_descriptor_that_is_refused_stays_the_callers),
    pipe_test(a_regular_file_is_written_as_a_stream),
    pipe_test(a_character_device_is_written_as_a_stream),
    pipe_test(a_bound_path_exists_until_the_handle_is_closed),
    pipe_test(a_name_that_cannot_be_had_leaves_the_handle_as_it_was),
    pipe_test(errors_of_listen_are_returned),
    pipe_test(a_socket_from_outside_listens),
    pipe_test(a_pipe_that_is_no_socket_raises_sigpipe),
    pipe_test(a_pipe_that_is_no_socket_cannot_shut_down),
    pipe_test(a_pipe_that_is_no_socket_has_no_buffer_sizes),
    cmocka_unit_test(each_end_of_a_pipe_is_nonblocking_if_asked_for),
    cmocka_unit_test(without_descriptors_there_is_no_pipe),
#if defined(RONDO_VERSION)
    pipe_test(a_regular_file_is_read_as_a_stream),
    pipe_test(opening_without_memory_is_enomem),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
