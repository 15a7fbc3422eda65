/* Out of memory: every allocation of a program that uses the whole library fails in turn.
 *
 * Each case is such a program. It runs once to count its allocations and then once for each of
 * them, with that one failing, alone and with all that follow. Whatever fails must say UV_ENOMEM,
 * leave everything as before, and let the program close what it has; nothing may leak. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "support/loop_fixture.h"
#include "support/temp_dir.h"
#include "uv.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MANY_BUFFERS = 40, MANY_DESCRIPTORS = 40 };

struct program {
  uv_loop_t loop;
  bool failed; /* something answered UV_ENOMEM */
};

/* Whether a call went well; UV_ENOMEM is the only other answer. */
static bool went_well(struct program* p, int result) {
  if (result == UV_ENOMEM) {
    p->failed = true;
    return false;
  }
  if (result < 0)
    fail_msg("%s", uv_err_name(result));
  return true;
}

static void end(struct program* p) {
  uv_walk(&p->loop, close_handle, NULL);
  assert_int_equal(uv_run(&p->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(p->loop.active_reqs.count, 0);
  assert_int_equal(uv_loop_close(&p->loop), 0);
}

static void run_case(void (*body)(struct program*)) {
  long needed;

  for (int fail_on = 0; fail_on < 2; fail_on++) {
    long fail_at = 0;
    do {
      struct program p = {.failed = false};
      test_allocator_install(fail_at, fail_on != 0);
      if (went_well(&p, uv_loop_init(&p.loop))) {
        body(&p);
        test_allocator.fail_at = 0;
        end(&p);
      }
      if (fail_at == 0) {
        assert_false(p.failed);
        needed = test_allocator.calls;
      }
      assert_int_equal(test_allocator.live, 0);
    } while (++fail_at <= needed);
  }
  test_allocator_remove();
}

static void give_buffer(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

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
  int fds[MANY_DESCRIPTORS];

  for (int i = 0; i < MANY_DESCRIPTORS; i++) {
    fds[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(fds[i] >= 0);
    if (!went_well(p, uv_poll_init(&p->loop, &polls[i], fds[i])))
      continue;
    if (!went_well(p, uv_poll_start(&polls[i], UV_WRITABLE, on_poll)))
      assert_false(uv_is_active((uv_handle_t*) &polls[i]));
  }
  uv_run(&p->loop, UV_RUN_NOWAIT);
  uv_walk(&p->loop, close_handle, NULL);
  uv_run(&p->loop, UV_RUN_DEFAULT);
  for (int i = 0; i < MANY_DESCRIPTORS; i++)
    close(fds[i]);
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

static void on_write(uv_write_t* req, int status) {
  (void) req;
  assert_true(status == 0 || status == UV_ECANCELED);
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
  if (!went_well(talk.program, uv_shutdown(&talk.shutdown, req->handle, NULL)))
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

  strcpy(name, temp_path("socket"));
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

/* -- Handle passing ---------------------------------------------------------------------------- */

struct passing {
  struct program* program;
  uv_pipe_t ends[2];
  uv_tcp_t sent[3];
  uv_write_t writes[3];
  uv_tcp_t taken[3];
  int count;
};

static struct passing passing;

static void on_passed(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  uv_pipe_t* pipe = (uv_pipe_t*) stream;

  (void) buf;
  if (nread == UV_ENOMEM)
    passing.program->failed = true;
  else
    assert_true(nread >= 0);
  while (uv_pipe_pending_count(pipe) > 0) {
    uv_tcp_t* tcp = &passing.taken[passing.count];
    assert_int_equal(uv_pipe_pending_type(pipe), UV_TCP);
    if (!went_well(passing.program, uv_tcp_init(stream->loop, tcp)))
      break;
    passing.count++;
    if (!went_well(passing.program, uv_accept(stream, (uv_stream_t*) tcp)))
      break;
  }
  if (passing.count == 3 || passing.program->failed)
    uv_walk(stream->loop, close_handle, NULL);
}

static void handle_passing(struct program* p) {
  uv_buf_t buf = uv_buf_init((char*) "x", 1);
  uv_os_sock_t fds[2];

  memset(&passing, 0, sizeof(passing));
  passing.program = p;
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, fds, 0, 0), 0);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_pipe_init(&p->loop, &passing.ends[i], 1), 0);
    if (!went_well(p, uv_pipe_open(&passing.ends[i], fds[i]))) {
      for (int left = i; left < 2; left++)
        close(fds[left]); /* still ours */
      return;
    }
  }
  for (int i = 0; i < 3; i++) {
    if (!went_well(p, uv_tcp_init_ex(&p->loop, &passing.sent[i], AF_INET)) ||
        !went_well(p, uv_write2(&passing.writes[i], (uv_stream_t*) &passing.ends[0], &buf, 1,
                                (uv_stream_t*) &passing.sent[i], on_write)))
      return;
  }
  if (went_well(p, uv_read_start((uv_stream_t*) &passing.ends[1], give_buffer, on_passed)))
    uv_run(&p->loop, UV_RUN_DEFAULT);
  if (!p->failed)
    assert_int_equal(passing.count, 3);
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
static void ipc(void** state) {
  (void) state;
  run_case(handle_passing);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(timers_and_asyncs),
      cmocka_unit_test(polls),
      cmocka_unit_test(tcp),
      cmocka_unit_test(pipes),
      cmocka_unit_test(ipc),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
