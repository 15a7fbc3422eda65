/* Write gathering (rondo.h): what a turn of the loop writes leaves together, and whatever the
 * program does next finds it as if it had left at once. */
#include "rondo.h"

#include "support/streams.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG_LEN = 4 << 20, MANY = 2500, LIMIT_S = 20 };

static union any_stream s;
static uv_os_sock_t other;
static char big[BIG_LEN]; /* the pattern */
static uv_write_t reqs[8];
static int next_req;
static uv_write_t many_reqs[MANY];

static int set_up(void** state) {
  int err = loop_setup(state);
  struct loop_fixture* f = *state;

  assert_int_equal(rondo_loop_gather_writes(&f->loop, 1), 0);
  other = open_stream(&f->loop, &s);
  next_req = 0;
  return err;
}

static int tear_down(void** state) {
  if (other != NO_SOCKET)
    close_socket(other);
  return loop_teardown(state);
}

static void close_other(void) {
  close_socket(other);
  other = NO_SOCKET;
}

static bool has_bytes(void) {
  return poll_readable(other, 0);
}

static void assert_received(const char* text) {
  char received[64];

  receive_exactly(other, received, strlen(text));
  assert_memory_equal(received, text, strlen(text));
  assert_false(has_bytes());
}

static void write_text(const char* text) {
  uv_buf_t buf = buf_of(text);

  assert_int_equal(uv_write(&reqs[next_req++], &s.stream, &buf, 1, on_write), 0);
}

/* -- Acting inside a turn ---------------------------------------------------------------------- */

static void (*act)(struct loop_fixture* f);

static void on_timer(uv_timer_t* timer) {
  act(timer->loop->data);
}

static void on_timer_closed(uv_handle_t* handle) {
  free(handle);
}

static uv_timer_t* start_acting(struct loop_fixture* f, void (*action)(struct loop_fixture* f)) {
  uv_timer_t* timer = malloc(sizeof(*timer));

  assert_non_null(timer);
  act = action;
  assert_int_equal(uv_timer_init(&f->loop, timer), 0);
  assert_int_equal(uv_timer_start(timer, on_timer, 0, 0), 0);
  return timer;
}

/* Runs the loop to its end with an action in a callback. */
static void run_with(struct loop_fixture* f, void (*action)(struct loop_fixture* f)) {
  uv_timer_t* timer = start_acting(f, action);

  run(f);
  uv_close((uv_handle_t*) timer, on_timer_closed);
  run(f);
}

/* -- Gathering --------------------------------------------------------------------------------- */

static void write_three(struct loop_fixture* f) {
  write_text("one");
  write_text("two");
  write_text("three");
  assert_false(has_bytes());
  assert_int_equal(s.stream.write_queue_size, 11);
  assert_int_equal(uv_stream_get_write_queue_size(&s.stream), 11);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  assert_string_equal(f->log, "");
}

static void writes_of_a_turn_leave_together_in_order(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, write_three);
  assert_received("onetwothree");
  assert_string_equal(f->log, "www");
  assert_int_equal(s.stream.write_queue_size, 0);
}

static void they_leave_with_one_system_call(void** state) {
  struct loop_fixture* f = *state;
  char record[64];
  int pair[2];

  /* Each system call makes a record. */
  assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  uv_close(&s.handle, NULL);
  run(f);
  close_other();
  assert_int_equal(uv_pipe_init(&f->loop, &s.pipe, 0), 0);
  assert_int_equal(uv_pipe_open(&s.pipe, pair[0]), 0);
  other = pair[1];
  run_with(f, write_three);
  assert_int_equal(read(other, record, sizeof(record)), 11);
  assert_memory_equal(record, "onetwothree", 11);
  assert_string_equal(f->log, "www");
}

static void answer(void* arg) {
  char text[11];

  (void) arg;
  receive_exactly(other, text, sizeof(text));
  send_text(other, "!");
}

static void on_alloc(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  static char room[16];

  (void) handle;
  (void) suggested;
  *buf = uv_buf_init(room, sizeof(room));
}

static void on_answer(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  assert_int_equal(nread, 1);
  uv_read_stop(stream);
}

static void they_leave_before_the_loop_waits(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;

  assert_int_equal(uv_read_start(&s.stream, on_alloc, on_answer), 0);
  assert_int_equal(uv_thread_create(&thread, answer, NULL), 0);
  run_with(f, write_three); /* waits for the answer */
  assert_int_equal(uv_thread_join(&thread), 0);
}

