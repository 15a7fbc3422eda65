/* A process whose standard descriptors were closed before it began: what it opens gets their
 * numbers, if nobody cares. Each test runs in a fork with 0, with 0 and 1, and with all three of
 * them closed; there, a number other than 0 says where it failed. */
#include "support/loop_fixture.h"
#include "support/peer.h"
#include "support/spawn_fork.h"
#include "support/tcp.h"

enum { LIMIT_S = 20 };

static uv_loop_t loop;

static void expect_without_stdio(int (*function)(void)) {
  for (int count = 1; count <= 3; count++) {
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
      alarm(LIMIT_S);
      for (int fd = 0; fd < count; fd++)
        close(fd);
      _exit(uv_loop_init(&loop) != 0 ? 100 : function());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
  }
}

static int close_loop(void) {
  uv_walk(&loop, close_handle, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop) == 0 ? 0 : 101;
}

/* -- Sockets end with their handles ------------------------------------------------------------ */

static uv_tcp_t server;
static uv_tcp_t accepted;
static uv_connect_t connect_req;

static void accept_and_close(uv_stream_t* stream, int status) {
  if (status != 0 || uv_tcp_init(&loop, &accepted) != 0 ||
      uv_accept(stream, (uv_stream_t*) &accepted) != 0)
    abort();
  uv_close((uv_handle_t*) &accepted, NULL);
}

static int serve(void) {
  union address at = address4("127.0.0.1", 0);
  int raw = socket(AF_INET, SOCK_STREAM, 0);
  int len = sizeof(at);
  char byte;

  if (uv_tcp_init(&loop, &server) != 0 || uv_tcp_bind(&server, &at.any, 0) != 0 ||
      uv_listen((uv_stream_t*) &server, 1, accept_and_close) != 0)
    return 1;
  if (uv_tcp_getsockname(&server, &at.any, &len) != 0)
    return 2;
  if (connect(raw, &at.any, sizeof(at.v4)) != 0)
    return 3;
  uv_run(&loop, UV_RUN_ONCE);
  if (recv(raw, &byte, 1, 0) != 0) /* its end */
    return 4;
  close(raw);
  uv_close((uv_handle_t*) &server, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  raw = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(raw, &at.any, sizeof(at.v4)) == 0)
    return 5;
  return close_loop();
}

static void closed_servers_and_their_connections_are_closed(void** state) {
  (void) state;
  expect_without_stdio(serve);
}

static void close_client(uv_connect_t* req, int status) {
  if (status != 0)
    abort();
  uv_close((uv_handle_t*) req->handle, NULL);
}

static int join(void) {
  union address at;
  int listener = make_listener(&at);
  char byte;

  if (uv_tcp_init(&loop, &accepted) != 0 ||
      uv_tcp_connect(&connect_req, &accepted, &at.any, close_client) != 0)
    return 1;
  int raw = accept(listener, NULL, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (recv(raw, &byte, 1, 0) != 0)
    return 2;
  return close_loop();
}

static void closed_clients_are_closed(void** state) {
  (void) state;
  expect_without_stdio(join);
}

/* -- The rest works ---------------------------------------------------------------------------- */

static uv_pipe_t pipes[2];

static int talk_to_child(void) {
  struct loop_fixture f = {.log = ""};
  uv_buf_t hello = uv_buf_init((char*) (uintptr_t) "hello", 5);

  loop.data = &f;
  prepare("echo");
  for (int fd = 0; fd < 2; fd++) {
    uv_pipe_init(&loop, &pipes[fd], 0);
    stdio[fd].flags = UV_CREATE_PIPE | (fd == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
    stdio[fd].data.stream = (uv_stream_t*) &pipes[fd];
  }
  options.stdio_count = 2;
  if (uv_spawn(&loop, &process, &options) != 0)
    return 1;
  memset(&output, 0, sizeof(output));
  pipes[1].data = &output;
  if (uv_try_write((uv_stream_t*) &pipes[0], &hello, 1) != 5)
    return 2;
  uv_close((uv_handle_t*) &pipes[0], NULL);
  uv_read_start((uv_stream_t*) &pipes[1], reader_alloc, reader_read);
  uv_run(&loop, UV_RUN_DEFAULT);
  if (output.len != 5 || memcmp(output.bytes, "hello", 5) != 0)
    return 3;
  return exits == 1 && exit_status == 0 ? close_loop() : 4;
}

static void children_get_their_streams(void** state) {
  (void) state;
  expect_without_stdio(talk_to_child);
}

static void count_work(uv_work_t* req) {
  ++*(int*) req->data;
}

static void after_work(uv_work_t* req, int status) {
  if (status == 0)
    ++*(int*) req->data;
}

static int work_in_the_pool(void) {
  uv_work_t req;
  int count = 0;

  req.data = &count;
  if (uv_queue_work(&loop, &req, count_work, after_work) != 0)
    return 1;
  uv_run(&loop, UV_RUN_DEFAULT);
  return count == 2 ? close_loop() : 2;
}

static void work_is_done(void** state) {
  (void) state;
  expect_without_stdio(work_in_the_pool);
}

/* The loop's own descriptors may be there, which are no terminals; with poll(2) they are ends of a
 * pipe, which uv_tty_init() takes. */
static int open_terminals(void) {
  static uv_tty_t tty;

  for (int fd = 0; fd < 3; fd++) {
    if (uv_guess_handle(fd) == UV_TTY)
      return 1;
    if (uv_guess_handle(fd) != UV_NAMED_PIPE && uv_tty_init(&loop, &tty, fd, 0) == 0)
      return 2;
  }
  return close_loop();
}

static int open_terminals_without_all(void) {
  close(1);
  close(2);
  return open_terminals();
}

static void there_are_no_terminals(void** state) {
  (void) state;
  expect_without_stdio(open_terminals_without_all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      newer_plain_test(closed_servers_and_their_connections_are_closed),
      newer_plain_test(closed_clients_are_closed),
      newer_plain_test(children_get_their_streams),
      newer_plain_test(work_is_done),
      newer_plain_test(there_are_no_terminals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
