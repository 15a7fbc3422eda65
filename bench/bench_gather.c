/* Answers: what does a message cost a server that answers each one with a write of its own, when 16
 * of a connection's messages come at once? RONDO_GATHER_WRITES=1 is set, as for a program that
 * cannot be changed; a library that does not know it makes a system call for each. */
#include <uv.h>

#include "bench.h"
#include "listener.h"
#include "load_process.h"
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_LEN = 64, ROOM = 65536 };

struct answer {
  struct answer* next_free;
  uv_write_t request;
  char bytes[MESSAGE_LEN];
};

static struct {
  uv_loop_t loop;
  struct listener listener;
  union any_stream* clients;
  long accepted;
  long closed;
  long connections;
  struct answer* free_answers;
  struct bench_window window; /* in bytes */
} server;

static void give_back(struct answer* answer) {
  answer->next_free = server.free_answers;
  server.free_answers = answer;
}

static struct answer* take_answer(void) {
  struct answer* answer = server.free_answers;

  if (answer == NULL)
    return bench_alloc(1, sizeof(*answer));
  server.free_answers = answer->next_free;
  return answer;
}

static void on_written(uv_write_t* request, int status) {
  bench_must(status, "write");
  give_back(request->data);
}

static void write_answer(uv_stream_t* stream, const char* bytes, size_t len) {
  struct answer* answer = take_answer();
  uv_buf_t buf = uv_buf_init(answer->bytes, (unsigned) len);

  memcpy(answer->bytes, bytes, len);
  answer->request.data = answer;
  bench_must(uv_write(&answer->request, stream, &buf, 1, on_written), "uv_write");
}

static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  static char room[ROOM];

  (void) handle;
  (void) suggested_len;
  *buf = uv_buf_init(room, sizeof(room));
}

static void on_client_closed(uv_handle_t* handle) {
  (void) handle;
  if (++server.closed == server.connections)
    listener_close(&server.listener);
}

/* Messages come whole, but for those at the end of a segment, whose parts are answered. */
static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  if (nread < 0) {
    uv_close((uv_handle_t*) stream, on_client_closed);
    return;
  }
  bench_window_add(&server.window, (uint64_t) nread);
  for (size_t at = 0; at < (size_t) nread; at += MESSAGE_LEN) {
    size_t left = (size_t) nread - at;
    write_answer(stream, buf->base + at, left < MESSAGE_LEN ? left : MESSAGE_LEN);
  }
}

static void on_connection(uv_stream_t* stream, int status) {
  union any_stream* client = &server.clients[server.accepted];

  (void) stream;
  bench_must(status, "connection");
  if (server.accepted == server.connections)
    bench_fail("more connections than expected");
  server.accepted++;
  listener_accept(&server.listener, client);
  if (server.listener.family == AF_INET)
    bench_must(uv_tcp_nodelay(&client->tcp, 1), "uv_tcp_nodelay");
  bench_must(uv_read_start(&client->stream, on_alloc, on_read), "uv_read_start");
}

static void free_answers(void) {
  while (server.free_answers != NULL) {
    struct answer* answer = server.free_answers;
    server.free_answers = answer->next_free;
    free(answer);
  }
}

static void run(const struct bench_case* self) {
  struct load load;
  struct load_plan plan;

  traffic_plan(self, &plan, &server.window);
  server.connections = self->population;
  server.accepted = server.closed = 0;
  server.clients = bench_alloc((size_t) self->population, sizeof(*server.clients));
  for (long i = 0; i < self->population * self->depth; i++)
    give_back(bench_alloc(1, sizeof(struct answer)));

  bench_must(uv_loop_init(&server.loop), "uv_loop_init");
  listener_open(&server.listener, &server.loop, self->family, on_connection);
  plan.address = server.listener.address;
  load_start(&load, &plan);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  load_finish(&load);
  traffic_report(self, &server.window);

  bench_must(uv_loop_close(&server.loop), "uv_loop_close");
  free(server.clients);
  free_answers();
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "bursts", run);

  setenv("RONDO_GATHER_WRITES", "1", 1);
  return bench_main(argc, argv, cases, count);
}
