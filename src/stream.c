/* Streams: the public functions, which check their arguments once and pass on to the platform. */
#include "stream.h"

#include "buf.h"
#include "core.h"

int uv_listen(uv_stream_t* stream, int backlog, uv_connection_cb cb) {
  int err;

  if (uv__is_closing(uv__handle(stream)))
    return UV_EINVAL;
  switch (stream->type) {
    case UV_TCP:
      err = uv__tcp_listen((uv_tcp_t*) stream, backlog, cb);
      break;
    case UV_NAMED_PIPE:
      err = uv__pipe_listen((uv_pipe_t*) stream, backlog, cb);
      break;
    default:
      err = UV_EINVAL;
  }
  if (err == 0)
    uv__handle_start(uv__handle(stream));
  return err;
}

int uv_is_readable(const uv_stream_t* stream) {
  return (stream->flags & UV_HANDLE_READABLE) != 0;
}

int uv_is_writable(const uv_stream_t* stream) {
  return (stream->flags & UV_HANDLE_WRITABLE) != 0;
}

/* -- Reading ----------------------------------------------------------------------------------- */

int uv_read_start(uv_stream_t* stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  if (stream == NULL || alloc_cb == NULL || read_cb == NULL)
    return UV_EINVAL;
  if (uv__is_closing(uv__handle(stream)))
    return UV_EINVAL;
  if (stream->flags & UV_HANDLE_READING)
    return UV_EALREADY;
  if (!uv_is_readable(stream))
    return UV_ENOTCONN;

  return uv__stream_read_start(stream, alloc_cb, read_cb);
}

int uv_read_stop(uv_stream_t* stream) {
  if (stream->flags & UV_HANDLE_READING)
    uv__stream_read_stop(stream);
  return 0;
}

/* -- Writing ----------------------------------------------------------------------------------- */

int uv_write2(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
              uv_stream_t* send_handle, uv_write_cb cb) {
  return uv__stream_write(req, stream, bufs, nbufs, send_handle, cb);
}

int uv_write(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
             uv_write_cb cb) {
  return uv_write2(req, stream, bufs, nbufs, NULL, cb);
}

int uv_try_write2(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                  uv_stream_t* send_handle) {
  ssize_t len = uv__bufs_len(bufs, nbufs);

  if (len < 0)
    return (int) len;
  return uv__stream_try_write(stream, bufs, nbufs, send_handle);
}

int uv_try_write(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs) {
  return uv_try_write2(stream, bufs, nbufs, NULL);
}

int uv_shutdown(uv_shutdown_t* req, uv_stream_t* stream, uv_shutdown_cb cb) {
  if (!uv_is_writable(stream) || (stream->flags & (UV_HANDLE_SHUTTING | UV_HANDLE_SHUT)) ||
      uv__is_closing(uv__handle(stream)))
    return UV_ENOTCONN;

  uv__stream_shutdown(req, stream, cb);
  return 0;
}
