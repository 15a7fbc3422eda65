/* Out of memory: what a program does with timers, watched sockets, TCP and pipes, and what it asks
 * the system. */
#include "support/oom.h"
#include "support/temp_dir.h"

#include <stdio.h>

#if !defined(_WIN32)
#include <sys/socket.h>
#include <unistd.h>
#endif

enum { MANY_BUFFERS = 40, MANY_DESCRIPTORS = 40 };

#if defined(_WIN32)

static void close_socket(uv_os_sock_t fd) {
  closesocket(fd);
}

/* Pipes are not files. */
static const char* temp_pipe(void) {
  static char name[64];

  snprintf(name, sizeof(name), "\\\\.\\pipe\\rondo-oom-%lu", GetCurrentProcessId());
  return name;
}

#else

static void close_socket(uv_os_sock_t fd) {
  close(fd);
}

static const char* temp_pipe(void) {
  return temp_path("socket");
}

#endif

/* -- Timers, watchers, async ------------------------------------------------------------------- */

static void close_timer(uv_timer_t* timer) {
  uv_walk(timer->loop, close_handle, NULL);
}

static void on_async(uv_async_t* async) {
  (void) async;
}

static void handles_that_watch_nothing(struct program* p) {
  static uv_timer_t timers[100];
  static uv_async_t asyncs[10];

  for (int i = 0; i < 100; i++) {
    /* Starting a timer needs no memory, so it cannot fail. */
    assert_int_equal(uv_timer_init(&p->loop, &timers[i]), 0);
    assert_int_equal(uv_timer_start(&timers[i], close_timer, 1, 0), 0);
  }
  for (int i = 0; i < 10; i++)
    if (went_well(p, uv_async_init(&p->loop, &asyncs[i], on_async)))
      assert_int_equal(uv_async_send(&asyncs[i]), 0);
  uv_run(&p->loop, UV_RUN_DEFAULT);
}

/* -- Poll handles on many descriptors ---------------------------------------------------------- */

static void on_poll(uv_poll_t* poll, int status, int events) {
  (void) status;
  (void) events;
  uv_close((uv_handle_t*) poll, NULL);
}

static void many_descriptors(struct program* p) {
  static uv_poll_t polls[MANY_DESCRIPTORS];
  uv_os_sock_t fds[MANY_DESCRIPTORS];

  for (int i = 0; i < MANY_DESCRIPTORS; i++) {
    fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fds[i] != (uv_os_sock_t) -1);
    if (!went_well(p, uv_poll_init_socket(&p->loop, &polls[i], fds[i])))
      continue;
    if (!went_well(p, uv_poll_start(&polls[i], UV_WRITABLE, on_poll)))
      assert_false(uv_is_active((uv_handle_t*) &polls[i]));
  }
  uv_run(&p->loop, UV_RUN_NOWAIT);
  uv_walk(&p->loop, close_handle, NULL);
  uv_run(&p->loop, UV_RUN_DEFAULT);
  for (int i = 0; i < MANY_DESCRIPTORS; i++)
    close_socket(fds[i]);
}

/* -- Connections ------------------------------------------------------------------------------- */

/* A server and a client, TCP or pipe, that exchange a message of many buffers. */
struct conversation {
  struct program* program;
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } server, accepted, client;
  uv_connect_t connect;
  uv_write_t write;
  uv_shutdown_t shutdown;
  bool over_pipe;
  size_t received;
};

static struct conversation talk;

static void give_up(void) {
  uv_walk(&talk.program->loop, close_handle, NULL);
}

static int init_stream(uv_stream_t* stream) {
  uv_loop_t* loop = &talk.program->loop;

  return talk.over_pipe ? uv_pipe_init(loop, (uv_pipe_t*) stream, 0)
                        : uv_tcp_init(loop, (uv_tcp_t*) stream);
}

static void on_server_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  (void) stream;
  if (nread > 0)
    talk.received += (size_t) nread;
  if (nread < 0) {
    assert_int_equal(nread, UV_EOF);
    give_up();
  }
}

static void on_connection(uv_stream_t* server, int status) {
  assert_int_equal(status, 0);
  if (!went_well(talk.program, init_stream(&talk.accepted.stream)))
    return;
  if (!went_well(talk.program, uv_accept(server, &talk.accepted.stream))) {
    /* The connection has not been lost. */
    if (uv_accept(server, &talk.accepted.stream) != 0) {
      give_up();
      return;
    }
  }
  if (!went_well(talk.program, uv_read_start(&talk.accepted.stream, give_buffer, on_server_read)))
    give_up();
}

/* Pipes of Windows have no half that can be shut: the server learns of the end by the close. */
static void on_shutdown(uv_shutdown_t* req, int status) {
  assert_true(status == 0 || status == UV_ECANCELED);
  close_handle((uv_handle_t*) req->handle, NULL);
}

