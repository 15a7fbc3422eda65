/* Streams: which event means what, connecting, and closing. */
#include "stream.h"

#include "fd.h"

#include <errno.h>
#include <unistd.h>

/* -- Connecting -------------------------------------------------------------------------------- */

static void start_connect(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb) {
  uv__req_start(stream->loop, uv__req(req), UV_CONNECT);
  req->cb = cb;
  req->handle = stream;
  stream->connect_req = req;
}

void uv__stream_connect_wait(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb) {
  start_connect(stream, req, cb);
  stream->delayed_error = 0;
  uv__io_start(stream->loop, &stream->io_watcher, POLLOUT);
}

void uv__stream_connect_report(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb,
                               int status) {
  start_connect(stream, req, cb);
  stream->delayed_error = status;
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
  uv_connect_t* req = stream->connect_req;
  int status = connect_outcome(stream);

  if (status == UV_EALREADY)
    return;
  stream->connect_req = NULL;
  uv__req_stop(stream->loop);
  uv__io_stop(stream->loop, &stream->io_watcher, POLLOUT);
  if (req->cb != NULL)
    req->cb(req, status);
  if (uv__is_closing(uv__handle(stream)))
    return;
  if (status != 0)
    uv__stream_fail_writes(stream, UV_ECANCELED);
  /* What was written or shut down in the meantime waited for the connection. */
  if (stream->connect_req == NULL && stream->io_watcher.fd != UV__NO_FD)
    uv__stream_flush(stream);
  else if (stream->connect_req == NULL)
    uv__stream_end_shutdown(stream, UV_ENOTCONN);
}

/* -- Events ------------------------------------------------------------------------------------ */

void uv__stream_io(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  uv_stream_t* stream = uv__container(watcher, uv_stream_t, io_watcher);

  (void) loop;
  if (stream->connect_req != NULL) {
    connect_ready(stream);
    return;
  }
  if ((events & (POLLIN | POLLERR | POLLHUP)) && (stream->flags & UV_HANDLE_READING))
    uv__stream_read(stream);

  /* Both directions are closed and all there was has been read: this is the end. */
  if ((events & POLLHUP) && (stream->flags & UV_HANDLE_READING) &&
      (stream->flags & UV_HANDLE_READ_PARTIAL)) {
    uv_buf_t none = uv_buf_init(NULL, 0);
    uv__stream_eof(stream, &none);
  }
  /* A callback may have closed the stream. */
  if ((events & (POLLOUT | POLLERR | POLLHUP)) && watcher->fd != UV__NO_FD)
    uv__stream_flush(stream);
}

/* -- Closing ----------------------------------------------------------------------------------- */

enum uv__close_result uv__stream_close(uv_handle_t* handle) {
  uv_stream_t* stream = (uv_stream_t*) handle;

  uv__io_close(stream->loop, &stream->io_watcher);
  uv_read_stop(stream);
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
  uv_connect_t* connect = stream->connect_req;

  if (connect != NULL) {
    stream->connect_req = NULL;
    uv__req_stop(stream->loop);
    if (connect->cb != NULL)
      connect->cb(connect, UV_ECANCELED);
  }
  uv__stream_fail_writes(stream, UV_ECANCELED);
  uv__stream_end_shutdown(stream, UV_ECANCELED);
}
