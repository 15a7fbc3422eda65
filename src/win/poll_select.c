/* Waiting with select().
 *
 * A thread that sits in select() can only be woken by a socket, so each handle has one more, a
 * datagram socket that is its own peer: peer_socket. */
#include "poll_select.h"

#include "iocp.h"
#include "socket.h"

/* -- The waking socket ------------------------------------------------------------------------- */

static int connect_to_itself(SOCKET socket) {
  struct sockaddr_in self = {.sin_family = AF_INET};
  int len = sizeof(self);

  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket, (struct sockaddr*) &self, sizeof(self)) != 0 ||
      getsockname(socket, (struct sockaddr*) &self, &len) != 0 ||
      connect(socket, (struct sockaddr*) &self, sizeof(self)) != 0)
    return uv__socket_error();
  return uv__socket_set_nonblocking(socket, true);
}

int uv__select_open(uv_poll_t* poll) {
  SOCKET waker =
      WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  int err;

  if (waker == INVALID_SOCKET)
    return uv_translate_sys_error(WSAGetLastError());
  err = connect_to_itself(waker);
  if (err != 0) {
    closesocket(waker);
    return err;
  }
  poll->peer_socket = waker;
  return 0;
}

void uv__select_close(uv_poll_t* poll) {
  closesocket(poll->peer_socket);
  poll->peer_socket = INVALID_SOCKET;
}

void uv__select_cancel(uv_poll_t* poll) {
  char byte = 0;

  send(poll->peer_socket, &byte, 1, 0);
}

static void forget_wakes(SOCKET waker) {
  char byte;

  while (recv(waker, &byte, 1, 0) >= 0)
    continue;
}

/* -- The wait ---------------------------------------------------------------------------------- */

static unsigned int wait_for_events(const uv_poll_t* poll, DWORD* error) {
  fd_set reads;
  fd_set writes;
  fd_set exceptions;
  unsigned int events = 0;

  FD_ZERO(&reads);
  FD_ZERO(&writes);
  FD_ZERO(&exceptions);
  FD_SET(poll->peer_socket, &reads);
  if (poll->submitted_events_1 & UV_READABLE)
    FD_SET(poll->socket, &reads);
  /* A connect that fails is an exception. */
  if (poll->submitted_events_1 & UV_WRITABLE) {
    FD_SET(poll->socket, &writes);
    FD_SET(poll->socket, &exceptions);
  }

  *error = 0;
  if (select(0, &reads, &writes, &exceptions, NULL) == SOCKET_ERROR) {
    *error = (DWORD) WSAGetLastError();
    return 0;
  }
  if (FD_ISSET(poll->socket, &reads))
    events |= UV_READABLE;
  if (FD_ISSET(poll->socket, &writes) || FD_ISSET(poll->socket, &exceptions))
    events |= UV_WRITABLE;
  return events;
}

static DWORD WINAPI run(void* arg) {
  uv_poll_t* poll = arg;
  DWORD error;
  DWORD events = wait_for_events(poll, &error);

  uv__req_finish(&poll->poll_req_1, error, events);
  uv__iocp_post(poll->loop, &poll->poll_req_1);
  return 0;
}

int uv__select_submit(uv_poll_t* poll) {
  forget_wakes(poll->peer_socket);
  uv__req_prepare(&poll->poll_req_1);
  if (!QueueUserWorkItem(run, poll, WT_EXECUTELONGFUNCTION))
    return uv_translate_sys_error((int) GetLastError());
  return 0;
}

unsigned int uv__select_events(const uv_poll_t* poll) {
  return uv__req_bytes(&poll->poll_req_1);
}