static void on_idle(uv_idle_t* handle) {
  write_text("i");
  uv_close((uv_handle_t*) handle, NULL);
}

static void on_prepare(uv_prepare_t* handle) {
  write_text("p");
  uv_close((uv_handle_t*) handle, NULL);
}

static void on_check(uv_check_t* handle) {
  write_text("c");
  uv_close((uv_handle_t*) handle, NULL);
}

static void on_closing(uv_handle_t* handle) {
  (void) handle;
  write_text("x");
}

static void every_phase_may_write(void** state) {
  struct loop_fixture* f = *state;
  static uv_idle_t idle;
  static uv_prepare_t prepare;
  static uv_check_t check;
  static uv_async_t async;

  uv_idle_init(&f->loop, &idle);
  uv_idle_start(&idle, on_idle);
  uv_prepare_init(&f->loop, &prepare);
  uv_prepare_start(&prepare, on_prepare);
  uv_check_init(&f->loop, &check);
  uv_check_start(&check, on_check);
  assert_int_equal(uv_async_init(&f->loop, &async, NULL), 0);
  uv_close((uv_handle_t*) &async, on_closing);
  run(f);
  assert_received("ipcx");
  assert_string_equal(f->log, "wwww");
}

static void on_first_written(uv_write_t* req, int status) {
  on_write(req, status);
  write_text("b");
  write_text("c");
  assert_false(has_bytes());
}

static void on_first_written_after_reading(uv_write_t* req, int status) {
  char byte;

  receive_exactly(other, &byte, 1);
  on_first_written(req, status);
}

static void write_from_callback_of_one_that_was_read(struct loop_fixture* f) {
  uv_buf_t buf = buf_of("a");

  (void) f;
  assert_int_equal(uv_write(&reqs[next_req++], &s.stream, &buf, 1, on_first_written_after_reading),
                   0);
}

static void write_callbacks_may_write(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, write_from_callback_of_one_that_was_read);
  assert_received("bc");
  assert_string_equal(f->log, "www");
}

static void write_many(struct loop_fixture* f) {
  (void) f;
  for (int i = 0; i < MANY; i++) {
    uv_buf_t buf = uv_buf_init(big + i, 1);
    assert_int_equal(uv_write(&many_reqs[i], &s.stream, &buf, 1, NULL), 0);
  }
  assert_int_equal(s.stream.write_queue_size, MANY);
}

static void more_writes_than_a_system_call_takes_leave(void** state) {
  struct loop_fixture* f = *state;
  static char received[MANY];

  run_with(f, write_many);
  receive_exactly(other, received, MANY);
  assert_pattern(received, MANY, 0);
  assert_int_equal(s.stream.write_queue_size, 0);
}

static void receive_big(void* arg) {
  static char received[2 * BIG_LEN];

  (void) arg;
  receive_exactly(other, received, sizeof(received));
  assert_pattern(received, BIG_LEN, 0);
  assert_pattern(received + BIG_LEN, BIG_LEN, 0);
}

static void write_big_twice(struct loop_fixture* f) {
  uv_buf_t buf = uv_buf_init(big, sizeof(big));

  (void) f;
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, on_write), 0);
}

static void what_finds_no_room_waits_in_order(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;

  assert_int_equal(uv_thread_create(&thread, receive_big, NULL), 0);
  run_with(f, write_big_twice);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_string_equal(f->log, "ww");
}

static void on_failed(uv_write_t* req, int status) {
  assert_int_equal(status, UV_EPIPE);
  test_log(req->handle->loop, 'e');
}

static void write_two_to_nobody(struct loop_fixture* f) {
  uv_buf_t buf = buf_of("a");

  (void) f;
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, on_failed), 0);
}

static void each_write_is_told_its_error(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(shutdown(fd_of(&s), SHUT_WR), 0);
  run_with(f, write_two_to_nobody);
  assert_string_equal(f->log, "ee");
}

static union any_stream client;

static void on_connected(uv_connect_t* req, int status) {
  (void) req;
  assert_int_equal(status, 0);
}

static void connect_and_write(struct loop_fixture* f) {
  static uv_connect_t req;
  const union address* at = s.handle.data;

  assert_int_equal(uv_tcp_init(&f->loop, &client.tcp), 0);
  assert_int_equal(uv_tcp_connect(&req, &client.tcp, &at->any, on_connected), 0);
  for (int i = 0; i < 2; i++) {
    uv_buf_t buf = buf_of("hi");
    assert_int_equal(uv_write(&reqs[i], &client.stream, &buf, 1, on_write), 0);
  }
}