static void on_connect(uv_connect_t* req, int status) {
  static char text[] = "x";
  uv_buf_t bufs[MANY_BUFFERS];

  if (status == UV_ECANCELED)
    return;
  if (status == UV_ENOMEM) {
    talk.program->failed = true;
    give_up();
    return;
  }
  assert_int_equal(status, 0);
  for (int i = 0; i < MANY_BUFFERS; i++)
    bufs[i] = uv_buf_init(text, 1);
  if (!went_well(talk.program, uv_write(&talk.write, req->handle, bufs, MANY_BUFFERS, on_write))) {
    assert_int_equal(uv_stream_get_write_queue_size(req->handle), 0);
    give_up();
    return;
  }
  if (!went_well(talk.program, uv_shutdown(&talk.shutdown, req->handle, on_shutdown)))
    give_up();
}

static int start_tcp(void) {
  struct sockaddr_in address;
  int len = sizeof(address);
  int err;

  uv_ip4_addr("127.0.0.1", 0, &address);
  err = uv_tcp_bind(&talk.server.tcp, (const struct sockaddr*) &address, 0);
  if (err == 0)
    err = uv_listen(&talk.server.stream, 8, on_connection);
  if (err == 0)
    err = uv_tcp_getsockname(&talk.server.tcp, (struct sockaddr*) &address, &len);
  if (err == 0)
    err = uv_tcp_connect(&talk.connect, &talk.client.tcp, (const struct sockaddr*) &address,
                         on_connect);
  return err;
}

static int start_pipe(void) {
  char name[128];
  size_t size = sizeof(name);
  int err;

  strcpy(name, temp_pipe());
  err = uv_pipe_bind(&talk.server.pipe, name);
  if (err == 0)
    err = uv_listen(&talk.server.stream, 8, on_connection);
  if (err == 0)
    err = uv_pipe_getsockname(&talk.server.pipe, name, &size);
  if (err == 0)
    uv_pipe_connect(&talk.connect, &talk.client.pipe, name, on_connect);
  return err;
}

static void converse(struct program* p, bool over_pipe) {
  memset(&talk, 0, sizeof(talk));
  talk.program = p;
  talk.over_pipe = over_pipe;
  if (went_well(p, init_stream(&talk.server.stream)) &&
      went_well(p, init_stream(&talk.client.stream)) &&
      went_well(p, over_pipe ? start_pipe() : start_tcp()))
    uv_run(&p->loop, UV_RUN_DEFAULT);
  if (!p->failed)
    assert_int_equal(talk.received, MANY_BUFFERS);
}

static void tcp_conversation(struct program* p) {
  converse(p, false);
}

static void pipe_conversation(struct program* p) {
  temp_dir_make();
  converse(p, true);
  uv_walk(&p->loop, close_handle, NULL);
  temp_dir_remove();
}

/* -- What the system is asked ------------------------------------------------------------------ */

static void ask_for_text(struct program* p, int (*ask)(char* text, size_t* size)) {
  char text[4096];
  size_t size = sizeof(text);

  went_well(p, ask(text, &size));
}

static void ask_for_lists(struct program* p) {
  uv_cpu_info_t* cpus;
  uv_interface_address_t* addresses;
  uv_env_item_t* variables;
  uv_passwd_t passwd;
  int count;

  if (went_well(p, uv_cpu_info(&cpus, &count)))
    uv_free_cpu_info(cpus, count);
  if (went_well(p, uv_interface_addresses(&addresses, &count)))
    uv_free_interface_addresses(addresses, count);
  if (went_well(p, uv_os_environ(&variables, &count)))
    uv_os_free_environ(variables, count);
  if (went_well(p, uv_os_get_passwd(&passwd)))
    uv_os_free_passwd(&passwd);
}

static void ask_the_system(struct program* p) {
  char text[64];
  size_t size = sizeof(text);

  ask_for_text(p, uv_cwd);
  ask_for_text(p, uv_exepath);
  ask_for_text(p, uv_os_homedir);
  ask_for_text(p, uv_os_tmpdir);
  ask_for_text(p, uv_os_gethostname);
  ask_for_lists(p);
  if (went_well(p, uv_os_setenv("RONDO_TEST_OOM", "a value")) &&
      went_well(p, uv_os_getenv("RONDO_TEST_OOM", text, &size)))
    assert_string_equal(text, "a value");
  while (!went_well(p, uv_os_unsetenv("RONDO_TEST_OOM")))
    test_allocator.fail_at = 0;
}

/* -- The cases --------------------------------------------------------------------------------- */

static void timers_and_asyncs(void** state) {
  (void) state;
  run_case(handles_that_watch_nothing);
}
static void polls(void** state) {
  (void) state;
  run_case(many_descriptors);
}
static void tcp(void** state) {
  (void) state;
  run_case(tcp_conversation);
}
static void pipes(void** state) {
  (void) state;
  run_case(pipe_conversation);
}
static void questions(void** state) {
  (void) state;
  run_case(ask_the_system);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(timers_and_asyncs),
      cmocka_unit_test(polls),
      cmocka_unit_test(tcp),
      cmocka_unit_test(pipes),
      cmocka_unit_test(questions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
