/* Streams: writing and shutting down.
 *
 * A write is tried at once, or in the pending phase if the stream gathers (gather.h); what does not
 * go waits in write_queue for the descriptor to become writable. Requests that are done move to
 * write_completed_queue, and their callbacks run from the loop, in the order of submission. */
#include "../stream.h"

#include "../gather.h"
#include "fd.h"
#include "handle_fd.h"
#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
  MOST_SENDS = 32, /* system calls per event, so that one stream does not keep the others waiting */
  MOST_IOVECS = 1024
};

static uv_write_t* request_of(struct uv__queue* link) {
  return uv__container(link, uv_write_t, queue);
}

/* -- The queue --------------------------------------------------------------------------------- */

static void request_done(uv_stream_t* stream, uv_write_t* req, int error) {
  req->error = error;
  uv__queue_remove(&req->queue);
  uv__queue_push(&stream->write_completed_queue, &req->queue);
}

/* The bytes of a request that have not been written. */
static size_t bytes_left(const uv_write_t* req) {
  size_t total = 0;

  for (unsigned int i = req->write_index; i < req->nbufs; i++)
    total += req->bufs[i].len;
  return total;
}

static void free_bufs(uv_write_t* req) {
  if (req->bufs != req->bufsml)
    uv__free(req->bufs);
  req->bufs = NULL;
}

void uv__stream_run_write_callbacks(uv_stream_t* stream) {
  struct uv__queue done;
  struct uv__queue* link;

  uv__queue_move(&stream->write_completed_queue, &done);
  while ((link = uv__queue_pop(&done)) != NULL) {
    uv_write_t* req = request_of(link);
    stream->write_queue_size -= bytes_left(req);
    free_bufs(req);
    uv__req_stop(stream->loop);
    if (req->cb != NULL)
      req->cb(req, req->error);
  }
}

/* What was gathered is sent now, or never. */
static void drop_gathered(uv_stream_t* stream) {
  if (stream->flags & UV__STREAM_GATHERED)
    uv__gather_drop(stream, request_of(stream->write_queue.next));
}

