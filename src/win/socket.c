/* Sockets of Windows: making them, and the functions that only their provider knows. */
#include "socket.h"

#include "startup.h"

/* What the socket came from may be layers of other programs (LSPs); this asks for the lowest. */
static SOCKET base_of(SOCKET socket) {
  SOCKET base = INVALID_SOCKET;
  DWORD bytes;

  if (WSAIoctl(socket, SIO_BASE_HANDLE, NULL, 0, &base, sizeof(base), &bytes, NULL, NULL) != 0)
    return socket;
  return base;
}

int uv__socket_error(void) {
  return uv_translate_sys_error(WSAGetLastError());
}

int uv__socket_open(int family, int type, SOCKET* socket) {
  int err = uv__startup();

  if (err != 0)
    return err;
  *socket = WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  return *socket != INVALID_SOCKET ? 0 : uv__socket_error();
}

int uv__socket_import(const WSAPROTOCOL_INFOW* info, SOCKET* socket) {
  WSAPROTOCOL_INFOW copy = *info; /* WSASocketW() takes no constant */

  *socket = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &copy, 0,
                       WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  return *socket != INVALID_SOCKET ? 0 : uv__socket_error();
}

int uv__socket_set(SOCKET socket, int level, int option, int value) {
  return setsockopt(socket, level, option, (const char*) &value, sizeof(value)) == 0
             ? 0
             : uv__socket_error();
}

int uv__socket_set_nonblocking(SOCKET socket, bool nonblocking) {
  u_long value = nonblocking;

  return ioctlsocket(socket, (long) FIONBIO, &value) == 0 ? 0 : uv__socket_error();
}

int uv__socket_info(SOCKET socket, WSAPROTOCOL_INFOW* info) {
  int len = sizeof(*info);

  return getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, (char*) info, &len) == 0
             ? 0
             : uv__socket_error();
}

bool uv__socket_skip_port(SOCKET socket, const WSAPROTOCOL_INFOW* info) {
  if (!(info->dwServiceFlags1 & XP1_IFS_HANDLES))
    return false;
  return SetFileCompletionNotificationModes(
      (HANDLE) socket, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE);
}

int uv__socket_function(SOCKET socket, GUID id, void* function, size_t size) {
  DWORD bytes;

  return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), function,
                  (DWORD) size, &bytes, NULL, NULL) == 0
             ? 0
             : uv__socket_error();
}

void uv__socket_cancel(SOCKET socket) {
  SOCKET base = base_of(socket);

  CancelIoEx((HANDLE) socket, NULL);
  if (base != socket)
    CancelIoEx((HANDLE) base, NULL);
}
