/* What a child gets for descriptors on POSIX. Each test runs for both ways of making a child. */
#include "support/descriptors.h"
#include "support/inherited_file.h"
#include "support/spawn_fork.h"
#include "support/tcp.h"

#include <sys/wait.h>

static uv_pipe_t pipes[3];
static uv_tcp_t tcp;

static void close_handle_now(struct loop_fixture* f, void* handle) {
  uv_close(handle, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

static bool is_stream_open(const uv_pipe_t* pipe) {
  uv_os_fd_t fd;

  return uv_fileno((const uv_handle_t*) pipe, &fd) == 0;
}

/* -- Ignored ----------------------------------------------------------------------------------- */

static void missing_ones_are_null(void** state) {
  struct loop_fixture* f = *state;

  prepare("descriptors", "3");
  assert_string_equal(output_of_child(f), "0:null,r 1:socket,rw 2:null,rw ");
}

static void ignored_ones_above_two_are_left_alone(void** state) {
  struct loop_fixture* f = *state;
  int file = make_file("");

  prepare("descriptors", "22");
  options.stdio_count = 21;
  assert_int_equal(dup2(file, 20), 20);
  assert_non_null(strstr(output_of_child(f), " 20:file,rw"));
  close(20);
  close(file);
}

static void close_on_exec_ones_do_not_leak(void** state) {
  struct loop_fixture* f = *state;
  int file = make_file("");
  char entry[16];

  prepare("descriptors", "100");
  snprintf(entry, sizeof(entry), " %d:", file);
  assert_null(strstr(output_of_child(f), entry));
  close(file);
}

static void count_below_zero_is_none(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "3");
  options.stdio_count = -1;
  expect_exit(f, 3, 0);
}

/* -- New pipes --------------------------------------------------------------------------------- */

static void childs_ends_block_and_ours_do_not(void** state) {
  struct loop_fixture* f = *state;
  uv_os_fd_t fd;

  prepare("descriptors", "5");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE | UV_NONBLOCK_PIPE);
  give_pipe(f, 1, &pipes[1], UV_WRITABLE_PIPE | UV_NONBLOCK_PIPE);
  give_pipe(f, 4, &pipes[2], UV_WRITABLE_PIPE | UV_NONBLOCK_PIPE);
  spawn_well(f);
  assert_int_equal(uv_fileno((uv_handle_t*) &pipes[1], &fd), 0);
  assert_true(is_nonblocking(fd));
  assert_true(is_cloexec(fd));
  assert_int_equal(socket_option(fd, SOL_SOCKET, SO_DOMAIN), AF_UNIX);
  reader_start(&output, (uv_stream_t*) &pipes[1]);
  assert_int_equal(reader_wait_end(&output, &f->loop), UV_EOF);
  output.bytes[output.len] = '\0';
  assert_string_equal(output.bytes, "0:socket,rw 1:socket,rw 2:null,rw 4:socket,rw ");
  wait_exit(f, 0, 0);
}

static void pipes_hold_no_less_than_other_sockets(void** state) {
  struct loop_fixture* f = *state;
  int others[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, others), 0);
  prepare("room", "1");
  give_pipe(f, 1, &pipes[1], UV_WRITABLE_PIPE);
  spawn_well(f);
  for (int i = 0; i < 2; i++) {
    int option = i == 0 ? SO_SNDBUF : SO_RCVBUF;
    int size = socket_option(fd_of(&pipes[1]), SOL_SOCKET, option);
    assert_true(size >= 64 << 10);
    assert_true(size >= socket_option(others[0], SOL_SOCKET, option));
  }
  close(others[0]);
  close(others[1]);
  wait_exit(f, 0, 0);
}

