/* Pairs of connected sockets: over TCP on the loopback address, since not all versions of Windows
 * have unix sockets. */
#include "socket.h"
#include "startup.h"

#include <string.h>

enum { BACKLOG = 16 };

static SOCKET open_end(int protocol, int flags) {
  DWORD how = WSA_FLAG_NO_HANDLE_INHERIT;

  if (flags & UV_NONBLOCK_PIPE)
    how |= WSA_FLAG_OVERLAPPED;
  return WSASocketW(AF_INET, SOCK_STREAM, protocol, NULL, 0, how);
}

static int listen_on_loopback(SOCKET listener, struct sockaddr_in* at) {
  int len = sizeof(*at);
  int err;

  memset(at, 0, sizeof(*at));
  at->sin_family = AF_INET;
  at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  /* Nobody else is to bind the port along with us, and to be connected to in our place. */
  err = uv__socket_set(listener, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
  if (err != 0)
    return err;
  if (bind(listener, (const struct sockaddr*) at, sizeof(*at)) != 0 ||
      listen(listener, BACKLOG) != 0 || getsockname(listener, (struct sockaddr*) at, &len) != 0)
    return uv__socket_error();
  return 0;
}

/* Accepts the connection of that socket: others may have found the port. */
static SOCKET accept_from(SOCKET listener, SOCKET client) {
  struct sockaddr_in wanted;
  struct sockaddr_in from;
  int len = sizeof(wanted);

  if (getsockname(client, (struct sockaddr*) &wanted, &len) != 0)
    return INVALID_SOCKET;
  for (;;) {
    SOCKET accepted;
    len = sizeof(from);
    accepted = accept(listener, (struct sockaddr*) &from, &len);
    if (accepted == INVALID_SOCKET ||
        (from.sin_port == wanted.sin_port && from.sin_addr.s_addr == wanted.sin_addr.s_addr))
      return accepted;
    closesocket(accepted);
  }
}

static int set_up(SOCKET end, int flags) {
  /* What accept() gave may be inheritable. */
  SetHandleInformation((HANDLE) end, HANDLE_FLAG_INHERIT, 0);
  return flags & UV_NONBLOCK_PIPE ? uv__socket_set_nonblocking(end, true) : 0;
}

/* Fills both ends, as far as it comes; the caller closes them on error. */
static int connect_pair(SOCKET listener, SOCKET ends[2], int protocol, int flags0, int flags1) {
  struct sockaddr_in at;
  int err = listen_on_loopback(listener, &at);

  if (err != 0)
    return err;
  ends[1] = open_end(protocol, flags1);
  if (ends[1] == INVALID_SOCKET || connect(ends[1], (const struct sockaddr*) &at, sizeof(at)) != 0)
    return uv__socket_error();
  ends[0] = accept_from(listener, ends[1]);
  if (ends[0] == INVALID_SOCKET)
    return uv__socket_error();
  err = set_up(ends[0], flags0);
  return err != 0 ? err : set_up(ends[1], flags1);
}

int uv_socketpair(int type, int protocol, uv_os_sock_t socket_vector[2], int flags0, int flags1) {
  SOCKET ends[2] = {INVALID_SOCKET, INVALID_SOCKET};
  SOCKET listener;
  int err = uv__startup();

  if (err != 0)
    return err;
  if (type != SOCK_STREAM)
    return UV_ESOCKTNOSUPPORT;
  /* The end that it accepts is of its kind, overlapped or not. */
  listener = open_end(protocol, flags0);
  if (listener == INVALID_SOCKET)
    return uv__socket_error();
  err = connect_pair(listener, ends, protocol, flags0, flags1);
  closesocket(listener);
  if (err == 0) {
    socket_vector[0] = ends[0];
    socket_vector[1] = ends[1];
    return 0;
  }
  for (int i = 0; i < 2; i++)
    if (ends[i] != INVALID_SOCKET)
      closesocket(ends[i]);
  return err;
}
