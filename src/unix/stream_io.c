/* Streams: which event means what, connecting, and closing. */
#include "../stream.h"

#include "fd.h"
#include "stream.h"

#include <errno.h>
#include <unistd.h>

/* -- Connecting -------------------------------------------------------------------------------- */

static void start_connect(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb) {
  uv__req_start(stream->loop, uv__req(req), UV_CONNECT);
  req->cb = cb;
  req->handle = stream;
  uv__queue_init(&req->queue);
}

static void end_connect(uv_loop_t* loop, uv_connect_t* req, int status) {
  uv__req_stop(loop);
  if (req->cb != NULL)
    req->cb(req, status);
}

/* Reports the stream's connect request, and then those that were refused because of it. */
static void end_connects(uv_stream_t* stream, int status) {
  uv_loop_t* loop = stream->loop;
  uv_connect_t* req = stream->connect_req;
  struct uv__queue refused;
  struct uv__queue* link;

  uv__queue_move(&req->queue, &refused);
  stream->connect_req = NULL;
  end_connect(loop, req, status);
  while ((link = uv__queue_pop(&refused)) != NULL)
    end_connect(loop, uv__container(link, uv_connect_t, queue), UV_EALREADY);
}

void uv__stream_connect_wait(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb) {
  start_connect(stream, req, cb);
  stream->connect_req = req;
  stream->delayed_error = 0;
  /* A callback that is pending, for earlier writes, would pass for the outcome. */
  uv__queue_remove(&stream->io_watcher.pending_queue);
  uv__io_start(stream->loop, &stream->io_watcher, POLLOUT);
}

void uv__stream_connect_report(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb,
                               int status) {
  start_connect(stream, req, cb);
  if (stream->connect_req != NULL) {
    uv__queue_push(&stream->connect_req->queue, &req->queue);
    return;
  }
  stream->connect_req = req;
  stream->delayed_error = status;
  /* A stream that is being closed has no more events; the end of the close reports it. */
  if (!uv__is_closing(uv__handle(stream)))
    uv__io_feed(stream->loop, &stream->io_watcher);
}

/* The outcome of a connect: 0, an error, or UV_EALREADY while there is none yet. */
static int connect_outcome(uv_stream_t* stream) {
  int error = stream->delayed_error;
  socklen_t len = sizeof(error);

  if (error != 0) {
    stream->delayed_error = 0;
    return error;
  }
  if (getsockopt(stream->io_watcher.fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
    return UV__ERR(errno);
  return error == EINPROGRESS ? UV_EALREADY : UV__ERR(error);
}

static void connect_ready(uv_stream_t* stream) {
  int status = connect_outcome(stream);

  if (status == UV_EALREADY)
    return;
  uv__io_stop(stream->loop, &stream->io_watcher, POLLOUT);
  /* The callback may connect again and write. A listener has no writes. */
  if (status != 0 && !(stream->flags & UV_HANDLE_LISTENING))
    uv__stream_fail_writes(stream, UV_ECANCELED);
  end_connects(stream, status);
  if (uv__is_closing(uv__handle(stream)))
    return;
  uv__stream_run_write_callbacks(stream);
  if (uv__is_closing(uv__handle(stream)) || (stream->flags & UV_HANDLE_LISTENING) ||
      stream->connect_req != NULL)
    return;
  /* What was written or shut down in the meantime waited for the connection. */
  if (stream->io_watcher.fd != UV__NO_FD)
    uv__stream_flush(stream);
  else
    uv__stream_end_shutdown(stream, UV_ENOTCONN);
}

/* -- Events ------------------------------------------------------------------------------------ */

static void listener_io(uv_stream_t* server, unsigned int events) {
  uv__stream_run_write_callbacks(server); /* of writes before it listened, which have failed */
  if (events & ~(unsigned) POLLOUT)
    uv__stream_connection(server);
}

/* Any events, in any state. */
UV__RARE static void handle_events(uv_stream_t* stream, unsigned int events) {
  if (stream->connect_req != NULL) {
    connect_ready(stream);
    return;
  }
  if (stream->flags & UV_HANDLE_LISTENING) {
    listener_io(stream, events);
    return;
  }
  if ((events & (POLLIN | POLLERR | POLLHUP)) && (stream->flags & UV_HANDLE_READING))
    uv__stream_read(stream);

  /* A callback may have closed the stream, or connected it anew. */
  if ((events & (POLLOUT | POLLERR | POLLHUP)) && stream->io_watcher.fd != UV__NO_FD &&
      stream->connect_req == NULL)
    uv__stream_flush(stream);
}

/* Mostly there is one thing to do for a stream that is connected. */
void uv__stream_io(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  uv_stream_t* stream = uv__container(watcher, uv_stream_t, io_watcher);
  bool is_connected = stream->connect_req == NULL && !(stream->flags & UV_HANDLE_LISTENING);

  (void) loop;
  if (is_connected && events == POLLIN && (stream->flags & UV_HANDLE_READING))
    uv__stream_read(stream);
  else if (is_connected && events == POLLOUT && watcher->fd != UV__NO_FD)
    uv__stream_flush(stream);
  else
    handle_events(stream, events);
}

/* -- Closing ----------------------------------------------------------------------------------- */

enum uv__close_result uv__stream_close(uv_handle_t* handle) {
  uv_stream_t* stream = (uv_stream_t*) handle;

  uv__stream_send_gathered(stream);
  uv__io_close(stream->loop, &stream->io_watcher);
  if (stream->flags & UV_HANDLE_READING)
    uv__stream_read_stop(stream);
  uv__handle_stop(handle);
  stream->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  if (stream->flags & UV_HANDLE_LISTENING)
    uv__stream_stop_listening(stream);

  /* The standard streams are the process's, whoever opened them here. */
  if (stream->io_watcher.fd > STDERR_FILENO)
    uv__close(stream->io_watcher.fd);
  stream->io_watcher.fd = UV__NO_FD;
  uv__stream_drop_fds(stream);
  return UV__CLOSE_DONE;
}

void uv__stream_finish(uv_handle_t* handle) {
  uv_stream_t* stream = (uv_stream_t*) handle;

  if (stream->connect_req != NULL)
    end_connects(stream, UV_ECANCELED);
  uv__stream_fail_writes(stream, UV_ECANCELED);
  uv__stream_run_write_callbacks(stream);
  uv__stream_end_shutdown(stream, UV_ECANCELED);
  /* Those callbacks may have called uv_pipe_connect(), which has no other way to say no. */
  while (stream->connect_req != NULL)
    end_connects(stream, UV_ECANCELED);
}