void uv__stream_fail_writes(uv_stream_t* stream, int error) {
  drop_gathered(stream);
  while (!uv__queue_empty(&stream->write_queue))
    request_done(stream, request_of(stream->write_queue.next), error);
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* Collects buffers from the front of the queue, across requests. One that carries a handle goes in
 * a system call of its own. Returns how many. */
static int gather(uv_stream_t* stream, struct iovec* iov) {
  int count = 0;

  for (struct uv__queue* link = stream->write_queue.next; link != &stream->write_queue;
       link = link->next) {
    const uv_write_t* req = request_of(link);
    if (req->send_handle != NULL && count > 0)
      break;
    for (unsigned int i = req->write_index; i < req->nbufs; i++) {
      if (count == MOST_IOVECS)
        return count;
      iov[count].iov_base = req->bufs[i].base;
      iov[count].iov_len = req->bufs[i].len;
      count++;
    }
    if (req->send_handle != NULL)
      break;
  }
  return count;
}

/* Takes `n` written bytes off the first `count` buffers of the queue. Returns whether that was all
 * of them. */
static bool consume(uv_stream_t* stream, int count, size_t n) {
  for (; count > 0; count--) {
    uv_write_t* req = request_of(stream->write_queue.next);
    uv_buf_t* buf = &req->bufs[req->write_index];
    size_t part = buf->len < n ? buf->len : n;

    req->send_handle = NULL;
    stream->write_queue_size -= part;
    n -= part;
    buf->len -= part;
    if (buf->len > 0) {
      buf->base += part;
      return false;
    }
    if (++req->write_index == req->nbufs)
      request_done(stream, req, 0);
  }
  return true;
}

static ssize_t send_handle_of(uv_stream_t* stream, uv_write_t* req, struct iovec* iov, int count) {
  int fd = uv__handle_fd(uv__handle(req->send_handle));

  if (fd == UV__NO_FD || uv__is_closing(uv__handle(req->send_handle)))
    return UV_EBADF;
  return uv__send_fd(stream->io_watcher.fd, iov, count, fd);
}

static ssize_t send_vector(uv_stream_t* stream, struct iovec* iov, int count) {
  bool is_socket = !(stream->flags & UV__STREAM_NO_SOCKET);
  ssize_t n = uv__writev(stream->io_watcher.fd, iov, count, &is_socket);

  if (!is_socket)
    stream->flags |= UV__STREAM_NO_SOCKET;
  return n;
}

static bool would_block(ssize_t result) {
  return result == UV_EAGAIN || result == UV_ENOBUFS;
}

/* Writes until the queue is empty or the descriptor would block. A request that fails takes no
 * other with it: the next one is tried and meets its own error. */
static void write_queued(uv_stream_t* stream) {
  struct iovec iov[MOST_IOVECS];

  drop_gathered(stream);
  for (int sends = 0; !uv__queue_empty(&stream->write_queue); sends++) {
    uv_write_t* req = request_of(stream->write_queue.next);
    int count = gather(stream, iov);
    ssize_t n = UV_EAGAIN;

    if (sends < MOST_SENDS || (stream->flags & UV_HANDLE_BLOCKING_WRITES))
      n = req->send_handle != NULL ? send_handle_of(stream, req, iov, count)
                                   : send_vector(stream, iov, count);
    if (n < 0 && !would_block(n)) {
      request_done(stream, req, (int) n);
    } else if (n < 0 || !consume(stream, count, (size_t) n)) {
      if (!(stream->flags & UV_HANDLE_BLOCKING_WRITES)) {
        uv__io_start(stream->loop, &stream->io_watcher, POLLOUT);
        return;
      }
      uv__wait_for(stream->io_watcher.fd, POLLOUT);
    }
  }
}

/* The stream has been fed, unless it is connecting again: then all its writes wait for that. */
void uv__stream_send_gathered(uv_stream_t* stream) {
  if (!(stream->flags & UV__STREAM_GATHERED))
    return;
  if (stream->connect_req != NULL)
    drop_gathered(stream);
  else
    write_queued(stream);
}

static int check_writable(const uv_stream_t* stream, const uv_stream_t* send_handle) {
  if (stream->io_watcher.fd == UV__NO_FD)
    return UV_EBADF;
  if (!(stream->flags & UV_HANDLE_WRITABLE))
    return UV_EPIPE;
  if (send_handle == NULL)
    return 0;
  if (stream->type != UV_NAMED_PIPE || !((const uv_pipe_t*) stream)->ipc)
    return UV_EINVAL;
  if (send_handle->type != UV_TCP && send_handle->type != UV_NAMED_PIPE &&
      send_handle->type != UV_UDP)
    return UV_EBADF;
  return uv__handle_fd((const uv_handle_t*) send_handle) == UV__NO_FD ? UV_EBADF : 0;
}

int uv__stream_write(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[],
                     unsigned int nbufs, size_t len, uv_stream_t* send_handle, uv_write_cb cb) {
  bool must_wait = stream->connect_req != NULL || !uv__queue_empty(&stream->write_queue);
  int err = check_writable(stream, send_handle);

  if (err != 0)
    return err;
  req->bufs = req->bufsml;
  if (nbufs > sizeof(req->bufsml) / sizeof(req->bufsml[0]))
    req->bufs = uv__malloc(nbufs * sizeof(bufs[0]));
  if (req->bufs == NULL)
    return UV_ENOMEM;

  memcpy(req->bufs, bufs, nbufs * sizeof(bufs[0]));
  req->nbufs = nbufs;
  req->write_index = 0;
  req->error = 0;
  req->cb = cb;
  req->handle = stream;
  req->send_handle = send_handle;
  uv__req_start(stream->loop, uv__req(req), UV_WRITE);
  uv__queue_push(&stream->write_queue, &req->queue);
  stream->write_queue_size += len;

  if (must_wait) {
    if (send_handle != NULL) /* its sender may close it soon */
      uv__stream_send_gathered(stream);
    return 0;
  }
  if (send_handle == NULL && uv__gathers(stream)) {
    uv__gather_add(stream, req, uv__stream_send_gathered);
    uv__io_feed(stream->loop, &stream->io_watcher);
    return 0;
  }
  write_queued(stream);
  if (!uv__queue_empty(&stream->write_completed_queue))
    uv__io_feed(stream->loop, &stream->io_watcher);
  return 0;
}

int uv__stream_try_write(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                         uv_stream_t* send_handle) {
  struct iovec iov[MOST_IOVECS];
  int count = nbufs < MOST_IOVECS ? (int) nbufs : MOST_IOVECS;
  ssize_t n;
  int err;

  uv__stream_send_gathered(stream);
  if (stream->connect_req != NULL || !uv__queue_empty(&stream->write_queue))
    return UV_EAGAIN;
  err = check_writable(stream, send_handle);
  if (err != 0)
    return err;

  for (int i = 0; i < count; i++)
    iov[i] = (struct iovec){.iov_base = bufs[i].base, .iov_len = bufs[i].len};
  if (send_handle == NULL)
    n = send_vector(stream, iov, count);
  else if (uv__is_closing(uv__handle(send_handle)))
    n = UV_EBADF;
  else
    n = uv__send_fd(stream->io_watcher.fd, iov, count,
                    uv__handle_fd((const uv_handle_t*) send_handle));
  return would_block(n) ? UV_EAGAIN : (int) n;
}

/* -- Shutting down ----------------------------------------------------------------------------- */

void uv__stream_shutdown(uv_shutdown_t* req, uv_stream_t* stream, uv_shutdown_cb cb) {
  uv__req_start(stream->loop, uv__req(req), UV_SHUTDOWN);
  req->handle = stream;
  req->cb = cb;
  stream->shutdown_req = req;
  stream->flags |= UV_HANDLE_SHUTTING;
  stream->flags &= ~(unsigned) UV_HANDLE_WRITABLE;
  if (stream->connect_req == NULL && uv__queue_empty(&stream->write_queue))
    uv__io_feed(stream->loop, &stream->io_watcher);
}

void uv__stream_end_shutdown(uv_stream_t* stream, int status) {
  uv_shutdown_t* req = stream->shutdown_req;

  if (req == NULL)
    return;
  stream->shutdown_req = NULL;
  stream->flags &= ~(unsigned) UV_HANDLE_SHUTTING;
  uv__req_stop(stream->loop);
  if (req->cb != NULL)
    req->cb(req, status);
}

/* Everything queued has been written. */
static void drained(uv_stream_t* stream) {
  int err = 0;

  uv__io_stop(stream->loop, &stream->io_watcher, POLLOUT);
  if (stream->shutdown_req == NULL)
    return;
  if (shutdown(stream->io_watcher.fd, SHUT_WR) == -1)
    err = UV__ERR(errno);
  else
    stream->flags |= UV_HANDLE_SHUT;
  uv__stream_end_shutdown(stream, err);
}

void uv__stream_flush(uv_stream_t* stream) {
  write_queued(stream);
  uv__stream_run_write_callbacks(stream);
  /* A callback may have closed the stream, or written: the shutdown comes behind that write. */
  if (stream->io_watcher.fd != UV__NO_FD && uv__queue_empty(&stream->write_queue) &&
      uv__queue_empty(&stream->write_completed_queue))
    drained(stream);
}