static void output_comes_before_the_exit(void** state) {
  struct loop_fixture* f = *state;
  struct pollfd hang_up = {.events = 0};

  prepare("put", "1", "last words");
  give_pipe(f, 1, &pipes[0], UV_WRITABLE_PIPE);
  spawn_well(f);
  reader_start(&output, (uv_stream_t*) &pipes[0]);
  assert_int_equal(uv_fileno((uv_handle_t*) &pipes[0], &hang_up.fd), 0);
  assert_int_equal(poll(&hang_up, 1, PATIENCE_MS), 1);
  siginfo_t info;
  assert_int_equal(waitid(P_PID, (id_t) process.pid, &info, WEXITED | WNOWAIT), 0);
  while (exits == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(output.len, 10);
  wait_exit(f, 0, 0);
}

/* -- Inherited --------------------------------------------------------------------------------- */

/* Descriptors 3 to 6 of this process become 4 to 6 and 3 of the child. */
static int spawn_with_a_circle(void) {
  enum { FIRST = 3, LAST = 6, OUT_OF_THE_WAY = 50 };
  int files[LAST + 1];
  uv_loop_t loop;
  int status;

  alarm(20);
  for (int fd = FIRST; fd <= LAST; fd++)
    files[fd] = fcntl(make_file(""), F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
  for (int fd = FIRST; fd <= LAST; fd++)
    dup2(files[fd], fd);
  prepare("put", "3", "three", "6", "six");
  for (int fd = FIRST; fd <= LAST; fd++)
    give_fd(fd, fd == FIRST ? LAST : fd - 1);
  if (uv_loop_init(&loop) != 0 || uv_spawn(&loop, &process, &options) != 0)
    return 1;
  if (waitpid(process.pid, &status, 0) != process.pid || status != 0)
    return 2;
  if (strcmp(text_of(files[LAST]), "three") != 0)
    return 3;
  return strcmp(text_of(files[LAST - 1]), "six") == 0 ? 0 : 4;
}

/* Of a process of its own, since the loop has such numbers. */
static void descriptors_may_change_places_in_a_circle(void** state) {
  int status;
  pid_t pid = fork();

  (void) state;
  if (pid == 0)
    _exit(spawn_with_a_circle());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void standard_descriptors_are_made_blocking(void** state) {
  struct loop_fixture* f = *state;
  int pair[2];

  assert_int_equal(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
  prepare("descriptors", "6");
  give_fd(0, pair[0]);
  give_fd(5, pair[1]);
  assert_string_equal(output_of_child(f), "0:fifo,r 1:socket,rw 2:null,rw 5:fifo,w,nonblock ");
  assert_false(is_nonblocking(pair[0]));
  assert_true(is_nonblocking(pair[1]));
  close(pair[0]);
  close(pair[1]);
}

static void stream_may_be_inherited(void** state) {
  struct loop_fixture* f = *state;
  int pair[2];
  char word[5];

  make_tcp_pair(pair);
  assert_int_equal(uv_tcp_init(&f->loop, &tcp), 0);
  assert_int_equal(uv_tcp_open(&tcp, pair[0]), 0);
  prepare("put", "1", "hello");
  stdio[1].flags = UV_INHERIT_STREAM;
  stdio[1].data.stream = (uv_stream_t*) &tcp;
  options.stdio_count = 2;
  expect_exit(f, 0, 0);
  receive_exactly(pair[1], word, sizeof(word));
  assert_memory_equal(word, "hello", 5);
  assert_true(uv_is_readable((uv_stream_t*) &tcp));
  close(pair[1]);
}

static void ignore_connection(uv_stream_t* server, int status) {
  (void) server;
  (void) status;
}

static void listening_socket_may_be_inherited(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 0);
  char word[5];

  assert_int_equal(uv_tcp_init(&f->loop, &tcp), 0);
  assert_int_equal(uv_tcp_bind(&tcp, &at.any, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &tcp, 8, ignore_connection), 0);
  prepare("greet", "3");
  stdio[3].flags = UV_INHERIT_STREAM;
  stdio[3].data.stream = (uv_stream_t*) &tcp;
  options.stdio_count = 4;
  at = name_of(&tcp);
  spawn_well(f);
  assert_true(is_nonblocking(fd_of(&tcp)));
  close_handle_now(f, &tcp); /* ours: the child has its own */
  int client = make_connection(&at);
  receive_exactly(client, word, sizeof(word));
  assert_memory_equal(word, "hello", 5);
  close(client);
  wait_exit(f, 0, 0);
}

/* -- Errors ------------------------------------------------------------------------------------ */

static void open_stream_is_ebusy_and_the_child_runs(void** state) {
  struct loop_fixture* f = *state;
  int pair[2];
  int fds;

  warm_up(f);
  fds = count_descriptors();
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, pair, 0, 0), 0);
  prepare("exit", "5");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  give_pipe(f, 1, &pipes[1], UV_WRITABLE_PIPE);
  give_pipe(f, 2, &pipes[2], UV_WRITABLE_PIPE);
  assert_int_equal(uv_pipe_open(&pipes[1], pair[0]), 0);
  assert_int_equal(spawn(f), UV_EBUSY);
  assert_true(process.pid > 0);
  assert_false(is_stream_open(&pipes[0]));
  assert_false(is_stream_open(&pipes[2]));
  assert_true(is_stream_open(&pipes[1]));
  wait_exit(f, 5, 0);
  close_handle_now(f, &pipes[1]);
  close(pair[1]);
  assert_int_equal(count_descriptors(), fds);
}

/* -- A parent without standard descriptors ----------------------------------------------------- */

/* In a process of its own, with 0 to `count` - 1 closed: what the child reads and writes. */
static int spawn_without_standard_descriptors(int count) {
  struct loop_fixture f;
  uv_buf_t hello = uv_buf_init((char*) (uintptr_t) "hello", 5);

  alarm(20);
  if (uv_loop_init(&f.loop) != 0)
    return 1;
  f.loop.data = &f;
  memset(f.log, 0, sizeof(f.log));
  for (int fd = 0; fd < count; fd++)
    close(fd);

  prepare("echo");
  for (int fd = 0; fd < 3; fd++) {
    uv_pipe_init(&f.loop, &pipes[fd], 0);
    stdio[fd].flags = UV_CREATE_PIPE | (fd == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
    stdio[fd].data.stream = (uv_stream_t*) &pipes[fd];
  }
  options.stdio_count = 3;
  if (uv_spawn(&f.loop, &process, &options) != 0)
    return 2;
  for (int i = 0; i < 3; i++)
    if (fd_of(&pipes[i]) <= 2 && !IS_OLDER_PEER)
      return 3; /* the stream would never close it */
  memset(&output, 0, sizeof(output));
  pipes[1].data = &output;
  if (uv_try_write((uv_stream_t*) &pipes[0], &hello, 1) != 5)
    return 4;
  uv_read_start((uv_stream_t*) &pipes[1], reader_alloc, reader_read);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  while (output.status == 0)
    uv_run(&f.loop, UV_RUN_ONCE);
  if (output.len != 5 || memcmp(output.bytes, "hello", 5) != 0)
    return 5;
  while (exits == 0)
    uv_run(&f.loop, UV_RUN_ONCE);
  return exit_status == 0 ? 0 : 6;
}

static void parents_standard_descriptors_may_be_closed(void** state) {
  (void) state;
  for (int count = 1; count <= 3; count++) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
      _exit(spawn_without_standard_descriptors(count));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
  }
}

static int ignore_with_all_closed(void) {
  uv_loop_t loop;
  int out = make_file("");

  alarm(20);
  if (uv_loop_init(&loop) != 0)
    return 1;
  loop.data = NULL;
  prepare("descriptors", "3");
  give_fd(1, out);
  close(0);
  close(1);
  close(2);
  if (uv_spawn(&loop, &process, &options) != 0)
    return 2;
  int status;
  waitpid(process.pid, &status, 0);
  return strcmp(text_of(out), "0:null,r 1:file,rw 2:null,rw ") == 0 ? 0 : 3;
}

static void ignored_ones_are_null_also_where_the_parent_has_none(void** state) {
  int status;
  pid_t pid = fork();

  (void) state;
  if (pid == 0)
    _exit(ignore_with_all_closed());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

/* -- Running ----------------------------------------------------------------------------------- */

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(missing_ones_are_null),
      loop_test(ignored_ones_above_two_are_left_alone),
      loop_test(close_on_exec_ones_do_not_leak),
      loop_test(count_below_zero_is_none),
      loop_test(childs_ends_block_and_ours_do_not),
      loop_test(pipes_hold_no_less_than_other_sockets),
      loop_test(output_comes_before_the_exit),
      cmocka_unit_test(descriptors_may_change_places_in_a_circle),
      loop_test(standard_descriptors_are_made_blocking),
      loop_test(stream_may_be_inherited),
      loop_test(listening_socket_may_be_inherited),
      newer_loop_test(open_stream_is_ebusy_and_the_child_runs),
      newer_plain_test(parents_standard_descriptors_may_be_closed),
      newer_plain_test(ignored_ones_are_null_also_where_the_parent_has_none),
  };
  /* A child reports all that it has open: what the caller of this program left open is in the way.
   */
  for (int fd = 3; fd < 64; fd++)
    close(fd);
  return run_spawn_tests("stdio of a child of POSIX", tests);
}