static void writes_before_the_connection_go_with_it(void** state) {
  struct loop_fixture* f = *state;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  union address at;

  assert_int_equal(listen(listener, 1), 0);
  at = name_of_socket(listener);
  at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  s.handle.data = &at;
  run_with(f, connect_and_write);
  close_other();
  other = accept(listener, NULL, NULL);
  close_socket(listener);
  assert_received("hihi");
  assert_string_equal(f->log, "ww");
}

/* -- What comes next in the turn --------------------------------------------------------------- */

static void try_after_write(struct loop_fixture* f) {
  uv_buf_t buf = buf_of("now");

  (void) f;
  write_text("first");
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), 3);
  assert_int_equal(s.stream.write_queue_size, 0);
  assert_received("firstnow");
}

static void a_try_comes_behind_it(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, try_after_write);
  assert_string_equal(f->log, "w");
}

static void shut_down_after_write(struct loop_fixture* f) {
  static uv_shutdown_t req;

  (void) f;
  write_text("last");
  assert_int_equal(uv_shutdown(&req, &s.stream, on_shutdown), 0);
}

static void a_shutdown_comes_behind_it(void** state) {
  struct loop_fixture* f = *state;
  char byte;

  run_with(f, shut_down_after_write);
  receive_exactly(other, big, 4);
  assert_memory_equal(big, "last", 4);
  fill_pattern(big, 4, 0);
  assert_int_equal(socket_read(other, &byte, 1), 0);
  assert_string_equal(f->log, "ws");
}

static void close_after_write(struct loop_fixture* f) {
  (void) f;
  write_text("last");
  uv_close(&s.handle, on_close);
}

static void a_close_sends_it(void** state) {
  struct loop_fixture* f = *state;
  char text[5];

  run_with(f, close_after_write);
  receive_exactly(other, text, 4);
  assert_memory_equal(text, "last", 4);
  assert_int_equal(socket_read(other, text, 1), 0);
  assert_string_equal(f->log, "wx");
}

static void close_after_much(struct loop_fixture* f) {
  write_text("first");
  write_big_twice(f);
  uv_close(&s.handle, on_close);
}

static void a_close_cancels_what_finds_no_room(void** state) {
  struct loop_fixture* f = *state;

  next_req = 2;
  run_with(f, close_after_much);
  assert_string_equal(f->log, "wWWx");
}

static void block_after_write(struct loop_fixture* f) {
  (void) f;
  write_text("a");
  assert_int_equal(uv_stream_set_blocking(&s.stream, 1), 0);
  assert_received("a");
  write_text("b");
  assert_received("b");
}

static void blocking_writes_are_not_gathered(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, block_after_write);
  assert_string_equal(f->log, "ww");
}

static void end_gathering_after_write(struct loop_fixture* f) {
  (void) f;
  write_text("a");
  assert_int_equal(rondo_stream_gather_writes(&s.stream, 0), 0);
  assert_received("a");
  write_text("b");
  assert_received("b");
  assert_int_equal(rondo_stream_gather_writes(&s.stream, 1), 0);
  write_text("c");
  assert_false(has_bytes());
}

static void the_end_of_gathering_sends_it(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, end_gathering_after_write);
  assert_received("c");
  assert_string_equal(f->log, "www");
}

static void stop_after_write(struct loop_fixture* f) {
  write_text("a");
  uv_stop(&f->loop);
}

static void the_end_of_the_run_sends_it(void** state) {
  struct loop_fixture* f = *state;
  uv_timer_t* timer = start_acting(f, stop_after_write);

  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_received("a");
  assert_string_equal(f->log, "");
  uv_close((uv_handle_t*) timer, on_timer_closed);
  run(f);
  assert_string_equal(f->log, "w");
}

