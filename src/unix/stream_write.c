/* Streams: writing and shutting down.
 *
 * A write is tried at once, or in the pending phase if the stream gathers (gather.h); what does not
 * go waits in write_queue for the descriptor to become writable. Requests that are done move to
 * write_completed_queue, and their callbacks run from the loop, in the order of submission. */
#include "../stream.h"

#include "../buf.h"
#include "../gather.h"
#include "fd.h"
#include "handle_fd.h"
#include "message.h"
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
UV__RARE static size_t bytes_left(const uv_write_t* req) {
  size_t total = 0;

  for (unsigned int i = req->write_index; i < req->nbufs; i++)
    total += req->bufs[i].len;
  return total;
}

/* Reports a request that is done. Returns the next of those that were taken together. */
UV__INLINE struct uv__queue* run_callback(uv_stream_t* stream, struct uv__queue* link) {
  struct uv__queue* next = link->next;
  uv_write_t* req = request_of(link);

  if (req->error != 0)
    stream->write_queue_size -= bytes_left(req);
  if (req->bufs != req->bufsml)
    uv__free(req->bufs);
  uv__req_stop(stream->loop);
  if (req->cb != NULL)
    req->cb(req, req->error);
  return next;
}

UV__RARE static void run_callbacks(uv_stream_t* stream, struct uv__queue* link) {
  while (link != NULL)
    link = run_callback(stream, link);
}

