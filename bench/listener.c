/* A listening TCP socket or pipe; see listener.h. */
#define _GNU_SOURCE
#include "listener.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { BACKLOG = 4096 };

static void bind_tcp(struct listener* listener, uv_loop_t* loop) {
  struct sockaddr_in address;
  int len = sizeof(address);

  bench_must(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr");
  bench_must(uv_tcp_init(loop, &listener->server.tcp), "uv_tcp_init");
  bench_must(uv_tcp_bind(&listener->server.tcp, (const struct sockaddr*) &address, 0),
             "uv_tcp_bind");
  bench_must(uv_tcp_getsockname(&listener->server.tcp, (struct sockaddr*) &address, &len),
             "uv_tcp_getsockname");
  snprintf(listener->address, sizeof(listener->address), "tcp:%d", ntohs(address.sin_port));
}

static void bind_pipe(struct listener* listener, uv_loop_t* loop) {
  static const char scheme[] = "unix:";

  strcpy(listener->directory, "/tmp/bench-XXXXXX");
  if (mkdtemp(listener->directory) == NULL)
    bench_fail("mkdtemp");
  snprintf(listener->address, sizeof(listener->address), "%s%s/socket", scheme,
           listener->directory);
  bench_must(uv_pipe_init(loop, &listener->server.pipe, 0), "uv_pipe_init");
  bench_must(uv_pipe_bind(&listener->server.pipe, listener->address + sizeof(scheme) - 1),
             "uv_pipe_bind");
}

void listener_open(struct listener* listener, uv_loop_t* loop, int family, uv_connection_cb cb) {
  listener->family = family;
  listener->directory[0] = '\0';

  if (family == AF_INET)
    bind_tcp(listener, loop);
  else
    bind_pipe(listener, loop);
  bench_must(uv_listen(&listener->server.stream, BACKLOG, cb), "uv_listen");
}

void listener_accept(struct listener* listener, union any_stream* client) {
  uv_loop_t* loop = listener->server.handle.loop;

  if (listener->family == AF_INET)
    bench_must(uv_tcp_init(loop, &client->tcp), "uv_tcp_init");
  else
    bench_must(uv_pipe_init(loop, &client->pipe, 0), "uv_pipe_init");
  bench_must(uv_accept(&listener->server.stream, &client->stream), "uv_accept");
}

void listener_close(struct listener* listener) {
  uv_close(&listener->server.handle, NULL);
  if (listener->directory[0] != '\0')
    rmdir(listener->directory); /* closing a bound pipe has removed its path */
}
