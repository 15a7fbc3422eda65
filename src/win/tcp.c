/* TCP: streams over IPv4 and IPv6. Here is the life of a handle; tcp.h says where the rest is.
 *
 * A handle gets its socket from the first call that needs one; where that call fails, the handle is
 * as it was. */
#include "tcp.h"
#include "poison.h"
#include "socket.h"

#include <string.h>

/* -- Closing ----------------------------------------------------------------------------------- */

static enum uv__close_result tcp_close(uv_handle_t* handle) {
  uv_tcp_t* tcp = uv__tcp_of(handle);

  uv__handle_stop(handle);
  tcp->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE | UV_HANDLE_READING);
  uv__tcp_stop_accepting(tcp);
  if (uv__tcp_has_socket(tcp)) {
    bool is_sending =
        !(tcp->flags & (UV__TCP_SERVER | UV__TCP_WRITES_WAIT)) && uv__tcp_is_writing(tcp);
    if (tcp->reqs_pending > 0)
      uv__socket_cancel(tcp->socket);
    /* The last write closes it otherwise. */
    if (!is_sending)
      uv__tcp_close_socket(tcp);
  }
  return tcp->reqs_pending == 0 ? UV__CLOSE_DONE : UV__CLOSE_PENDING;
}

int uv_tcp_close_reset(uv_tcp_t* tcp, uv_close_cb close_cb) {
  struct linger no_linger = {.l_onoff = 1, .l_linger = 0};

  if (tcp->flags & UV_HANDLE_SHUTTING)
    return UV_EINVAL;
  if (!uv__tcp_has_socket(tcp))
    return UV_EBADF;
  if (setsockopt(tcp->socket, SOL_SOCKET, SO_LINGER, (const char*) &no_linger, sizeof(no_linger)) !=
      0)
    return uv__socket_error();
  uv_close(uv__handle(tcp), close_cb);
  return 0;
}

static void tcp_finish(uv_handle_t* handle) {
  uv__tcp_free_accepts(uv__tcp_of(handle));
}

/* -- Completions ------------------------------------------------------------------------------- */

static void tcp_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_tcp_t* tcp = uv__tcp_of(handle);

  switch (req->type) {
    case UV_ACCEPT:
      uv__tcp_accept_done(tcp, (uv_tcp_accept_t*) req);
      break;
    case UV_CONNECT:
      uv__tcp_connect_done(tcp, (uv_connect_t*) req);
      break;
    case UV_READ:
      uv__tcp_read_done(tcp);
      break;
    case UV_WRITE:
      uv__tcp_write_done(tcp, (uv_write_t*) req);
      break;
    default:
      uv__tcp_shutdown_done(tcp, (uv_shutdown_t*) req);
  }
  if (uv__is_closing(handle) && tcp->reqs_pending == 0)
    uv__handle_closed(handle);
}

static const struct uv__handle_ops tcp_ops = {
    .close = tcp_close,
    .finish = tcp_finish,
    .complete = tcp_complete,
};

/* -- Init -------------------------------------------------------------------------------------- */

int uv_tcp_init_ex(uv_loop_t* loop, uv_tcp_t* tcp, unsigned int flags) {
  bool made;
  int err;

  if (flags != AF_INET && flags != AF_INET6 && flags != AF_UNSPEC)
    return UV_EINVAL;
  uv__handle_init(loop, uv__handle(tcp), UV_TCP, &tcp_ops);
  tcp->write_queue_size = 0;
  tcp->alloc_cb = NULL;
  tcp->read_cb = NULL;
  tcp->reqs_pending = 0;
  tcp->activecnt = 0;
  tcp->read_req.type = UV_READ;
  tcp->read_req.data = tcp;
  tcp->read_req.event_handle = NULL;
  tcp->read_req.wait_handle = NULL;
  uv__req_poison(uv__req(&tcp->read_req));
  memset(&tcp->stream, 0, sizeof(tcp->stream));
  tcp->socket = INVALID_SOCKET;
  tcp->delayed_error = 0;
  memset(&tcp->tcp, 0, sizeof(tcp->tcp));
  if (flags == AF_UNSPEC)
    return 0;
  err = uv__tcp_need_socket(tcp, (int) flags, &made);
  if (err != 0)
    uv__handle_unlink(uv__handle(tcp));
  return err;
}

int uv_tcp_init(uv_loop_t* loop, uv_tcp_t* tcp) {
  return uv_tcp_init_ex(loop, tcp, AF_UNSPEC);
}

/* What the socket went through before: it may be bound, and connected. */
static unsigned int state_of(SOCKET socket) {
  struct sockaddr_storage name;
  int len = sizeof(name);

  if (getsockname(socket, (struct sockaddr*) &name, &len) != 0)
    return 0;
  len = sizeof(name);
  if (getpeername(socket, (struct sockaddr*) &name, &len) != 0)
    return UV_HANDLE_BOUND;
  return UV_HANDLE_BOUND | UV__TCP_CONNECTION | UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
}

int uv_tcp_open(uv_tcp_t* tcp, uv_os_sock_t socket) {
  int err;

  if (uv__is_closing(uv__handle(tcp)))
    return UV_EINVAL;
  err = uv__tcp_set_socket(tcp, socket);
  if (err != 0)
    return err;
  SetHandleInformation((HANDLE) socket, HANDLE_FLAG_INHERIT, 0);
  tcp->flags |= state_of(socket);
  return 0;
}
