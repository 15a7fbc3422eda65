/* Connections: what does it cost to make and end one?
 *
 *   accept/close      the server accepts and closes at once
 *   accept/echo       the server accepts, answers one message of 64 bytes, and closes
 *   connect/both_ends one loop connects, accepts, and closes both ends, one pair at a time */
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bench.h"
#include "listener.h"
#include "load_process.h"
#include "traffic.h"

enum { BATCH = 200, MESSAGE_LEN = 64 };

struct connection {
  union any_stream handle; /* first: a handle is its connection */
  struct connection* next_free;
  uv_write_t request;
  size_t received;
  char bytes[MESSAGE_LEN];
};

static struct {
  uv_loop_t loop;
  struct listener listener;
  struct connection* free_connections;
  uint64_t expected;
  uint64_t closed;
  struct bench_window window; /* in connections */
} server;

static struct connection* take_connection(void) {
  struct connection* connection = server.free_connections;

  if (connection == NULL)
    return bench_alloc(1, sizeof(*connection));
  server.free_connections = connection->next_free;
  return connection;
}

static void on_closed(uv_handle_t* handle) {
  struct connection* connection = (struct connection*) handle;

  connection->next_free = server.free_connections;
  server.free_connections = connection;
  bench_window_add(&server.window, 1);
  if (++server.closed == server.expected)
    listener_close(&server.listener);
}

static void on_written(uv_write_t* request, int status) {
  bench_must(status, "write");
  uv_close((uv_handle_t*) request->handle, on_closed);
}

static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  struct connection* connection = (struct connection*) handle;

  (void) suggested_len;
  *buf = uv_buf_init(connection->bytes + connection->received,
                     (unsigned) (sizeof(connection->bytes) - connection->received));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  struct connection* connection = (struct connection*) stream;
  uv_buf_t reply = uv_buf_init(connection->bytes, sizeof(connection->bytes));

  (void) buf;
  bench_must((int) nread, "read");
  connection->received += (size_t) nread;
  if (connection->received < sizeof(connection->bytes))
    return;
  bench_must(uv_read_stop(stream), "uv_read_stop");
  bench_must(uv_write(&connection->request, stream, &reply, 1, on_written), "uv_write");
}

static void on_connection_to_close(uv_stream_t* stream, int status) {
  struct connection* connection = take_connection();

  (void) stream;
  bench_must(status, "connection");
  listener_accept(&server.listener, &connection->handle);
  uv_close(&connection->handle.handle, on_closed);
}

static void on_connection_to_serve(uv_stream_t* stream, int status) {
  struct connection* connection = take_connection();

  (void) stream;
  bench_must(status, "connection");
  connection->received = 0;
  listener_accept(&server.listener, &connection->handle);
  bench_must(uv_read_start(&connection->handle.stream, on_alloc, on_read), "uv_read_start");
}

static void free_connections(void) {
  while (server.free_connections != NULL) {
    struct connection* connection = server.free_connections;
    server.free_connections = connection->next_free;
    free(connection);
  }
}

static void run_accept(const struct bench_case* self) {
  struct load load;
  struct load_plan plan;

  traffic_plan(self, &plan, &server.window);
  server.closed = 0;
  server.expected = (uint64_t) plan.messages;

  bench_must(uv_loop_init(&server.loop), "uv_loop_init");
  listener_open(&server.listener, &server.loop, self->family,
                self->message_len == 0 ? on_connection_to_close : on_connection_to_serve);
  plan.address = server.listener.address;
  load_start(&load, &plan);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  load_finish(&load);

  traffic_report(self, &server.window);
  bench_must(uv_loop_close(&server.loop), "uv_loop_close");
  free_connections();
}

/* Both ends in one loop. */
static struct {
  uv_loop_t loop;
  struct listener listener;
  struct sockaddr_storage address;
  uv_connect_t request;
  union any_stream client;
  union any_stream accepted;
  int ready_ends;
  int closed_ends;
  uint64_t done;
  uint64_t stop_at;
} both;

static void connect_pair(void);

static void on_end_closed(uv_handle_t* handle) {
  (void) handle;
  if (++both.closed_ends < 2)
    return;
  if (++both.done == both.stop_at)
    uv_stop(&both.loop);
  else
    connect_pair();
}

/* The client's end goes by reset: ports do not run out. */
static void on_end_ready(void) {
  if (++both.ready_ends < 2)
    return;
  bench_must(uv_tcp_close_reset(&both.client.tcp, on_end_closed), "uv_tcp_close_reset");
  uv_close(&both.accepted.handle, on_end_closed);
}

static void on_connected(uv_connect_t* request, int status) {
  (void) request;
  bench_must(status, "connect");
  on_end_ready();
}

static void on_accepted(uv_stream_t* stream, int status) {
  (void) stream;
  bench_must(status, "connection");
  listener_accept(&both.listener, &both.accepted);
  on_end_ready();
}

static void connect_pair(void) {
  both.ready_ends = both.closed_ends = 0;
  bench_must(uv_tcp_init(&both.loop, &both.client.tcp), "uv_tcp_init");
  bench_must(uv_tcp_connect(&both.request, &both.client.tcp, (const struct sockaddr*) &both.address,
                            on_connected),
             "uv_tcp_connect");
}

static void run_both_ends(const struct bench_case* self) {
  int len = sizeof(both.address);
  uint64_t start;
  uint64_t end;

  bench_must(uv_loop_init(&both.loop), "uv_loop_init");
  listener_open(&both.listener, &both.loop, AF_INET, on_accepted);
  bench_must(uv_tcp_getsockname(&both.listener.server.tcp, (struct sockaddr*) &both.address, &len),
             "uv_tcp_getsockname");

  both.done = 0;
  start = bench_cpu_ns();
  do {
    both.stop_at = both.done + BATCH;
    connect_pair();
    uv_run(&both.loop, UV_RUN_DEFAULT);
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();

  bench_report(self, NULL, (double) (end - start) / (double) both.done, "ns");
  listener_close(&both.listener);
  uv_run(&both.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&both.loop), "uv_loop_close");
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES + 1];
  size_t count = traffic_cases(cases, "connect", run_accept);

  cases[count++] = (struct bench_case){.name = "connect/both_ends", .run = run_both_ends};
  return bench_main(argc, argv, cases, count);
}
