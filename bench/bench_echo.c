/* Echo, by TCP and by pipes (unix sockets): what does a message cost the server?
 *
 * The server does what such servers do: a buffer of the size that the library suggests for each
 * read, one write for what was read, and the buffer back to a free list when the write is done, so
 * that nothing is allocated in steady state. */
#include <stdlib.h>
#include <uv.h>

#include "bench.h"
#include "listener.h"
#include "load_process.h"
#include "traffic.h"

enum { SUGGESTED_LEN = 65536 /* what libuv suggests for a read */ };

struct block {
  struct block* next_free;
  uv_write_t request;
  size_t len;
  char bytes[];
};

static struct {
  uv_loop_t loop;
  struct listener listener;
  union any_stream* clients;
  long accepted;
  long closed;
  long connections;
  struct block* free_blocks;
  struct bench_window window; /* in bytes */
} server;

static void give_back(struct block* block) {
  block->next_free = server.free_blocks;
  server.free_blocks = block;
}

static struct block* make_block(size_t len) {
  struct block* block = malloc(sizeof(*block) + len);

  if (block == NULL)
    bench_fail("out of memory");
  block->len = len;
  return block;
}

/* As many as can be in use when something from every connection comes in one turn of the loop. They
 * are touched: what the system takes for new memory is no part of what is measured. */
static void make_blocks(long count) {
  for (long i = 0; i < count; i++) {
    struct block* block = bench_alloc(1, sizeof(*block) + SUGGESTED_LEN);

    block->len = SUGGESTED_LEN;
    give_back(block);
  }
}

static struct block* take_block(size_t len) {
  struct block* block = server.free_blocks;

  if (block == NULL || block->len < len)
    return make_block(len);
  server.free_blocks = block->next_free;
  return block;
}

static struct block* block_of(const char* bytes) {
  return (struct block*) (void*) (bytes - offsetof(struct block, bytes));
}

static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  (void) handle;
  *buf = uv_buf_init(take_block(suggested_len)->bytes, (unsigned) suggested_len);
}

static void on_written(uv_write_t* request, int status) {
  bench_must(status, "write");
  give_back(request->data);
}

static void on_client_closed(uv_handle_t* handle) {
  (void) handle;
  if (++server.closed == server.connections)
    listener_close(&server.listener);
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  struct block* block = buf->base == NULL ? NULL : block_of(buf->base);
  uv_buf_t reply;

  if (nread <= 0) {
    if (block != NULL)
      give_back(block);
    if (nread < 0)
      uv_close((uv_handle_t*) stream, on_client_closed);
    return;
  }

  bench_window_add(&server.window, (uint64_t) nread);
  block->request.data = block;
  reply = uv_buf_init(block->bytes, (unsigned) nread);
  bench_must(uv_write(&block->request, stream, &reply, 1, on_written), "uv_write");
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

static void free_blocks(void) {
  while (server.free_blocks != NULL) {
    struct block* block = server.free_blocks;
    server.free_blocks = block->next_free;
    free(block);
  }
}

static void run(const struct bench_case* self) {
  struct load load;
  struct load_plan plan;

  traffic_plan(self, &plan, &server.window);
  server.connections = self->population;
  server.accepted = server.closed = 0;
  server.clients = bench_alloc((size_t) self->population, sizeof(*server.clients));

  bench_must(uv_loop_init(&server.loop), "uv_loop_init");
  listener_open(&server.listener, &server.loop, self->family, on_connection);
  plan.address = server.listener.address;
  load_start(&load, &plan);
  /* After the fork, since what was touched before it has to be copied. */
  make_blocks(self->population);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  load_finish(&load);

  if (server.window.seen != (uint64_t) plan.messages * self->message_len)
    bench_fail("bytes are missing");
  traffic_report(self, &server.window);

  bench_must(uv_loop_close(&server.loop), "uv_loop_close");
  free(server.clients);
  free_blocks();
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "echo", run);

  return bench_main(argc, argv, cases, count);
}
