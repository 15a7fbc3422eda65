/* Streams at their limits: out of descriptors, absurd lengths, a storm of signals. accept4() fails
 * when a test says so (it is wrapped by the linker). */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/streams.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

/* -- In a process of its own ------------------------------------------------------------------- */

/* What a child does instead of an assertion, from which there is no way back to the parent. */
#define require(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      _exit(1); \
    } \
  } while (0)

/* Runs a test that changes limits or signal handlers of its process. */
static void in_child(void (*func)(struct loop_fixture*)) {
  struct loop_fixture f = {.log = ""};
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    require(uv_loop_init(&f.loop) == 0);
    f.loop.data = &f;
    func(&f);
    uv_walk(&f.loop, close_handle, NULL);
    require(uv_run(&f.loop, UV_RUN_DEFAULT) == 0);
    require(uv_loop_close(&f.loop) == 0);
    exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

/* -- Out of descriptors ------------------------------------------------------------------------ */

enum { CLIENTS = 5, WHILE_MS = 250, MOST_TURNS = 60 };

static uv_tcp_t server;
static union address server_address;
static int clients[CLIENTS];
static int connections;
static int turns;

static void on_connection(uv_stream_t* stream, int status) {
  (void) stream;
  require(status == 0);
  connections++;
}

static void accept_and_close(uv_stream_t* stream, int status) {
  uv_tcp_t* taken = malloc(sizeof(*taken));

  on_connection(stream, status);
  require(uv_tcp_init(stream->loop, taken) == 0);
  require(uv_accept(stream, (uv_stream_t*) taken) == 0);
  uv_close((uv_handle_t*) taken, (uv_close_cb) free);
}

static void bind_server(struct loop_fixture* f) {
  union address at = address4("127.0.0.1", 0);

  require(uv_tcp_init(&f->loop, &server) == 0);
  require(uv_tcp_bind(&server, &at.any, 0) == 0);
  server_address = name_of(&server);
}

static void listen_with(uv_connection_cb cb) {
  require(uv_listen((uv_stream_t*) &server, 16, cb) == 0);
}

static void make_clients(void) {
  for (int i = 0; i < CLIENTS; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    require(clients[i] >= 0);
  }
}

static void join(int nth) {
  require(connect(clients[nth], &server_address.any, sizeof(server_address.v4)) == 0);
}

static void count_turn(uv_check_t* check) {
  (void) check;
  turns++;
}

static void on_timer(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}

/* Runs the loop for a while; `turns` says how often it went round. */
static void run_for_a_while(struct loop_fixture* f) {
  static uv_check_t check;
  static uv_timer_t timer;

  turns = 0;
  memset(f->log, 0, sizeof(f->log));
  uv_check_init(&f->loop, &check);
  uv_check_start(&check, count_turn);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, WHILE_MS, 0);
  run_until(f, 't');
  uv_close((uv_handle_t*) &check, NULL);
  uv_close((uv_handle_t*) &timer, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

static bool has_news(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};

  return poll(&p, 1, 0) == 1;
}

static void shed_clients(struct loop_fixture* f) {
  bind_server(f);
  listen_with(accept_and_close);
  make_clients();
  struct rlimit before = limit_descriptors(0);
  for (int i = 0; i < CLIENTS - 1; i++)
    join(i);
  run_for_a_while(f);
  require(connections == 0);
  require(turns < MOST_TURNS);
  for (int i = 0; i < CLIENTS - 1; i++)
    require(is_ended(clients[i]));

  unlimit_descriptors(&before);
  join(CLIENTS - 1);
  while (connections == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  require(connections == 1);
}

static void without_descriptors_waiting_clients_are_shed(void** state) {
  (void) state;
  in_child(shed_clients);
}

/* There was no descriptor to hold in reserve when listening began. */
static void serve_without_reserve(struct loop_fixture* f, uv_connection_cb cb,
                                  struct rlimit* before) {
  bind_server(f);
  make_clients();
  *before = limit_descriptors(0);
  listen_with(cb);
  for (int i = 0; i < CLIENTS; i++)
    join(i);
  run_for_a_while(f);
  require(connections == 0);
  require(turns < MOST_TURNS);
  for (int i = 0; i < CLIENTS; i++)
    require(!has_news(clients[i]));
}

static void wait_for_descriptors(struct loop_fixture* f) {
  struct rlimit before;

  serve_without_reserve(f, accept_and_close, &before);
  unlimit_descriptors(&before);
  while (connections < CLIENTS)
    uv_run(&f->loop, UV_RUN_ONCE);
  for (int i = 0; i < CLIENTS; i++)
    require(is_ended(clients[i]));
}

static void without_a_reserve_clients_wait_and_the_loop_does_not_spin(void** state) {
  (void) state;
  in_child(wait_for_descriptors);
}

static void listen_while_paused(struct loop_fixture* f) {
  struct rlimit before;

  serve_without_reserve(f, on_connection, &before);
  unlimit_descriptors(&before);
  listen_with(on_connection);
  int fds_before = count_descriptors();
  run_for_a_while(f);
  require(connections == 1);                      /* which nobody has accepted */
  require(count_descriptors() - fds_before <= 2); /* that one and the reserve */
}

static void listening_again_while_paused_accepts_only_one_at_a_time(void** state) {
  (void) state;
  in_child(listen_while_paused);
}

int __real_accept4(int fd, struct sockaddr* address, socklen_t* len, int flags);
int __wrap_accept4(int fd, struct sockaddr* address, socklen_t* len, int flags);

static int accept_error; /* an errno, 0 for none */

int __wrap_accept4(int fd, struct sockaddr* address, socklen_t* len, int flags) {
  if (accept_error == 0)
    return __real_accept4(fd, address, len, flags);
  errno = accept_error;
  return -1;
}

static void serve_without_memory(struct loop_fixture* f, int error) {
  bind_server(f);
  make_clients();
  listen_with(accept_and_close);
  accept_error = error;
  for (int i = 0; i < CLIENTS; i++)
    join(i);
  run_for_a_while(f);
  require(connections == 0);
  require(turns < MOST_TURNS);
  for (int i = 0; i < CLIENTS; i++)
    require(!has_news(clients[i]));

  accept_error = 0;
  while (connections < CLIENTS)
    uv_run(&f->loop, UV_RUN_ONCE);
}

static void wait_for_memory(struct loop_fixture* f) {
  serve_without_memory(f, ENOMEM);
}

static void wait_for_buffers(struct loop_fixture* f) {
  serve_without_memory(f, ENOBUFS);
}

static void without_memory_clients_wait_and_the_loop_does_not_spin(void** state) {
  (void) state;
  in_child(wait_for_memory);
  in_child(wait_for_buffers);
}

static void close_while_paused(struct loop_fixture* f) {
  struct rlimit before;

  serve_without_reserve(f, on_connection, &before);
  uv_close((uv_handle_t*) &server, NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  unlimit_descriptors(&before);
  for (int i = 0; i < CLIENTS; i++)
    require(is_ended(clients[i]));
  run_for_a_while(f);
  require(connections == 0);
}

static void a_paused_listener_can_be_closed(void** state) {
  (void) state;
  in_child(close_while_paused);
}

static void fail_to_connect(uv_connect_t* req, int status) {
  require(status == UV_ENOENT);
  test_log(req->handle->loop, 'c');
}

static void connect_while_paused(struct loop_fixture* f) {
  static uv_pipe_t pipe;
  uv_connect_t req;
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  int raw = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  socklen_t len = sizeof(at);

  /* The kernel chooses the name. */
  require(bind(listener, (struct sockaddr*) &at, sizeof(at.sun_family)) == 0);
  require(getsockname(listener, (struct sockaddr*) &at, &len) == 0);
  require(uv_pipe_init(&f->loop, &pipe, 0) == 0);
  require(uv_pipe_open(&pipe, listener) == 0);
  struct rlimit before = limit_descriptors(0);
  require(uv_listen((uv_stream_t*) &pipe, 1, on_connection) == 0);
  require(connect(raw, (struct sockaddr*) &at, len) == 0);
  run_for_a_while(f);
  require(connections == 0);

  memset(f->log, 0, sizeof(f->log));
  uv_pipe_connect(&req, &pipe, "/nowhere", fail_to_connect);
  run_until(f, 'c');
  unlimit_descriptors(&before);
  while (connections == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  close(raw);
}

static void a_paused_listener_does_not_connect(void** state) {
  (void) state;
  in_child(connect_while_paused);
}

static void serve_nobody(struct loop_fixture* f) {
  struct rlimit before;

  serve_without_reserve(f, on_connection, &before);
  uv_unref((uv_handle_t*) &server);
  require(uv_run(&f->loop, UV_RUN_DEFAULT) == 0);
  unlimit_descriptors(&before);
}

static void a_paused_listener_does_not_keep_the_loop_alive(void** state) {
  (void) state;
  in_child(serve_nobody);
}

/* -- Absurd lengths ---------------------------------------------------------------------------- */

enum { MOST_BUFFERS = 1 << 20, MOST_BYTES = 0x7ffff000 };

static union any_stream s;
static uv_buf_t many[MOST_BUFFERS + 1];

static void assert_all_writes_say(const uv_buf_t* bufs, unsigned int nbufs, int expected) {
  static uv_write_t req;

  assert_int_equal(uv_write(&req, &s.stream, bufs, nbufs, NULL), expected);
  assert_int_equal(uv_write2(&req, &s.stream, bufs, nbufs, NULL, NULL), expected);
  assert_int_equal(uv_try_write(&s.stream, bufs, nbufs), expected);
  assert_int_equal(uv_try_write2(&s.stream, bufs, nbufs, NULL), expected);
  assert_int_equal(s.stream.write_queue_size, 0);
}

/* An unopened stream shows that the numbers are looked at first. */
static void absurd_lengths_are_refused_before_anything_else(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t two[2] = {{NULL, MOST_BYTES}, {NULL, 1}};

  init_stream(&f->loop, &s);
  assert_all_writes_say(two, 0, UV_EINVAL);
  assert_all_writes_say(NULL, 0, UV_EINVAL);
  assert_all_writes_say(many, MOST_BUFFERS + 1, UV_EINVAL);
  assert_all_writes_say(many, UINT32_MAX, UV_EINVAL);
  assert_all_writes_say(two, 2, UV_EINVAL);
  two[0].len = (size_t) MOST_BYTES + 1;
  assert_all_writes_say(two, 1, UV_EINVAL);
  two[0].len = SIZE_MAX;
  assert_all_writes_say(two, 2, UV_EINVAL);

  two[0].len = MOST_BYTES;
  assert_all_writes_say(two, 1, UV_EBADF);
  assert_all_writes_say(many, MOST_BUFFERS, UV_EBADF);
}

static void the_most_buffers_are_written(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  int other = open_stream(&f->loop, &s);
  char text[2];

  many[0] = buf_of("a");
  many[MOST_BUFFERS - 1] = buf_of("z");
  assert_int_equal(uv_write(&req, &s.stream, many, MOST_BUFFERS, on_write), 0);
  run(f);
  assert_string_equal(f->log, "w");
  receive_exactly(other, text, 2);
  assert_memory_equal(text, "az", 2);
  memset(many, 0, sizeof(many));
  close(other);
}

enum { HUGE_LEN = 0x7fffffff };

static char* huge;
static ssize_t last_nread;

static void alloc_huge(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  (void) handle;
  (void) size;
  *buf = uv_buf_init(huge, HUGE_LEN);
  buf->len++; /* 2^31, more than one system call reads */
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  last_nread = nread;
  test_log(stream->loop, 'r');
}

static void a_buffer_may_be_larger_than_a_read(void** state) {
  struct loop_fixture* f = *state;
  int other = open_stream(&f->loop, &s);
  int protection = PROT_READ | PROT_WRITE;

  huge = mmap(NULL, (size_t) HUGE_LEN + 1, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1, 0);
  assert_ptr_not_equal(huge, MAP_FAILED);
  send_text(other, "hello");
  assert_int_equal(uv_read_start(&s.stream, alloc_huge, on_read), 0);
  run_until(f, 'r');
  assert_int_equal(last_nread, 5);
  munmap(huge, (size_t) HUGE_LEN + 1);
  close(other);
}

/* -- Signals ----------------------------------------------------------------------------------- */

enum {
  STORM_INTERVAL_US = 200,
  STORM_LEN = 6 << 20,
  STORM_CONNECTS = 100,
  STORM_WAIT_MS = 100,
  CLOCK_TICK_MS = 5
};

static char storm_data[STORM_LEN];
static size_t storm_read[2];
static volatile sig_atomic_t signals;

static void on_signal(int signum) {
  (void) signum;
  signals++;
}

static void raise_storm(void) {
  struct sigaction action;
  struct itimerval often = {{0, STORM_INTERVAL_US}, {0, STORM_INTERVAL_US}};

  memset(&action, 0, sizeof(action)); /* without SA_RESTART */
  action.sa_handler = on_signal;
  require(sigaction(SIGALRM, &action, NULL) == 0);
  require(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void calm_storm(void) {
  struct itimerval never = {{0, 0}, {0, 0}};

  setitimer(ITIMER_REAL, &never, NULL);
  signal(SIGALRM, SIG_IGN);
}

static void alloc_storm(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_storm_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  size_t* at = stream->data;

  if (nread == UV_EOF)
    return;
  require(nread >= 0);
  require(memcmp(buf->base, storm_data + *at, (size_t) nread) == 0);
  *at += (size_t) nread;
}

static int storm_closed;

static void on_storm_close(uv_handle_t* handle) {
  (void) handle;
  storm_closed++;
}

static void on_storm_connect(uv_connect_t* req, int status) {
  require(status == 0);
  uv_close((uv_handle_t*) req->handle, on_storm_close);
}

/* Much in both directions between two streams of one loop. */
static void exchange(struct loop_fixture* f) {
  static union any_stream ends[2];
  static uv_write_t writes[2];
  static uv_shutdown_t shutdowns[2];
  uv_buf_t buf = uv_buf_init(storm_data, sizeof(storm_data));
  int pair[2];

  calm_storm();
  make_pair(pair);
  raise_storm();
  for (int i = 0; i < 2; i++) {
    init_stream(&f->loop, &ends[i]);
    ends[i].handle.data = &storm_read[i];
    require(give_socket(&ends[i], pair[i]) == 0);
    require(uv_read_start(&ends[i].stream, alloc_storm, on_storm_read) == 0);
    require(uv_write(&writes[i], &ends[i].stream, &buf, 1, on_write) == 0);
    require(uv_shutdown(&shutdowns[i], &ends[i].stream, on_shutdown) == 0);
  }
  require(uv_run(&f->loop, UV_RUN_DEFAULT) == 0);
  require(storm_read[0] == STORM_LEN && storm_read[1] == STORM_LEN);
  require(strlen(f->log) == 4 && strpbrk(f->log, "!WS") == NULL);
}

static void connect_often(struct loop_fixture* f) {
  static uv_tcp_t tcp;
  static uv_connect_t req;

  bind_server(f);
  listen_with(accept_and_close);
  connections = 0;
  for (int i = 1; i <= STORM_CONNECTS; i++) {
    require(uv_tcp_init(&f->loop, &tcp) == 0);
    require(uv_tcp_connect(&req, &tcp, &server_address.any, on_storm_connect) == 0);
    while (connections < i || storm_closed < i)
      uv_run(&f->loop, UV_RUN_ONCE);
  }
}

static void wait_in_a_storm(struct loop_fixture* f) {
  static uv_timer_t timer;
  uint64_t start;

  uv_unref((uv_handle_t*) &server);
  memset(f->log, 0, sizeof(f->log));
  uv_timer_init(&f->loop, &timer);
  uv_update_time(&f->loop);
  start = uv_hrtime();
  uv_timer_start(&timer, on_timer, STORM_WAIT_MS, 0);
  run_until(f, 't');
  require(uv_hrtime() - start >= (uint64_t) (STORM_WAIT_MS - CLOCK_TICK_MS) * 1000000);
}

static void live_in_a_storm(struct loop_fixture* f) {
  fill_pattern(storm_data, sizeof(storm_data), 0);
  exchange(f);
  connect_often(f);
  wait_in_a_storm(f);
  calm_storm();
  require(signals > 10); /* hundreds, unless the machine has much else to do */
}

static void signals_interrupt_nothing(void** state) {
  (void) state;
  in_child(live_in_a_storm);
}

int main(void) {
  const struct CMUnitTest tests_of_listeners[] = {
      cmocka_unit_test(without_descriptors_waiting_clients_are_shed),
      newer_loop_test(without_a_reserve_clients_wait_and_the_loop_does_not_spin),
      newer_loop_test(without_memory_clients_wait_and_the_loop_does_not_spin),
      newer_loop_test(listening_again_while_paused_accepts_only_one_at_a_time),
      newer_loop_test(a_paused_listener_can_be_closed),
      newer_loop_test(a_paused_listener_does_not_connect),
      newer_loop_test(a_paused_listener_does_not_keep_the_loop_alive),
  };
  const struct CMUnitTest tests_of_streams[] = {
      newer_loop_test(absurd_lengths_are_refused_before_anything_else),
      loop_test(the_most_buffers_are_written),
      newer_loop_test(a_buffer_may_be_larger_than_a_read),
      cmocka_unit_test(signals_interrupt_nothing),
  };
  return cmocka_run_group_tests_name("listener limits", tests_of_listeners, NULL, NULL) +
         run_for_each_kind("stream limits", tests_of_streams);
}
