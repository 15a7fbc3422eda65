/* A client for pipe_echo_server: sends a text and prints what comes back.
 *
 *   pipe_echo_client TEXT PATH
 *
 * Fails unless exactly the text came back before the server closed the connection. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

static uv_pipe_t server;
static uv_connect_t connect_request;
static uv_write_t write_request;
static uv_shutdown_t shutdown_request;

static char* text;
static size_t matched; /* bytes of it that came back */
static int failed;

static void fail(const char* what, int status) {
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  failed = 1;
  if (!uv_is_closing((uv_handle_t*) &server))
    uv_close((uv_handle_t*) &server, NULL);
}

static void give_memory(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  static char memory[4096];
  (void) handle;
  (void) suggested;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  size_t len = nread > 0 ? (size_t) nread : 0;
  if (nread == UV_EOF) {
    uv_close((uv_handle_t*) stream, NULL);
  } else if (nread < 0) {
    fail("read", (int) nread);
  } else if (len > strlen(text) - matched || memcmp(buf->base, text + matched, len) != 0) {
    fail("answer", UV_EPROTO);
  } else {
    matched += len;
    fwrite(buf->base, 1, len, stdout);
  }
}

static void on_written(uv_write_t* request, int status) {
  (void) request;
  if (status < 0)
    fail("write", status);
}

static void on_connect(uv_connect_t* request, int status) {
  uv_buf_t buf = uv_buf_init(text, (unsigned) strlen(text));
  if (status < 0) {
    fail("connect", status);
    return;
  }
  status = uv_read_start(request->handle, give_memory, on_read);
  if (status == 0)
    status = uv_write(&write_request, request->handle, &buf, 1, on_written);
  /* Goes out after the text; the server then closes its side. */
  if (status == 0)
    status = uv_shutdown(&shutdown_request, request->handle, NULL);
  if (status < 0)
    fail("start", status);
}

int main(int argc, char** argv) {
  uv_loop_t* loop = uv_default_loop();
  if (argc != 3) {
    fprintf(stderr, "usage: pipe_echo_client TEXT PATH\n");
    return 2;
  }
  text = argv[1];

  uv_pipe_init(loop, &server, 0);
  uv_pipe_connect(&connect_request, &server, argv[2], on_connect);
  uv_run(loop, UV_RUN_DEFAULT);
  printf("\n");

  if (uv_loop_close(loop) != 0 || matched != strlen(text))
    failed = 1;
  return failed;
}
