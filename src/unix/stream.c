/* Streams: what all of them have from init on, and how one gets its descriptor. */
#include "stream.h"

#include "../gather.h"
#include "fd.h"
#include "socket.h"

void uv__stream_init(uv_loop_t* loop, uv_stream_t* stream, uv_handle_type type,
                     const struct uv__handle_ops* ops, uv__io_cb on_event) {
  uv__handle_init(loop, uv__handle(stream), type, ops);
  stream->write_queue_size = 0;
  stream->alloc_cb = NULL;
  stream->read_cb = NULL;
  stream->connect_req = NULL;
  stream->shutdown_req = NULL;
  stream->connection_cb = NULL;
  stream->delayed_error = 0;
  stream->accepted_fd = UV__NO_FD;
  stream->queued_fds = NULL;
  uv__queue_init(&stream->write_queue);
  uv__queue_init(&stream->write_completed_queue);
  if (type != UV_TTY)
    stream->flags |= uv__state(loop)->gather.stream_flags;
  uv__io_init(&stream->io_watcher, on_event, UV__NO_FD);
}

int uv__stream_open(uv_stream_t* stream, int fd, unsigned int flags) {
  int err;

  if (stream->io_watcher.fd != UV__NO_FD && stream->io_watcher.fd != fd)
    return UV_EBUSY;
  err = uv__io_reserve(stream->loop, fd);
  if (err != 0)
    return err;
  err = uv__socket_adopt(fd);
  if (err == 0 && stream->type == UV_TCP)
    err = uv__tcp_apply_options(fd, stream->flags);
  if (err != 0)
    return err;
  stream->flags |= flags;
  stream->io_watcher.fd = fd;
  return 0;
}

int uv_stream_set_blocking(uv_stream_t* stream, int blocking) {
  if (stream->io_watcher.fd == UV__NO_FD)
    return UV_EBADF;
  uv__stream_send_gathered(stream);
  if (blocking)
    stream->flags &= ~(unsigned) UV__STREAM_GATHERS;
  return uv__set_nonblocking(stream->io_watcher.fd, !blocking);
}
