/* An outside program: a TCP connection to itself over 127.0.0.1. What it sends must come back. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

#define BYTES 300000

static uv_tcp_t listener;
static uv_tcp_t near_end;
static uv_tcp_t far_end;
static uv_connect_t connecting;
static uv_write_t near_write;
static uv_shutdown_t near_shutdown;

static char sent[BYTES];
static char returned[BYTES];
static size_t returned_bytes;
static int failures;

static void check(int status, const char* what) {
  if (status < 0) {
    fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
    failures++;
  }
}

static void give_memory(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  static char memory[65536];
  (void) handle;
  (void) suggested;
  *buf = uv_buf_init(memory, sizeof(memory));
}

/* The far end keeps all and answers when it has all. */
static void on_far_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  static char kept[BYTES];
  static size_t kept_bytes;
  static uv_write_t answer;
  static uv_shutdown_t finish;
  uv_buf_t all;

  if (nread > 0) {
    memcpy(kept + kept_bytes, buf->base, (size_t) nread);
    kept_bytes += (size_t) nread;
  } else if (nread == UV_EOF) {
    all = uv_buf_init(kept, (unsigned) kept_bytes);
    check(uv_write(&answer, stream, &all, 1, NULL), "answer");
    check(uv_shutdown(&finish, stream, NULL), "finish");
  }
}

static void on_near_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) stream;
  if (nread > 0) {
    memcpy(returned + returned_bytes, buf->base, (size_t) nread);
    returned_bytes += (size_t) nread;
  } else if (nread == UV_EOF) {
    uv_close((uv_handle_t*) &near_end, NULL);
    uv_close((uv_handle_t*) &far_end, NULL);
    uv_close((uv_handle_t*) &listener, NULL);
  }
}

static void on_connection(uv_stream_t* server, int status) {
  check(status, "connection");
  check(uv_tcp_init(server->loop, &far_end), "init");
  check(uv_accept(server, (uv_stream_t*) &far_end), "accept");
  check(uv_read_start((uv_stream_t*) &far_end, give_memory, on_far_read), "read");
}

static void on_connect(uv_connect_t* request, int status) {
  uv_buf_t buf = uv_buf_init(sent, sizeof(sent));
  check(status, "connect");
  check(uv_read_start(request->handle, give_memory, on_near_read), "read");
  check(uv_write(&near_write, request->handle, &buf, 1, NULL), "write");
  check(uv_shutdown(&near_shutdown, request->handle, NULL), "shutdown");
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  struct sockaddr_in address;
  int address_len = sizeof(address);
  size_t i;

  for (i = 0; i < sizeof(sent); i++)
    sent[i] = (char) ((i * 31 + i / 251) & 127);

  check(uv_ip4_addr("127.0.0.1", 0, &address), "address");
  check(uv_tcp_init(loop, &listener), "init");
  check(uv_tcp_init(loop, &near_end), "init");
  check(uv_tcp_bind(&listener, (struct sockaddr*) &address, 0), "bind");
  check(uv_listen((uv_stream_t*) &listener, 1, on_connection), "listen");
  check(uv_tcp_getsockname(&listener, (struct sockaddr*) &address, &address_len), "getsockname");
  check(uv_tcp_connect(&connecting, &near_end, (struct sockaddr*) &address, on_connect), "connect");

  if (failures == 0)
    uv_run(loop, UV_RUN_DEFAULT);
  check(uv_loop_close(loop), "close");
  if (returned_bytes != sizeof(sent) || memcmp(sent, returned, sizeof(sent)) != 0) {
    fprintf(stderr, "%lu bytes came back, or other ones\n", (unsigned long) returned_bytes);
    failures++;
  }
  if (uv_version() != UV_VERSION_HEX) {
    fprintf(stderr, "compiled for %#x, runs with %s\n", UV_VERSION_HEX, uv_version_string());
    failures++;
  }
  printf("%lu bytes came back, libuv interface %s\n", (unsigned long) returned_bytes,
         uv_version_string());
  return failures != 0;
}
