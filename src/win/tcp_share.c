/* TCP handles that travel between processes. */
#include "tcp_share.h"

#include "socket.h"
#include "tcp.h"

/* The receiver accepts from the socket without listening first. Its error travels along. */
static void listen_for_others(uv_tcp_t* tcp) {
  if ((tcp->flags & (UV__TCP_SERVER | UV__TCP_SHARED)) || tcp->delayed_error != 0)
    return;
  if (listen(tcp->socket, SOMAXCONN) != 0)
    tcp->delayed_error = WSAGetLastError();
}

int uv__tcp_export(uv_tcp_t* tcp, DWORD pid, struct uv__passed_socket* passed) {
  passed->is_connection = (tcp->flags & UV__TCP_CONNECTION) != 0;
  if (!uv__tcp_has_socket(tcp) || (!passed->is_connection && !(tcp->flags & UV_HANDLE_BOUND)))
    return UV_ENOTSUP;

  if (!passed->is_connection)
    listen_for_others(tcp);
  if (WSADuplicateSocketW(tcp->socket, pid, &passed->info) != 0)
    return uv__socket_error();
  passed->delayed_error = (uint32_t) tcp->delayed_error;
  tcp->flags |= UV__TCP_SHARED;
  return 0;
}

int uv__tcp_import(uv_tcp_t* tcp, const struct uv__passed_socket* passed) {
  SOCKET socket;
  int err;

  if (uv__tcp_has_socket(tcp))
    return UV_EBUSY;
  err = uv__socket_import(&passed->info, &socket);
  if (err != 0)
    return err;
  err = uv__tcp_set_socket(tcp, socket);
  if (err != 0) {
    closesocket(socket);
    return err;
  }
  tcp->delayed_error = (int) passed->delayed_error;
  tcp->flags |= UV_HANDLE_BOUND | UV__TCP_SHARED;
  if (passed->is_connection)
    tcp->flags |= UV__TCP_CONNECTION | UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  return 0;
}

void uv__tcp_discard(const struct uv__passed_socket* passed) {
  SOCKET socket;

  if (uv__socket_import(&passed->info, &socket) == 0)
    closesocket(socket);
}
