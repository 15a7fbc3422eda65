/* Handles of the system: as many as before after ten thousand connections, hundreds of children,
 * and many handles, loops, threads and locks. */
#include "support/descriptors.h"
#include "support/loop_fixture.h"
#include "support/spawn_try.h"
#include "support/watchdog.h"

enum {
  WARM_UP = 50, /* what the system opens once and keeps */
  CONNECTIONS = 10000,
  CHILDREN = 200,
  ROUNDS = 300,
  SLACK = 8 /* threads of the system's come and go */
};

static void assert_no_more_than(int before) {
  int now = count_descriptors();

  if (now > before + SLACK)
    fail_msg("%d handles became %d", before, now);
}

/* What all others rely on: Wine does not tell the number, so the handles are listed. */
static void a_handle_that_stays_is_counted(void** state) {
  (void) state;
  enum { EVENTS = 2 * SLACK };
  HANDLE events[EVENTS];
  int before = count_descriptors();

  for (int i = 0; i < EVENTS; i++)
    events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
  assert_true(count_descriptors() > before + SLACK);
  for (int i = 0; i < EVENTS; i++)
    CloseHandle(events[i]);
  assert_no_more_than(before);
}

/* -- Connections ------------------------------------------------------------------------------- */

static struct {
  uv_tcp_t server;
  struct sockaddr_in address;
  uv_tcp_t client;
  uv_tcp_t accepted;
  uv_connect_t connect;
  int closed;
} net;

static void count_closed(uv_handle_t* handle) {
  (void) handle;
  net.closed++;
}

static void on_connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(server->loop, &net.accepted), 0);
  assert_int_equal(uv_accept(server, (uv_stream_t*) &net.accepted), 0);
  uv_close((uv_handle_t*) &net.accepted, count_closed);
}

static void on_connect(uv_connect_t* req, int status) {
  assert_int_equal(status, 0);
  uv_close((uv_handle_t*) req->handle, count_closed);
}

/* Closed by a reset, so that no port stays in use for minutes. */
static void on_connect_reset(uv_connect_t* req, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_close_reset((uv_tcp_t*) req->handle, count_closed), 0);
}

static void connect_and_close(uv_loop_t* loop, int times) {
  for (int i = 0; i < times; i++) {
    net.closed = 0;
    assert_int_equal(uv_tcp_init(loop, &net.client), 0);
    assert_int_equal(uv_tcp_connect(&net.connect, &net.client, (struct sockaddr*) &net.address,
                                    i % 8 == 0 ? on_connect : on_connect_reset),
                     0);
    while (net.closed < 2)
      uv_run(loop, UV_RUN_ONCE);
  }
}

static void listen_on_loopback(uv_loop_t* loop) {
  int len = sizeof(net.address);

  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &net.address), 0);
  assert_int_equal(uv_tcp_init(loop, &net.server), 0);
  assert_int_equal(uv_tcp_bind(&net.server, (struct sockaddr*) &net.address, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &net.server, 128, on_connection), 0);
  assert_int_equal(uv_tcp_getsockname(&net.server, (struct sockaddr*) &net.address, &len), 0);
}

static void ten_thousand_connections_leave_no_handle_behind(void** state) {
  struct loop_fixture* f = *state;

  listen_on_loopback(&f->loop);
  connect_and_close(&f->loop, WARM_UP);
  int before = count_descriptors();
  connect_and_close(&f->loop, CONNECTIONS);
  assert_no_more_than(before);
}