void uv__stream_run_write_callbacks(uv_stream_t* stream) {
  run_callbacks(stream, uv__queue_take(&stream->write_completed_queue));
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

static ssize_t send_vector(uv_stream_t* stream, const struct iovec* iov, int count) {
  ssize_t n;

  if (!(stream->flags & UV__STREAM_NO_SOCKET)) {
    n = uv__sendv(stream->io_watcher.fd, iov, count);
    if (n != UV_ENOTSOCK)
      return n;
    stream->flags |= UV__STREAM_NO_SOCKET;
  }
  return uv__writev(stream->io_watcher.fd, iov, count);
}

static bool would_block(ssize_t result) {
  return result == UV_EAGAIN || result == UV_ENOBUFS;
}

/* Draws the consequences of sending the first `count` buffers of the queue, and returns whether the
 * rest is to be sent now. A request that fails takes no other with it: the next one is tried and
 * meets its own error. */
static bool sent(uv_stream_t* stream, int count, ssize_t n) {
  if (n < 0 && !would_block(n)) {
    request_done(stream, request_of(stream->write_queue.next), (int) n);
    return true;
  }
  if (n >= 0 && consume(stream, count, (size_t) n))
    return true;
  if (stream->flags & UV_HANDLE_BLOCKING_WRITES) {
    uv__wait_for(stream->io_watcher.fd, POLLOUT);
    return true;
  }
  uv__io_start(stream->loop, &stream->io_watcher, POLLOUT);
  return false;
}

/* Writes until the queue is empty or the descriptor would block. */
UV__RARE static void write_queued(uv_stream_t* stream) {
  struct iovec iov[MOST_IOVECS];

  drop_gathered(stream);
  for (int sends = 0; !uv__queue_empty(&stream->write_queue); sends++) {
    uv_write_t* req = request_of(stream->write_queue.next);
    int count = gather(stream, iov);
    ssize_t n = UV_EAGAIN;

    if (sends < MOST_SENDS || (stream->flags & UV_HANDLE_BLOCKING_WRITES))
      n = req->send_handle != NULL ? send_handle_of(stream, req, iov, count)
                                   : send_vector(stream, iov, count);
    if (!sent(stream, count, n))
      return;
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
  if (!(stream->flags & UV__STREAM_IPC))
    return UV_EINVAL;
  if (send_handle->type != UV_TCP && send_handle->type != UV_NAMED_PIPE &&
      send_handle->type != UV_UDP)
    return UV_EBADF;
  return uv__handle_fd((const uv_handle_t*) send_handle) == UV__NO_FD ? UV_EBADF : 0;
}

/* What a request has all its life. */
static void start_request(uv_write_t* req, uv_stream_t* stream, uv_stream_t* send_handle,
                          uv_write_cb cb) {
  req->bufs = req->bufsml;
  req->error = 0;
  req->cb = cb;
  req->handle = stream;
  req->send_handle = send_handle;
  uv__req_start(stream->loop, uv__req(req), UV_WRITE);
}

/* Puts a request behind the others: 0 or an error. */
static int enqueue(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                   size_t len, uv_stream_t* send_handle, uv_write_cb cb) {
  uv_buf_t* copy = req->bufsml;

  if (nbufs > sizeof(req->bufsml) / sizeof(req->bufsml[0]))
    copy = uv__malloc(nbufs * sizeof(bufs[0]));
  if (copy == NULL)
    return UV_ENOMEM;
  memcpy(copy, bufs, nbufs * sizeof(bufs[0]));
  start_request(req, stream, send_handle, cb);
  req->bufs = copy;
  req->nbufs = nbufs;
  req->write_index = 0;
  uv__queue_push(&stream->write_queue, &req->queue);
  stream->write_queue_size += len;
  return 0;
}

UV__RARE static int write_by_queue(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[],
                                   unsigned int nbufs, uv_stream_t* send_handle, uv_write_cb cb) {
  bool must_wait = stream->connect_req != NULL || !uv__queue_empty(&stream->write_queue);
  ssize_t len = uv__bufs_len(bufs, nbufs);
  int err;

  if (len < 0)
    return (int) len;
  err = check_writable(stream, send_handle);
  if (err == 0)
    err = enqueue(req, stream, bufs, nbufs, (size_t) len, send_handle, cb);
  if (err != 0)
    return err;

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

/* Queues a buffer of which `n` bytes have been sent, or none if it is -1. */
UV__RARE static int write_rest(uv_write_t* req, uv_stream_t* stream, const uv_buf_t* buf, ssize_t n,
                               uv_write_cb cb) {
  int error = n == -1 ? errno : 0;

  if (error == EBADF)
    return write_by_queue(req, stream, buf, 1, NULL, cb);
  enqueue(req, stream, buf, 1, buf->len, NULL, cb); /* a request has room for one */
  if (error == EINTR || error == ENOTSOCK || sent(stream, 1, error == 0 ? n : UV__ERR(error)))
    write_queued(stream);
  if (!uv__queue_empty(&stream->write_completed_queue))
    uv__io_feed(stream->loop, &stream->io_watcher);
  return 0;
}

/* Whether what is written now can go straight to a socket, if there is one. */
static bool is_clear(const uv_stream_t* stream) {
  const unsigned int asked = UV_HANDLE_WRITABLE | UV__STREAM_NO_SOCKET | UV__STREAM_GATHERS;

  return (stream->flags & asked) == UV_HANDLE_WRITABLE && stream->connect_req == NULL &&
         uv__queue_empty(&stream->write_queue);
}

/* Most writes are one buffer that goes whole. */
int uv__stream_write(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[],
                     unsigned int nbufs, uv_stream_t* send_handle, uv_write_cb cb) {
  ssize_t n;

  if (nbufs != 1 || bufs->len > UV__MOST_BYTES || send_handle != NULL || !is_clear(stream))
    return write_by_queue(req, stream, bufs, nbufs, send_handle, cb);
  n = send(stream->io_watcher.fd, bufs->base, bufs->len, UV__SEND_FLAGS);
  if (n != (ssize_t) bufs->len)
    return write_rest(req, stream, bufs, n, cb);

  start_request(req, stream, NULL, cb);
  uv__queue_push(&stream->write_completed_queue, &req->queue);
  uv__io_feed(stream->loop, &stream->io_watcher);
  return 0;
}

int uv__stream_try_write(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                         uv_stream_t* send_handle) {
  const struct iovec* iov = uv__iovec(bufs);
  int count = nbufs < MOST_IOVECS ? (int) nbufs : MOST_IOVECS;
  ssize_t n;
  int err;

  uv__stream_send_gathered(stream);
  if (stream->connect_req != NULL || !uv__queue_empty(&stream->write_queue))
    return UV_EAGAIN;
  err = check_writable(stream, send_handle);
  if (err != 0)
    return err;

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

  if (uv__io_active(&stream->io_watcher, POLLOUT))
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
  struct uv__queue* done;

  if (!uv__queue_empty(&stream->write_queue))
    write_queued(stream);
  /* Mostly it is one. */
  done = uv__queue_take(&stream->write_completed_queue);
  if (done != NULL)
    done = run_callback(stream, done);
  if (done != NULL)
    run_callbacks(stream, done);
  /* A callback may have closed the stream, or written: the shutdown comes behind that write. */
  if (stream->io_watcher.fd != UV__NO_FD && uv__queue_empty(&stream->write_queue) &&
      uv__queue_empty(&stream->write_completed_queue))
    drained(stream);
}