static void send_handle_after_write(struct loop_fixture* f) {
  static uv_tcp_t sent;
  uv_buf_t buf = buf_of("b");
  union address any = address4("127.0.0.1", 0);

  assert_int_equal(uv_tcp_init(&f->loop, &sent), 0);
  assert_int_equal(uv_tcp_bind(&sent, &any.any, 0), 0);
  write_text("a");
  assert_int_equal(uv_write2(&reqs[next_req++], &s.stream, &buf, 1, (uv_stream_t*) &sent, on_write),
                   0);
  uv_close((uv_handle_t*) &sent, NULL);
  assert_received("ab");
  buf = buf_of("c");
  assert_int_equal(uv_tcp_init(&f->loop, &client.tcp), 0);
  assert_int_equal(uv_tcp_bind(&client.tcp, &any.any, 0), 0);
  assert_int_equal(uv_write2(&reqs[next_req++], &s.stream, &buf, 1, &client.stream, on_write), 0);
  uv_close(&client.handle, NULL);
  assert_received("c");
}

static void a_handle_goes_at_once_and_may_be_closed(void** state) {
  struct loop_fixture* f = *state;
  int pair[2];

  uv_close(&s.handle, NULL);
  run(f);
  close_other();
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &s.pipe, 1), 0);
  assert_int_equal(uv_pipe_open(&s.pipe, pair[0]), 0);
  other = pair[1];
  run_with(f, send_handle_after_write);
  assert_string_equal(f->log, "www");
}

static void spawn_after_write(struct loop_fixture* f) {
  static uv_process_t process;
  char* args[] = {(char*) (uintptr_t) "sh", (char*) (uintptr_t) "-c",
                  (char*) (uintptr_t) "printf child", NULL};
  uv_stdio_container_t stdio[2] = {{.flags = UV_IGNORE},
                                   {.flags = UV_INHERIT_FD, .data.fd = fd_of(&s)}};
  uv_process_options_t options = {
      .file = "/bin/sh", .args = args, .stdio = stdio, .stdio_count = 2};

  write_text("parent ");
  assert_int_equal(uv_spawn(&f->loop, &process, &options), 0);
}

static void a_child_writes_behind_it(void** state) {
  struct loop_fixture* f = *state;

  run_with(f, spawn_after_write);
  assert_received("parent child");
}

/* -- Switches ---------------------------------------------------------------------------------- */

static void outside_the_loop_writes_leave_at_once(void** state) {
  struct loop_fixture* f = *state;

  write_text("a");
  assert_received("a");
  assert_int_equal(s.stream.write_queue_size, 0);
  run(f);
  assert_string_equal(f->log, "w");
}

static void write_one(struct loop_fixture* f) {
  (void) f;
  write_text("a");
  assert_received("a");
}

static void without_asking_writes_leave_at_once(void** state) {
  struct loop_fixture* f = *state;

  uv_close(&s.handle, NULL);
  run(f);
  close_other();
  assert_int_equal(rondo_loop_gather_writes(&f->loop, 0), 0);
  other = open_stream(&f->loop, &s);
  run_with(f, write_one);
  assert_string_equal(f->log, "w");
}

static void ask_and_write(struct loop_fixture* f) {
  (void) f;
  assert_int_equal(rondo_stream_gather_writes(&s.stream, 1), 0);
  write_text("a");
  assert_false(has_bytes());
}

static void one_stream_of_a_loop_may_gather(void** state) {
  struct loop_fixture* f = *state;
  struct loop_fixture* plain;

  assert_int_equal(loop_setup((void**) &plain), 0);
  uv_close(&s.handle, NULL);
  run(f);
  close_other();
  other = open_stream(&plain->loop, &s);
  run_with(plain, ask_and_write);
  assert_received("a");
  assert_string_equal(plain->log, "w");
  loop_teardown((void**) &plain);
}

static void a_closed_stream_cannot_be_asked(void** state) {
  struct loop_fixture* f = *state;

  uv_close(&s.handle, NULL);
  assert_int_equal(rondo_stream_gather_writes(&s.stream, 1), UV_EINVAL);
  assert_int_equal(rondo_stream_gather_writes(&s.stream, 0), UV_EINVAL);
  run(f);
}

/* -- The end of the process -------------------------------------------------------------------- */