static void connections_that_are_refused_leave_no_handle_behind(void** state) {
  struct loop_fixture* f = *state;
  int before = 0;

  /* A port that nobody listens on any more. */
  listen_on_loopback(&f->loop);
  uv_close((uv_handle_t*) &net.server, NULL);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  for (int i = 0; i < ROUNDS; i++) {
    assert_int_equal(uv_tcp_init(&f->loop, &net.client), 0);
    assert_int_equal(
        uv_tcp_connect(&net.connect, &net.client, (struct sockaddr*) &net.address, NULL), 0);
    uv_close((uv_handle_t*) &net.client, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    if (i == WARM_UP)
      before = count_descriptors();
  }
  assert_no_more_than(before);
}

/* -- Children ---------------------------------------------------------------------------------- */

static uv_process_t process;
static uv_pipe_t output;
static int64_t exit_status;

static void on_exit_of(uv_process_t* handle, int64_t status, int signum) {
  (void) signum;
  exit_status = status;
  uv_close((uv_handle_t*) handle, NULL);
  uv_close((uv_handle_t*) &output, NULL);
}

static void spawn_and_wait(uv_loop_t* loop, int times) {
  char* args[] = {CHILD_PROGRAM, "exit", "3", NULL};
  uv_stdio_container_t stdio[2] = {{.flags = UV_IGNORE},
                                   {.flags = (uv_stdio_flags) (UV_CREATE_PIPE | UV_WRITABLE_PIPE)}};
  uv_process_options_t options = {
      .file = CHILD_PROGRAM,
      .args = args,
      .exit_cb = on_exit_of,
      .stdio = stdio,
      .stdio_count = 2,
  };

  stdio[1].data.stream = (uv_stream_t*) &output;
  for (int i = 0; i < times; i++) {
    exit_status = -1;
    options.flags = i % 4 == 0 ? UV_PROCESS_DETACHED : 0;
    assert_int_equal(uv_pipe_init(loop, &output, 0), 0);
    assert_int_equal(spawn_try(loop, &process, &options), 0);
    assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(exit_status, 3);
  }
}

static void two_hundred_children_leave_no_handle_behind(void** state) {
  struct loop_fixture* f = *state;

  spawn_and_wait(&f->loop, 5);
  int before = count_descriptors();
  spawn_and_wait(&f->loop, CHILDREN);
  assert_no_more_than(before);
}

static void a_program_that_is_not_there_leaves_no_handle_behind(void** state) {
  struct loop_fixture* f = *state;
  char* args[] = {"no-such-program", NULL};
  uv_process_options_t options = {.file = args[0], .args = args, .exit_cb = on_exit_of};
  int before = 0;

  for (int i = 0; i < ROUNDS; i++) {
    assert_int_equal(uv_spawn(&f->loop, &process, &options), UV_ENOENT);
    uv_close((uv_handle_t*) &process, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    if (i == WARM_UP)
      before = count_descriptors();
  }
  assert_no_more_than(before);
}

/* -- The rest ---------------------------------------------------------------------------------- */

static void nothing(void* arg) {
  (void) arg;
}

static void nothing_of_work(uv_work_t* req) {
  (void) req;
}

static void use_everything_once(void) {
  uv_loop_t loop;
  uv_async_t async;
  uv_udp_t udp;
  uv_pipe_t pipe;
  uv_signal_t signal_handle;
  uv_work_t work;
  uv_thread_t thread;
  uv_sem_t sem;
  uv_barrier_t barrier;
  uv_file fds[2];
  uv_fs_t req;

  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_async_init(&loop, &async, NULL), 0);
  assert_int_equal(uv_udp_init_ex(&loop, &udp, AF_INET), 0);
  assert_int_equal(uv_pipe_init(&loop, &pipe, 0), 0);
  assert_int_equal(uv_signal_init(&loop, &signal_handle), 0);
  assert_int_equal(uv_queue_work(&loop, &work, nothing_of_work, NULL), 0);
  uv_walk(&loop, close_handle, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);

  assert_int_equal(uv_thread_create(&thread, nothing, NULL), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(uv_sem_init(&sem, 0), 0);
  uv_sem_destroy(&sem);
  assert_int_equal(uv_barrier_init(&barrier, 1), 0);
  assert_int_equal(uv_barrier_wait(&barrier), 1);
  uv_barrier_destroy(&barrier);

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  for (int i = 0; i < 2; i++) {
    uv_fs_close(NULL, &req, fds[i], NULL);
    uv_fs_req_cleanup(&req);
  }
}

static void loops_threads_locks_and_files_leave_no_handle_behind(void** state) {
  (void) state;
  int before = 0;

  for (int i = 0; i < ROUNDS; i++) {
    use_everything_once();
    if (i == WARM_UP)
      before = count_descriptors();
  }
  assert_no_more_than(before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_handle_that_stays_is_counted),
      loop_test(ten_thousand_connections_leave_no_handle_behind),
      loop_test(connections_that_are_refused_leave_no_handle_behind),
      loop_test(two_hundred_children_leave_no_handle_behind),
      loop_test(a_program_that_is_not_there_leaves_no_handle_behind),
      cmocka_unit_test(loops_threads_locks_and_files_leave_no_handle_behind),
  };

  watchdog(280);
  return cmocka_run_group_tests_name("win_handle_leak", tests, NULL, NULL);
}
