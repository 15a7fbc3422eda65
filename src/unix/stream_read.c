/* Streams: reading. */
#include "../stream.h"

#include "../backend.h"
#include "../loop_state.h"
#include "fd.h"
#include "fd_flags.h"
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
  SUGGESTED_SIZE = 65536,
  MOST_READS = 32,     /* reads per event, so that one busy peer does not keep the others waiting */
  CONTROL_SPACE = 2048 /* Linux puts at most 253 descriptors into a message */
};

int uv__stream_read_start(uv_stream_t* stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  /* Some programs set the readable flag themselves. */
  if (stream->io_watcher.fd == UV__NO_FD)
    return UV_EINVAL;
  stream->flags |= UV_HANDLE_READING;
  stream->alloc_cb = alloc_cb;
  stream->read_cb = read_cb;
  uv__io_start(stream->loop, &stream->io_watcher, POLLIN);
  uv__handle_start(uv__handle(stream));
  return 0;
}

void uv__stream_read_stop(uv_stream_t* stream) {
  stream->flags &= ~(unsigned) UV_HANDLE_READING;
  stream->alloc_cb = NULL;
  stream->read_cb = NULL;
  uv__io_stop(stream->loop, &stream->io_watcher, POLLIN);
  uv__handle_stop(uv__handle(stream));
}

static void read_ended(uv_stream_t* stream, const uv_buf_t* buf) {
  uv_read_cb read_cb = stream->read_cb;

  uv__stream_read_stop(stream);
  read_cb(stream, UV_EOF, buf);
}

static void read_failed(uv_stream_t* stream, int error, const uv_buf_t* buf) {
  stream->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  stream->read_cb(stream, error, buf);
  if (stream->flags & UV_HANDLE_READING)
    uv__stream_read_stop(stream);
}

/* Reads bytes and the descriptors that come with them. */
static ssize_t read_message(uv_stream_t* stream, const uv_buf_t* buf) {
  union {
    char space[CONTROL_SPACE];
    struct cmsghdr align;
  } control;
  struct iovec iov = {.iov_base = buf->base, .iov_len = buf->len};
  struct msghdr message;
  ssize_t n;
  int err;

  memset(&message, 0, sizeof(message));
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = control.space;
  message.msg_controllen = sizeof(control.space);
  do
    n = uv__flagged_recvmsg(stream->io_watcher.fd, &message);
  while (n == -1 && errno == EINTR);
  if (n == -1)
    return UV__ERR(errno);
  err = uv__stream_take_fds(stream, &message);
  return err != 0 ? err : n;
}

static bool carries_fds(const uv_stream_t* stream) {
  return (stream->flags & (UV__STREAM_IPC | UV__STREAM_NO_SOCKET)) == UV__STREAM_IPC;
}

UV__RARE static ssize_t read_with_fds(uv_stream_t* stream, const uv_buf_t* buf) {
  ssize_t n = read_message(stream, buf);

  if (n != UV_ENOTSOCK)
    return n;
  stream->flags |= UV__STREAM_NO_SOCKET;
  return uv__read(stream->io_watcher.fd, buf->base, buf->len);
}

/* As read_some(), when recv(2) is not what to call, or has failed. */
UV__RARE static ssize_t read_otherwise(uv_stream_t* stream, const uv_buf_t* buf) {
  if (carries_fds(stream))
    return read_with_fds(stream, buf);
  if (!(stream->flags & UV__STREAM_NO_SOCKET)) {
    if (errno == ENOTSOCK)
      stream->flags |= UV__STREAM_NO_SOCKET;
    else if (errno != EINTR)
      return UV__ERR(errno);
  }
  return uv__read(stream->io_watcher.fd, buf->base, buf->len);
}

/* On Linux, recv(2) takes a shorter way to a socket than read(2). */
UV__INLINE ssize_t read_some(uv_stream_t* stream, const uv_buf_t* buf) {
  ssize_t n = -1;

  if (!(stream->flags & (UV__STREAM_IPC | UV__STREAM_NO_SOCKET)))
    n = recv(stream->io_watcher.fd, buf->base, buf->len, 0);
  return n != -1 ? n : read_otherwise(stream, buf);
}

static bool has_hung_up(const uv_stream_t* stream) {
  struct pollfd poll_fd = {.fd = stream->io_watcher.fd};

  return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLHUP);
}

/* Tells the user that reading gave no bytes, but `n`. */
UV__RARE static void read_nothing(uv_stream_t* stream, ssize_t n, const uv_buf_t* buf) {
  /* The master of a terminal that nobody has open any more says EIO for the end. */
  if (n == 0 || (n == UV_EIO && has_hung_up(stream)))
    read_ended(stream, buf);
  else if (n == UV_EAGAIN)
    stream->read_cb(stream, 0, buf);
  else if (n == UV_ENOMEM && carries_fds(stream))
    stream->read_cb(stream, n, buf); /* descriptors were lost, the stream goes on */
  else
    read_failed(stream, (int) n, buf);
}

/* One read of a stream that is being read, and its callback, which may stop reading or close the
 * stream. Returns whether there may be more to read. */
UV__INLINE bool read_once(uv_stream_t* stream) {
  uv_buf_t buf = {.base = NULL, .len = 0};
  ssize_t n;

  stream->alloc_cb(uv__handle(stream), SUGGESTED_SIZE, &buf);
  if (!(stream->flags & UV_HANDLE_READING))
    return false;
  if (buf.base == NULL || buf.len == 0) {
    stream->read_cb(stream, UV_ENOBUFS, &buf);
    return false;
  }
  if (buf.len > UV__IO_MAX_BYTES)
    buf.len = UV__IO_MAX_BYTES;

  n = read_some(stream, &buf);
  if (n <= 0) {
    read_nothing(stream, n, &buf);
    return false;
  }
  /* Less than asked for is mostly all there was: reading again would only tell that. Where it is
   * not (terminals, urgent data, descriptors), or at the end, there will be another event. */
  if ((size_t) n < buf.len) {
    stream->read_cb(stream, n, &buf);
    return false;
  }
  uv__state(stream->loop)->batch_bytes += (size_t) n;
  stream->read_cb(stream, n, &buf);
  /* A terminal that is shared may block, so it is read only where an event said so. */
  return stream->type != UV_TTY && (stream->flags & UV_HANDLE_READING);
}

/* Writes that are done come before more is read, as in the poll phase: their callbacks give memory
 * back, which the next read finds in the processor's cache. */
UV__RARE static void read_more(uv_stream_t* stream) {
  for (int reads = 1; reads < MOST_READS && !uv__backend_has_pending(stream->loop); reads++)
    if (!read_once(stream))
      return;
}

void uv__stream_read(uv_stream_t* stream) {
  if (read_once(stream))
    read_more(stream);
}
