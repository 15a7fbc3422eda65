/* A TCP echo server: everything a client sends comes back to it.
 *
 *   echo_server [PORT [SECONDS]]
 *
 * Listens on 127.0.0.1, by default on a port that the kernel chooses, and prints which. Ends on
 * SIGINT or SIGTERM, or after SECONDS, and then says how much it served. Thousands of clients need
 * a descriptor each: `ulimit -n` is the limit. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* A client that sends but does not read is not read from either once this much waits for it. */
#define BACKLOG_BYTES ((size_t) 1024 * 1024)

/* What all clients are read into, one after the other: most answers have left before the next read,
 * and what a client does not take at once is copied. */
static char buffer[64 * 1024];

/* Such a copy. The request stands beside the bytes, so one allocation serves both. */
struct answer {
  uv_write_t request;
  char bytes[];
};

struct client {
  uv_tcp_t tcp;
  int paused; /* not read from until it takes what waits for it */
};

static uv_tcp_t listener;
static uv_timer_t deadline;
static uv_async_t stop;

static unsigned long long clients;
static unsigned long long bytes;

static void check(int status, const char* what) {
  if (status >= 0)
    return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void free_client(uv_handle_t* stream) {
  free(stream); /* the first member of its struct client */
}

static void close_client(uv_stream_t* stream) {
  if (!uv_is_closing((uv_handle_t*) stream))
    uv_close((uv_handle_t*) stream, free_client);
}

static void give_memory(uv_handle_t* stream, size_t suggested, uv_buf_t* buf) {
  (void) stream;
  (void) suggested;
  *buf = uv_buf_init(buffer, sizeof(buffer));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf);

static void on_written(uv_write_t* request, int status) {
  uv_stream_t* stream = request->handle;
  struct client* client = (struct client*) stream;
  free(request); /* the first member of its struct answer */
  if (status < 0) {
    close_client(stream);
  } else if (client->paused && uv_stream_get_write_queue_size(stream) < BACKLOG_BYTES / 2) {
    client->paused = 0;
    if (uv_read_start(stream, give_memory, on_read) < 0)
      close_client(stream);
  }
}

static void on_shutdown(uv_shutdown_t* request, int status) {
  (void) status;
  close_client(request->handle);
  free(request);
}

/* The client has sent all it wanted. What is queued still goes out before the connection closes. */
static void finish_client(uv_stream_t* stream) {
  uv_shutdown_t* request = malloc(sizeof(*request));
  uv_read_stop(stream);
  if (request == NULL || uv_shutdown(request, stream, on_shutdown) < 0) {
    free(request);
    close_client(stream);
  }
}

/* Queues what is to go out when the client takes it. */
static int write_later(uv_stream_t* stream, const char* start, size_t len) {
  struct answer* answer = malloc(sizeof(*answer) + len);
  uv_buf_t buf;
  int err;

  if (answer == NULL)
    return UV_ENOMEM;
  memcpy(answer->bytes, start, len);
  buf = uv_buf_init(answer->bytes, (unsigned) len);
  err = uv_write(&answer->request, stream, &buf, 1, on_written);
  if (err < 0)
    free(answer);
  return err;
}

static int send_back(uv_stream_t* stream, char* start, size_t len) {
  uv_buf_t buf = uv_buf_init(start, (unsigned) len);
  int sent = uv_try_write(stream, &buf, 1);

  /* Nothing is sent ahead of what waits already. */
  if (sent == UV_EAGAIN)
    sent = 0;
  if (sent < 0 || (size_t) sent == len)
    return sent;
  return write_later(stream, start + sent, len - (size_t) sent);
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  if (nread == 0)
    return; /* nothing this time */
  if (nread == UV_EOF) {
    finish_client(stream);
    return;
  }
  if (nread < 0 || send_back(stream, buf->base, (size_t) nread) < 0) {
    close_client(stream);
    return;
  }
  bytes += (unsigned long long) nread;
  if (uv_stream_get_write_queue_size(stream) >= BACKLOG_BYTES) {
    ((struct client*) stream)->paused = 1;
    uv_read_stop(stream);
  }
}

static void on_connection(uv_stream_t* server, int status) {
  struct client* client;
  if (status < 0) {
    fprintf(stderr, "connection: %s\n", uv_strerror(status));
    return;
  }
  client = malloc(sizeof(*client));
  if (client == NULL)
    return;
  client->paused = 0;
  if (uv_tcp_init(server->loop, &client->tcp) < 0) {
    free(client);
    return;
  }
  if (uv_accept(server, (uv_stream_t*) client) < 0 ||
      uv_read_start((uv_stream_t*) client, give_memory, on_read) < 0) {
    close_client((uv_stream_t*) client);
    return;
  }
  clients++;
}

/* The end: close whatever the loop still has; uv_run returns when nothing is left. */
static void close_any(uv_handle_t* handle, void* arg) {
  int is_client = handle->type == UV_TCP && handle != (uv_handle_t*) &listener;
  (void) arg;
  if (!uv_is_closing(handle))
    uv_close(handle, is_client ? free_client : NULL);
}

static void on_stop(uv_async_t* async) {
  uv_walk(async->loop, close_any, NULL);
}

static void on_deadline(uv_timer_t* timer) {
  uv_walk(timer->loop, close_any, NULL);
}

/* Runs inside a signal handler, where little is allowed; uv_async_send is. */
static void on_signal(int signum) {
  (void) signum;
  uv_async_send(&stop);
}

int main(int argc, char** argv) {
  uv_loop_t* loop = uv_default_loop();
  int port = argc > 1 ? atoi(argv[1]) : 0;
  int seconds = argc > 2 ? atoi(argv[2]) : 0;
  struct sockaddr_in address;
  struct sockaddr_storage bound;
  int bound_len = sizeof(bound);

  check(uv_ip4_addr("127.0.0.1", port, &address), "address");
  check(uv_tcp_init(loop, &listener), "tcp");
  check(uv_tcp_bind(&listener, (const struct sockaddr*) &address, 0), "bind");
  check(uv_listen((uv_stream_t*) &listener, 4096, on_connection), "listen");
  check(uv_tcp_getsockname(&listener, (struct sockaddr*) &bound, &bound_len), "getsockname");

  check(uv_async_init(loop, &stop, on_stop), "async");
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  if (seconds > 0) {
    check(uv_timer_init(loop, &deadline), "timer");
    check(uv_timer_start(&deadline, on_deadline, (uint64_t) seconds * 1000, 0), "timer");
  }

  printf("listening on 127.0.0.1 port %d\n", ntohs(((struct sockaddr_in*) &bound)->sin_port));
  fflush(stdout);

  uv_run(loop, UV_RUN_DEFAULT);
  /* A second signal finds no handle to wake. */
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  printf("served %llu connections, %llu bytes\n", clients, bytes);
  check(uv_loop_close(loop), "close");
  return 0;
}
