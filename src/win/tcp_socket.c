/* TCP: the socket of a handle, and how operations on it come back.
 *
 * A socket that came from elsewhere may be on the completion port of another loop or process, which
 * it cannot leave: its operations tell an event, and that tells the loop. */
#include "event_packet.h"
#include "iocp.h"
#include "socket.h"
#include "tcp.h"

/* -- The socket -------------------------------------------------------------------------------- */

static bool is_of_another_handle(uv_loop_t* loop, SOCKET socket) {
  for (struct uv__queue* link = loop->handle_queue.next; link != &loop->handle_queue;
       link = link->next) {
    const uv_handle_t* handle = uv__container(link, uv_handle_t, handle_queue);
    if (handle->type == UV_TCP && ((const uv_tcp_t*) handle)->socket == socket)
      return true;
  }
  return false;
}

/* Joins the port, and answers which flags follow from that. A socket that another handle has is on
 * the loop's port already. */
static int join_port(uv_tcp_t* tcp, SOCKET socket, const WSAPROTOCOL_INFOW* info,
                     unsigned int* flags) {
  if (uv__iocp_attach(tcp->loop, (HANDLE) socket) != 0) {
    *flags = UV__TCP_OFF_PORT;
    return is_of_another_handle(tcp->loop, socket) ? UV_EEXIST : 0;
  }
  *flags = uv__socket_skip_port(socket, info) ? UV__TCP_SKIPS_PORT : 0;
  return 0;
}

int uv__tcp_set_socket(uv_tcp_t* tcp, SOCKET socket) {
  WSAPROTOCOL_INFOW info;
  unsigned int flags;
  int err;

  if (uv__tcp_has_socket(tcp))
    return tcp->socket == socket ? 0 : UV_EBUSY;
  err = uv__socket_info(socket, &info);
  if (err == 0)
    err = uv__socket_set_nonblocking(socket, true);
  if (err == 0)
    err = uv__tcp_apply_options(socket, tcp->flags);
  if (err == 0)
    err = join_port(tcp, socket, &info, &flags);
  if (err != 0)
    return err;

  if (info.iAddressFamily == AF_INET6)
    flags |= UV_HANDLE_IPV6;
  tcp->flags |= flags;
  tcp->socket = socket;
  return 0;
}

int uv__tcp_need_socket(uv_tcp_t* tcp, int family, bool* made) {
  SOCKET socket;
  int err;

  *made = false;
  if (uv__tcp_has_socket(tcp))
    return 0;
  err = uv__socket_open(family, SOCK_STREAM, &socket);
  if (err != 0)
    return err;
  err = uv__tcp_set_socket(tcp, socket);
  if (err != 0) {
    closesocket(socket);
    return err;
  }
  *made = true;
  return 0;
}

void uv__tcp_close_socket(uv_tcp_t* tcp) {
  closesocket(tcp->socket);
  tcp->socket = INVALID_SOCKET;
}

void uv__tcp_drop_socket(uv_tcp_t* tcp) {
  uv__tcp_close_socket(tcp);
  tcp->flags &=
      ~(unsigned) (UV_HANDLE_BOUND | UV_HANDLE_IPV6 | UV__TCP_SKIPS_PORT | UV__TCP_OFF_PORT);
}

/* -- Operations -------------------------------------------------------------------------------- */

DWORD uv__tcp_prepare(uv_tcp_t* tcp, uv_req_t* req, HANDLE* event, HANDLE* wait) {
  *event = NULL;
  *wait = NULL;
  if (!(tcp->flags & UV__TCP_OFF_PORT)) {
    uv__req_prepare(req);
    return 0;
  }
  return uv__event_packet_open(tcp->loop, req, event, wait) == 0 ? 0 : WSAENOBUFS;
}

DWORD uv__tcp_began(uv_tcp_t* tcp, uv_req_t* req, bool is_done) {
  DWORD error = is_done ? 0 : (DWORD) WSAGetLastError();

  if (is_done && (tcp->flags & UV__TCP_SKIPS_PORT))
    uv__iocp_queue(tcp->loop, req);
  return error == WSA_IO_PENDING ? 0 : error;
}

void uv__tcp_fail(uv_tcp_t* tcp, uv_req_t* req, DWORD error) {
  uv__req_finish(req, error, 0);
  uv__iocp_queue(tcp->loop, req);
}
