/* Streams on Windows: each kind is read and written in its own way, and is found by its type. */
#include "stream.h"

#include "../core.h"
#include "../stream.h"

#include "../buf.h"

int uv_accept(uv_stream_t* server, uv_stream_t* client) {
  if (server->loop != client->loop || uv__is_closing(uv__handle(client)))
    return UV_EINVAL;
  switch (server->type) {
    case UV_TCP:
      return client->type == UV_TCP ? uv__tcp_accept((uv_tcp_t*) server, (uv_tcp_t*) client)
                                    : UV_EINVAL;
    case UV_NAMED_PIPE:
      return uv__pipe_accept((uv_pipe_t*) server, client);
    default:
      return UV_EINVAL;
  }
}

int uv_stream_set_blocking(uv_stream_t* stream, int blocking) {
  if (stream->type != UV_NAMED_PIPE)
    return UV_EINVAL;
  return uv__pipe_set_blocking((uv_pipe_t*) stream, blocking != 0);
}

/* -- Reading ----------------------------------------------------------------------------------- */

int uv__stream_read_start(uv_stream_t* stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  switch (stream->type) {
    case UV_TCP:
      return uv__tcp_read_start((uv_tcp_t*) stream, alloc_cb, read_cb);
    case UV_NAMED_PIPE:
      return uv__pipe_read_start((uv_pipe_t*) stream, alloc_cb, read_cb);
    case UV_TTY:
      return uv__tty_read_start((uv_tty_t*) stream, alloc_cb, read_cb);
    default:
      return UV_EINVAL;
  }
}

void uv__stream_read_stop(uv_stream_t* stream) {
  switch (stream->type) {
    case UV_TCP:
      uv__tcp_read_stop((uv_tcp_t*) stream);
      break;
    case UV_NAMED_PIPE:
      uv__pipe_read_stop((uv_pipe_t*) stream);
      break;
    default:
      uv__tty_read_stop((uv_tty_t*) stream);
  }
}

/* -- Writing ----------------------------------------------------------------------------------- */

static bool carries_handles(const uv_stream_t* stream) {
  return stream->type == UV_NAMED_PIPE && ((const uv_pipe_t*) stream)->ipc;
}

int uv__stream_write(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[],
                     unsigned int nbufs, uv_stream_t* send_handle, uv_write_cb cb) {
  ssize_t sum = uv__bufs_len(bufs, nbufs);
  size_t len = (size_t) sum;

  if (sum < 0)
    return (int) sum;
  if (send_handle != NULL && !carries_handles(stream))
    return UV_EINVAL;
  if (!uv_is_writable(stream))
    return UV_EPIPE;
  switch (stream->type) {
    case UV_TCP:
      return uv__tcp_write(req, (uv_tcp_t*) stream, bufs, nbufs, len, cb);
    case UV_NAMED_PIPE:
      return uv__pipe_write(req, (uv_pipe_t*) stream, bufs, nbufs, len, send_handle, cb);
    case UV_TTY:
      return uv__tty_write(req, (uv_tty_t*) stream, bufs, nbufs, cb);
    default:
      return UV_EINVAL;
  }
}

int uv__stream_try_write(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                         uv_stream_t* send_handle) {
  if (uv__is_closing(uv__handle(stream)))
    return UV_EBADF;
  if (send_handle != NULL && !carries_handles(stream))
    return UV_EINVAL;
  switch (stream->type) {
    case UV_TCP:
      return uv__tcp_try_write((uv_tcp_t*) stream, bufs, nbufs);
    case UV_NAMED_PIPE:
      return uv__pipe_try_write((uv_pipe_t*) stream, bufs, nbufs);
    case UV_TTY:
      return uv__tty_try_write((uv_tty_t*) stream, bufs, nbufs);
    default:
      return UV_EINVAL;
  }
}

void uv__stream_shutdown(uv_shutdown_t* req, uv_stream_t* stream, uv_shutdown_cb cb) {
  switch (stream->type) {
    case UV_TCP:
      uv__tcp_shutdown(req, (uv_tcp_t*) stream, cb);
      break;
    case UV_NAMED_PIPE:
      uv__pipe_shutdown(req, (uv_pipe_t*) stream, cb);
      break;
    default:
      uv__tty_shutdown(req, (uv_tty_t*) stream, cb);
  }
}
