/* Streams: listening and accepting.
 *
 * One connection is accepted per readiness event and held in `accepted_fd` until the user takes it.
 * Out of descriptors, a connection can neither be accepted nor refused, and the listener stays
 * readable: a descriptor held in reserve is given up for a moment to accept and close what waits.
 * Where even that fails, or the kernel is out of memory, the listener is not watched for a while.
 */
#include "../stream.h"

#include "../loop_state.h"
#include "fd.h"
#include "stream.h"

#include <fcntl.h>

enum {
  PAUSE_MS = 100,
  MOST_SHED = 128 /* connections closed per event */
};

/* -- Out of descriptors or memory -------------------------------------------------------------- */

static void open_reserve(uv_loop_t* loop) {
  int fd;

  if (loop->emfile_fd != UV__NO_FD)
    return;
  fd = uv__open("/dev/null", O_RDONLY);
  if (fd >= 0)
    loop->emfile_fd = fd;
}

static bool out_of_descriptors(int error) {
  return error == UV_EMFILE || error == UV_ENFILE;
}

static bool out_of_memory(int error) {
  return error == UV_ENOMEM || error == UV_ENOBUFS;
}

/* A listener never writes, so its write queue links it to the loop's list of paused ones. */
static void resume_all(uv_timer_t* timer) {
  struct uv__queue* link;

  open_reserve(timer->loop);
  while ((link = uv__queue_pop(&uv__state(timer->loop)->paused_listeners)) != NULL) {
    uv_stream_t* server = uv__container(link, uv_stream_t, write_queue);
    uv__io_start(server->loop, &server->io_watcher, POLLIN);
  }
}

static uv_timer_t* resume_timer(uv_loop_t* loop) {
  uv_timer_t* timer = &uv__state(loop)->resume_timer;

  if (timer->loop == NULL) {
    uv_timer_init(loop, timer);
    uv_unref(uv__handle(timer));
    timer->flags |= UV_HANDLE_INTERNAL;
  }
  return timer;
}

static void pause_listener(uv_stream_t* server) {
  struct uv__loop_state* state = uv__state(server->loop);

  uv__io_stop(server->loop, &server->io_watcher, POLLIN);
  uv__queue_remove(&server->write_queue);
  uv__queue_push(&state->paused_listeners, &server->write_queue);
  uv_timer_start(resume_timer(server->loop), resume_all, PAUSE_MS, 0);
}

static void shed(uv_stream_t* server) {
  uv_loop_t* loop = server->loop;
  int fd = UV_EMFILE;

  open_reserve(loop);
  if (loop->emfile_fd == UV__NO_FD) {
    pause_listener(server);
    return;
  }
  uv__close(loop->emfile_fd);
  loop->emfile_fd = UV__NO_FD;
  for (int i = 0; i < MOST_SHED; i++) {
    fd = uv__accept(server->io_watcher.fd);
    if (fd < 0)
      break;
    uv__close(fd);
  }
  open_reserve(loop);
  if (out_of_descriptors(fd) || out_of_memory(fd))
    pause_listener(server);
}

/* -- Listening --------------------------------------------------------------------------------- */

void uv__stream_connection(uv_stream_t* server) {
  int fd = uv__accept(server->io_watcher.fd);

  if (out_of_descriptors(fd))
    shed(server);
  else if (out_of_memory(fd))
    pause_listener(server);
  if (fd < 0)
    return; /* the peer has given up, or another process was faster */

  server->accepted_fd = fd;
  if (server->connection_cb != NULL)
    server->connection_cb(server, 0);
  if (server->accepted_fd != UV__NO_FD)
    uv__io_stop(server->loop, &server->io_watcher, POLLIN);
}

int uv__stream_listen(uv_stream_t* server, uv_connection_cb cb) {
  int err = uv__io_reserve(server->loop, server->io_watcher.fd);

  if (err != 0)
    return err;
  open_reserve(server->loop);
  if (server->flags & UV_HANDLE_LISTENING)
    uv__stream_stop_listening(server); /* it may be paused */
  server->connection_cb = cb;
  server->flags |= UV_HANDLE_LISTENING;
  /* A socket that was opened from outside counted as connected. */
  if (server->flags & UV_HANDLE_READING)
    uv__stream_read_stop(server);
  server->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  /* What was written while it tried to connect goes nowhere, and its queue is for pausing now. */
  uv__stream_fail_writes(server, UV_ECANCELED);
  if (server->accepted_fd == UV__NO_FD)
    uv__io_start(server->loop, &server->io_watcher, POLLIN);
  return 0;
}

void uv__stream_stop_listening(uv_stream_t* server) {
  uv__queue_remove(&server->write_queue);
}

/* -- Accepting --------------------------------------------------------------------------------- */

static int give(uv_stream_t* server, uv_stream_t* client) {
  int fd = server->accepted_fd;
  int err = 0;

  /* What came over an IPC pipe is as its sender left it. */
  if (!(server->flags & UV_HANDLE_LISTENING))
    err = uv__set_nonblocking(fd, true);
  if (err != 0)
    return err;

  switch (client->type) {
    case UV_TCP:
    case UV_NAMED_PIPE:
      err = uv__stream_open(client, fd, UV_HANDLE_READABLE | UV_HANDLE_WRITABLE | UV_HANDLE_BOUND);
      break;
    case UV_UDP:
      err = uv_udp_open((uv_udp_t*) client, fd);
      break;
    default:
      err = UV_EINVAL;
  }
  return err;
}

int uv_accept(uv_stream_t* server, uv_stream_t* client) {
  int err;

  if (server->loop != client->loop || uv__is_closing(uv__handle(client)))
    return UV_EINVAL;
  if (server->accepted_fd == UV__NO_FD)
    return UV_EAGAIN;

  err = give(server, client);
  if (err == UV_EINVAL || err == UV_ENOMEM)
    return err; /* the connection goes on waiting */
  if (err != 0)
    uv__close(server->accepted_fd);
  uv__stream_next_fd(server);
  if ((server->flags & UV_HANDLE_LISTENING) && server->accepted_fd == UV__NO_FD)
    uv__io_start(server->loop, &server->io_watcher, POLLIN);
  return err;
}
