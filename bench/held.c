/* Accepted connections that stay quiet; see held.h. */
#include "held.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"

enum { OTHER_DESCRIPTORS = 64 };

static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  static char bytes[65536];

  (void) handle;
  (void) suggested_len;
  *buf = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) stream;
  (void) buf;
  if (nread != 0)
    bench_fail("a connection that should be quiet is not");
}

static void on_connection(uv_stream_t* stream, int status) {
  struct held* held = stream->data;
  union any_stream* client = &held->clients[held->accepted];

  bench_must(status, "connection");
  listener_accept(&held->listener, client);
  bench_must(uv_read_start(&client->stream, on_alloc, on_read), "uv_read_start");

  if (++held->accepted == held->count)
    uv_stop(stream->loop);
  else if (held->accepted % LOAD_STEP == 0)
    load_step(&held->load);
}

bool held_open(struct held* held, uv_loop_t* loop, long count) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
      limit.rlim_cur < (rlim_t) count + OTHER_DESCRIPTORS) {
    printf("# skipped: %ld connections need more descriptors than are allowed\n", count);
    return false;
  }

  held->count = count;
  held->accepted = 0;
  held->clients = bench_alloc((size_t) count, sizeof(*held->clients));
  listener_open(&held->listener, loop, AF_INET, on_connection);
  held->listener.server.handle.data = held;
  return true;
}

void held_connect(struct held* held) {
  struct load_plan plan = {
      .mode = "hold",
      .address = held->listener.address,
      .connections = held->count,
  };

  load_start(&held->load, &plan);
  load_step(&held->load);
  uv_run(held->listener.server.handle.loop, UV_RUN_DEFAULT);
}

void held_close(struct held* held) {
  uv_loop_t* loop = held->listener.server.handle.loop;

  for (long i = 0; i < held->accepted; i++)
    uv_close(&held->clients[i].handle, NULL);
  listener_close(&held->listener);
  uv_run(loop, UV_RUN_DEFAULT);
  load_finish(&held->load);
  free(held->clients);
}
