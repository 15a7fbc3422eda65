/* TCP: writing and shutting down.
 *
 * Each write is one operation of its own, begun at once, or when the handle is connected. The
 * callbacks come in the order of the calls, in which the operations need not come back: writes are
 * numbered, and one that is done before its turn waits in a list. */
#include "event_packet.h"
#include "iocp.h"
#include "poison.h"
#include "stream.h"
#include "tcp.h"

#include <string.h>

/* What is left to write of a request that waits. */
struct buffers {
  unsigned int count;
  uv_buf_t bufs[];
};

/* A TCP write has no memory of its own behind `write_buffer`: its number is there, and what it
 * keeps. */
static unsigned int number_of(const uv_write_t* req) {
  return req->write_buffer.len;
}

static struct buffers* kept_of(const uv_write_t* req) {
  return (struct buffers*) (void*) req->write_buffer.base;
}

static uv_write_t* write_of(uv_req_t* req) {
  return (uv_write_t*) req;
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* Keeps the array of a write that is not done when its call returns: 0 or UV_ENOMEM. */
static int keep(uv_write_t* req, const uv_buf_t bufs[], unsigned int nbufs) {
  struct buffers* kept = uv__malloc(sizeof(*kept) + nbufs * sizeof(bufs[0]));

  if (kept == NULL)
    return UV_ENOMEM;
  kept->count = nbufs;
  memcpy(kept->bufs, bufs, nbufs * sizeof(bufs[0]));
  req->write_buffer.base = (char*) kept;
  return 0;
}

static void forget(uv_write_t* req) {
  uv__free(req->write_buffer.base);
  req->write_buffer.base = NULL;
}

/* The system has taken so much of a write. */
static void count_sent(uv_tcp_t* tcp, uv_write_t* req, size_t len) {
  tcp->write_queue_size -= len;
  req->u.io.queued_bytes -= len;
}

static void send_bufs(uv_tcp_t* tcp, uv_write_t* req, const uv_buf_t bufs[], unsigned int nbufs) {
  DWORD bytes;
  DWORD error = uv__tcp_prepare(tcp, uv__req(req), &req->event_handle, &req->wait_handle);

  /* The array, laid out as Winsock's, is copied before the call returns. */
  if (error == 0) {
    bool is_done = WSASend(tcp->socket, (WSABUF*) (uintptr_t) bufs, nbufs, &bytes, 0,
                           &req->u.io.overlapped, NULL) == 0;
    error = uv__tcp_began(tcp, uv__req(req), is_done);
    if (is_done)
      count_sent(tcp, req, req->u.io.queued_bytes);
    else if (error == 0 && kept_of(req) == NULL)
      keep(req, bufs, nbufs);
  }
  if (error != 0)
    uv__tcp_fail(tcp, uv__req(req), error);
}

/* Sends the rest of a write that came back too early. Windows sends all or fails, but Wine lets an
 * operation succeed with a part when the peer shuts down its own side. Returns whether there was a
 * rest, and memory to know it by. */
static bool send_rest(uv_tcp_t* tcp, uv_write_t* req) {
  struct buffers* kept = kept_of(req);
  size_t sent = uv__req_bytes(uv__req(req));
  uv_buf_t* buf;

  if (kept == NULL || !uv__req_succeeded(uv__req(req)) || sent >= req->u.io.queued_bytes ||
      uv__is_closing(uv__handle(tcp)))
    return false;
  count_sent(tcp, req, sent);
  for (buf = kept->bufs; sent >= buf->len; buf++) {
    sent -= buf->len;
    buf->len = 0;
  }
  buf->base += sent;
  buf->len -= (ULONG) sent;
  send_bufs(tcp, req, kept->bufs, kept->count);
  return true;
}

static void push_waiting(uv_tcp_t* tcp, uv_write_t* req) {
  req->next_req = NULL;
  if (tcp->tcp.writes.first == NULL)
    tcp->tcp.writes.first = uv__req(req);
  else
    tcp->tcp.writes.last->next_req = uv__req(req);
  tcp->tcp.writes.last = uv__req(req);
}

static uv_write_t* pop_waiting(uv_tcp_t* tcp) {
  uv_req_t* req = tcp->tcp.writes.first;

  if (req != NULL)
    tcp->tcp.writes.first = req->next_req;
  return write_of(req);
}

int uv__tcp_write(uv_write_t* req, uv_tcp_t* tcp, const uv_buf_t bufs[], unsigned int nbufs,
                  size_t len, uv_write_cb cb) {
  bool must_wait = (tcp->flags & UV__TCP_WRITES_WAIT) != 0;

  req->write_buffer.base = NULL;
  if (must_wait && keep(req, bufs, nbufs) != 0)
    return UV_ENOMEM;
  req->cb = cb;
  req->handle = (uv_stream_t*) tcp;
  req->send_handle = NULL;
  req->event_handle = NULL;
  req->wait_handle = NULL;
  req->write_buffer.len = tcp->tcp.writes.begun++;
  req->u.io.queued_bytes = len;
  tcp->write_queue_size += len;
  uv__tcp_request_begin(tcp, uv__req(req), UV_WRITE);
  if (must_wait)
    push_waiting(tcp, req);
  else
    send_bufs(tcp, req, bufs, nbufs);
  return 0;
}

void uv__tcp_send_waiting(uv_tcp_t* tcp) {
  uv_write_t* req;

  tcp->flags &= ~(unsigned) UV__TCP_WRITES_WAIT;
  while ((req = pop_waiting(tcp)) != NULL) {
    struct buffers* kept = kept_of(req);
    send_bufs(tcp, req, kept->bufs, kept->count);
  }
}

void uv__tcp_cancel_waiting(uv_tcp_t* tcp) {
  uv_write_t* req;

  tcp->flags &= ~(unsigned) UV__TCP_WRITES_WAIT;
  while ((req = pop_waiting(tcp)) != NULL)
    uv__tcp_fail(tcp, uv__req(req), WSAEINTR);
}

int uv__tcp_try_write(uv_tcp_t* tcp, const uv_buf_t bufs[], unsigned int nbufs) {
  DWORD bytes;

  if (!uv__tcp_has_socket(tcp))
    return UV_EBADF;
  if (!uv_is_writable((uv_stream_t*) tcp))
    return UV_EPIPE;
  if ((tcp->flags & UV__TCP_WRITES_WAIT) || uv__tcp_is_writing(tcp))
    return UV_EAGAIN;
  if (WSASend(tcp->socket, (WSABUF*) (uintptr_t) bufs, nbufs, &bytes, 0, NULL, NULL) != 0)
    return uv_translate_sys_error(WSAGetLastError());
  return (int) bytes;
}

/* -- Callbacks --------------------------------------------------------------------------------- */

/* Puts a write that is done into the list of those before whose turn it is. */
static void park(uv_tcp_t* tcp, uv_write_t* req) {
  uv_req_t** link = &tcp->tcp.writes.first;
  unsigned int turn = number_of(req) - tcp->tcp.writes.done;

  while (*link != NULL && number_of(write_of(*link)) - tcp->tcp.writes.done < turn)
    link = &(*link)->next_req;
  req->next_req = *link;
  *link = uv__req(req);
}

static bool is_first(const uv_tcp_t* tcp, const uv_write_t* req) {
  return number_of(req) == tcp->tcp.writes.done;
}

/* The next one if it is done, and not one that waits for a connection. */
static uv_write_t* pop_parked(uv_tcp_t* tcp) {
  uv_write_t* req = write_of(tcp->tcp.writes.first);

  if (req == NULL || (tcp->flags & UV__TCP_WRITES_WAIT) || !is_first(tcp, req))
    return NULL;
  return pop_waiting(tcp);
}

static void call_back(uv_tcp_t* tcp, uv_write_t* req) {
  DWORD error = uv__req_socket_error(uv__req(req));

  if (error == 0 && uv__req_bytes(uv__req(req)) < req->u.io.queued_bytes)
    error = WSAENOBUFS;
  count_sent(tcp, req, req->u.io.queued_bytes);
  forget(req);
  uv__req_poison(uv__req(req));
  uv__tcp_request_end(tcp);
  tcp->tcp.writes.done++;
  if (error == WSAECONNABORTED)
    error = WSAEINTR; /* the socket was closed here, or is as good as */
  if (req->cb != NULL)
    req->cb(req, uv_translate_sys_error((int) error));
  tcp->reqs_pending--;
}

void uv__tcp_write_done(uv_tcp_t* tcp, uv_write_t* req) {
  uv__event_packet_close(&req->event_handle, &req->wait_handle);
  if (send_rest(tcp, req))
    return;
  if (!is_first(tcp, req)) {
    park(tcp, req);
    return;
  }
  do {
    call_back(tcp, req);
    req = pop_parked(tcp);
  } while (req != NULL);

  if (uv__tcp_is_writing(tcp) || (tcp->flags & UV__TCP_WRITES_WAIT))
    return;
  uv__tcp_release_shutdown(tcp);
  /* A close lets writes come back first: the system would reset the connection otherwise. */
  if (uv__is_closing(uv__handle(tcp)) && uv__tcp_has_socket(tcp))
    uv__tcp_close_socket(tcp);
}

/* -- Shutting down ----------------------------------------------------------------------------- */

void uv__tcp_shutdown(uv_shutdown_t* req, uv_tcp_t* tcp, uv_shutdown_cb cb) {
  req->handle = (uv_stream_t*) tcp;
  req->cb = cb;
  uv__tcp_request_begin(tcp, uv__req(req), UV_SHUTDOWN);
  tcp->flags |= UV_HANDLE_SHUTTING;
  tcp->flags &= ~(unsigned) UV_HANDLE_WRITABLE;
  tcp->stream.conn.shutdown_req = req;
  if (!(tcp->flags & UV__TCP_WRITES_WAIT) && !uv__tcp_is_writing(tcp))
    uv__tcp_release_shutdown(tcp);
}

void uv__tcp_release_shutdown(uv_tcp_t* tcp) {
  uv_shutdown_t* req = tcp->stream.conn.shutdown_req;

  if (req == NULL)
    return;
  tcp->stream.conn.shutdown_req = NULL;
  uv__tcp_fail(tcp, uv__req(req), 0);
}

void uv__tcp_shutdown_done(uv_tcp_t* tcp, uv_shutdown_t* req) {
  int status = 0;

  if (uv__is_closing(uv__handle(tcp)))
    status = UV_ECANCELED;
  else if (shutdown(tcp->socket, SD_SEND) != 0)
    status = uv_translate_sys_error(WSAGetLastError());
  else
    tcp->flags |= UV_HANDLE_SHUT;
  tcp->flags &= ~(unsigned) UV_HANDLE_SHUTTING;
  uv__tcp_request_end(tcp);
  if (req->cb != NULL)
    req->cb(req, status);
  tcp->reqs_pending--;
}
