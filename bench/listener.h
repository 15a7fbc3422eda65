/* A listening TCP socket or pipe on an address that nobody else uses. */
#ifndef LISTENER_H_
#define LISTENER_H_

#include <uv.h>

union any_stream {
  uv_handle_t handle;
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
};

struct listener {
  union any_stream server;
  int family;
  char address[128]; /* for the load: "tcp:PORT" or "unix:PATH" */
  char directory[64];
};

/* Listens, by TCP for AF_INET or a pipe for AF_UNIX. The stream's data is left to the caller. */
void listener_open(struct listener* listener, uv_loop_t* loop, int family, uv_connection_cb cb);

/* Takes the connection for which the callback has come. */
void listener_accept(struct listener* listener, union any_stream* client);

void listener_close(struct listener* listener);

#endif /* LISTENER_H_ */