static void run_in_child(struct loop_fixture* f, void (*action)(struct loop_fixture* f)) {
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0) {
    alarm(LIMIT_S);
    start_acting(f, action);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    _exit(1);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void exit_after_write(struct loop_fixture* f) {
  (void) f;
  write_text("last words");
  exit(0);
}

static void exit_sends_it(void** state) {
  run_in_child(*state, exit_after_write);
  assert_received("last words");
}

static void exit_from_inner_loop(struct loop_fixture* f) {
  uv_loop_t inner;
  uv_timer_t timer;

  (void) f;
  write_text("last words");
  act = exit_after_write;
  if (uv_loop_init(&inner) != 0 || rondo_loop_gather_writes(&inner, 1) != 0)
    _exit(2);
  uv_timer_init(&inner, &timer);
  uv_timer_start(&timer, on_timer, 0, 0);
  uv_run(&inner, UV_RUN_DEFAULT);
}

static void exit_sends_what_outer_loops_gathered(void** state) {
  run_in_child(*state, exit_from_inner_loop);
  assert_received("last wordslast words");
}

static void fork_after_write(struct loop_fixture* f) {
  int status;
  pid_t pid;

  (void) f;
  write_text("once");
  pid = fork();
  if (pid == 0)
    exit(0);
  if (waitpid(pid, &status, 0) != pid || status != 0)
    _exit(2);
  write_text(" more");
  exit(0);
}

static void a_fork_sends_it_once(void** state) {
  run_in_child(*state, fork_after_write);
  assert_received("once more");
}

/* -- The environment --------------------------------------------------------------------------- */

/* This program, started to see what it does by itself: a turn writes "a", tells whether it has
 * left, and ends. */
static void tell_and_end(struct loop_fixture* f) {
  (void) f;
  write_text("a");
  printf("%d", s.stream.write_queue_size != 0);
  uv_close(&s.handle, NULL);
}

static int tell_what_the_environment_does(void) {
  struct loop_fixture* f;

  alarm(LIMIT_S);
  loop_setup((void**) &f);
  other = open_stream(&f->loop, &s);
  run_with(f, tell_and_end);
  close_other();
  return loop_teardown((void**) &f);
}

static int ask_program(const char* environment) {
  char command[256];
  FILE* program;
  char answer_text[8] = "";

  snprintf(command, sizeof(command), "%s /proc/%d/exe --tell", environment, (int) getpid());
  program = popen(command, "re");
  assert_non_null(program);
  assert_non_null(fgets(answer_text, sizeof(answer_text), program));
  assert_int_equal(pclose(program), 0);
  return atoi(answer_text);
}

static void the_environment_asks_for_a_whole_program(void** state) {
  (void) state;
  assert_int_equal(ask_program("RONDO_GATHER_WRITES=1"), 1);
  assert_int_equal(ask_program("RONDO_GATHER_WRITES=0"), 0);
  assert_int_equal(ask_program("RONDO_GATHER_WRITES="), 0);
  assert_int_equal(ask_program("unset RONDO_GATHER_WRITES;"), 0);
}

#define gather_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(int argc, char** argv) {
  const struct CMUnitTest tests[] = {
      gather_test(writes_of_a_turn_leave_together_in_order),
      gather_test(they_leave_before_the_loop_waits),
      gather_test(every_phase_may_write),
      gather_test(write_callbacks_may_write),
      gather_test(more_writes_than_a_system_call_takes_leave),
      gather_test(what_finds_no_room_waits_in_order),
      gather_test(each_write_is_told_its_error),
      gather_test(a_try_comes_behind_it),
      gather_test(a_shutdown_comes_behind_it),
      gather_test(a_close_sends_it),
      gather_test(a_close_cancels_what_finds_no_room),
      gather_test(blocking_writes_are_not_gathered),
      gather_test(the_end_of_gathering_sends_it),
      gather_test(the_end_of_the_run_sends_it),
      gather_test(a_child_writes_behind_it),
      gather_test(outside_the_loop_writes_leave_at_once),
      gather_test(without_asking_writes_leave_at_once),
      gather_test(one_stream_of_a_loop_may_gather),
      gather_test(a_closed_stream_cannot_be_asked),
      gather_test(exit_sends_it),
      gather_test(exit_sends_what_outer_loops_gathered),
      gather_test(a_fork_sends_it_once),
  };
  const struct CMUnitTest once[] = {
      gather_test(they_leave_with_one_system_call),
      gather_test(writes_before_the_connection_go_with_it),
      gather_test(a_handle_goes_at_once_and_may_be_closed),
      cmocka_unit_test(the_environment_asks_for_a_whole_program),
  };

  if (argc == 2 && strcmp(argv[1], "--tell") == 0)
    return tell_what_the_environment_does();
  unsetenv("RONDO_GATHER_WRITES");
  signal(SIGPIPE, SIG_IGN);
  fill_pattern(big, sizeof(big), 0);
  kind = OVER_TCP;
  return run_for_each_kind("gather", tests) + cmocka_run_group_tests(once, NULL, NULL);
}
