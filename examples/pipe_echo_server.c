/* An echo server on a unix socket (a named pipe on Windows).
 *
 *   pipe_echo_server PATH [SECONDS]
 *
 * The socket's file appears when it listens and is gone after it has closed. Ends on SIGINT or
 * SIGTERM, or after SECONDS. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static uv_pipe_t listener;
static uv_timer_t deadline;
static uv_async_t stop;

static void check(int status, const char* what) {
  if (status >= 0)
    return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void free_client(uv_handle_t* client) {
  free(client);
}

static void close_client(uv_stream_t* client) {
  if (!uv_is_closing((uv_handle_t*) client))
    uv_close((uv_handle_t*) client, free_client);
}

static void give_memory(uv_handle_t* client, size_t suggested, uv_buf_t* buf) {
  char* memory = malloc(suggested);
  (void) client;
  *buf = uv_buf_init(memory, memory != NULL ? (unsigned) suggested : 0);
}

/* The bytes and the request are kept until they have been written. */
static void on_written(uv_write_t* request, int status) {
  if (status < 0)
    close_client(request->handle);
  free(request->data);
  free(request);
}

static void on_shutdown(uv_shutdown_t* request, int status) {
  (void) status;
  close_client(request->handle);
  free(request);
}

static void send_back(uv_stream_t* client, char* bytes, size_t len) {
  uv_write_t* request = malloc(sizeof(*request));
  uv_buf_t buf = uv_buf_init(bytes, (unsigned) len);
  if (request != NULL)
    request->data = bytes;
  if (request == NULL || uv_write(request, client, &buf, 1, on_written) < 0) {
    free(bytes);
    free(request);
    close_client(client);
  }
}

/* The client has sent all it wanted; what is queued for it still goes out. */
static void finish_client(uv_stream_t* client) {
  uv_shutdown_t* request = malloc(sizeof(*request));
  if (request == NULL || uv_shutdown(request, client, on_shutdown) < 0) {
    free(request);
    close_client(client);
  }
}

static void on_read(uv_stream_t* client, ssize_t nread, const uv_buf_t* buf) {
  if (nread > 0) {
    send_back(client, buf->base, (size_t) nread);
    return;
  }
  free(buf->base);
  if (nread == UV_EOF)
    finish_client(client);
  else if (nread < 0)
    close_client(client);
}

static void on_connection(uv_stream_t* server, int status) {
  uv_pipe_t* client;
  if (status < 0) {
    fprintf(stderr, "connection: %s\n", uv_strerror(status));
    return;
  }
  client = malloc(sizeof(*client));
  if (client == NULL)
    return;
  if (uv_pipe_init(server->loop, client, 0) < 0) {
    free(client);
    return;
  }
  if (uv_accept(server, (uv_stream_t*) client) < 0 ||
      uv_read_start((uv_stream_t*) client, give_memory, on_read) < 0)
    close_client((uv_stream_t*) client);
}

/* The end: close whatever the loop still has; uv_run returns when nothing is left. */
static void close_any(uv_handle_t* handle, void* arg) {
  int is_client = handle->type == UV_NAMED_PIPE && handle != (uv_handle_t*) &listener;
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
  int seconds = argc > 2 ? atoi(argv[2]) : 0;

  if (argc < 2) {
    fprintf(stderr, "usage: pipe_echo_server PATH [SECONDS]\n");
    return 2;
  }
  check(uv_pipe_init(loop, &listener, 0), "pipe");
  check(uv_pipe_bind(&listener, argv[1]), "bind");
  check(uv_listen((uv_stream_t*) &listener, 128, on_connection), "listen");

  check(uv_async_init(loop, &stop, on_stop), "async");
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  if (seconds > 0) {
    check(uv_timer_init(loop, &deadline), "timer");
    check(uv_timer_start(&deadline, on_deadline, (uint64_t) seconds * 1000, 0), "timer");
  }

  printf("listening on %s\n", argv[1]);
  fflush(stdout);

  uv_run(loop, UV_RUN_DEFAULT);
  /* A second signal finds no handle to wake. */
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  check(uv_loop_close(loop), "close");
  return 0;
}
