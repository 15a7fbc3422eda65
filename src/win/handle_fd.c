/* What the system has a handle as, and the sizes of its socket buffers. */
#include "socket.h"

#include "../core.h"

/* SOCKETs are HANDLEs, and what is invalid as one is so as the other. Whether the type ever has
 * one. */
static bool system_handle(const uv_handle_t* handle, HANDLE* result) {
  switch (handle->type) {
    case UV_TCP:
      *result = (HANDLE) ((const uv_tcp_t*) handle)->socket;
      return true;
    case UV_UDP:
      *result = (HANDLE) ((const uv_udp_t*) handle)->socket;
      return true;
    case UV_POLL:
      *result = (HANDLE) ((const uv_poll_t*) handle)->socket;
      return true;
    case UV_NAMED_PIPE:
      *result = ((const uv_pipe_t*) handle)->handle;
      return true;
    case UV_TTY:
      *result = ((const uv_tty_t*) handle)->handle;
      return true;
    default:
      return false;
  }
}

int uv_fileno(const uv_handle_t* handle, uv_os_fd_t* fd) {
  HANDLE found;

  if (!system_handle(handle, &found))
    return UV_EINVAL;
  if (uv__is_closing(handle) || found == INVALID_HANDLE_VALUE)
    return UV_EBADF;
  *fd = found;
  return 0;
}

static int buffer_size(const uv_handle_t* handle, int option, int* value) {
  int len = sizeof(*value);
  HANDLE socket;
  int err;

  if (handle == NULL || value == NULL)
    return UV_EINVAL;
  if (handle->type != UV_TCP && handle->type != UV_UDP)
    return UV_ENOTSUP;
  err = uv_fileno(handle, &socket);
  if (err != 0)
    return err;

  if (*value != 0)
    return uv__socket_set((SOCKET) socket, SOL_SOCKET, option, *value);
  return getsockopt((SOCKET) socket, SOL_SOCKET, option, (char*) value, &len) == 0
             ? 0
             : uv__socket_error();
}

int uv_send_buffer_size(uv_handle_t* handle, int* value) {
  return buffer_size(handle, SO_SNDBUF, value);
}

int uv_recv_buffer_size(uv_handle_t* handle, int* value) {
  return buffer_size(handle, SO_RCVBUF, value);
}
