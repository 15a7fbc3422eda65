/* The descriptor behind a handle, and the sizes of its socket buffers. */
#include "handle_fd.h"

#include "core.h"

#include <errno.h>
#include <sys/socket.h>

static const uv__io_t* watcher_of(const uv_handle_t* handle) {
  switch (handle->type) {
    case UV_TCP:
    case UV_NAMED_PIPE:
    case UV_TTY:
      return &((const uv_stream_t*) handle)->io_watcher;
    case UV_UDP:
      return &((const uv_udp_t*) handle)->io_watcher;
    case UV_POLL:
      return &((const uv_poll_t*) handle)->io_watcher;
    default:
      return NULL;
  }
}

int uv__handle_fd(const uv_handle_t* handle) {
  const uv__io_t* watcher = watcher_of(handle);

  return watcher != NULL ? watcher->fd : -1;
}

int uv_fileno(const uv_handle_t* handle, uv_os_fd_t* fd) {
  const uv__io_t* watcher = watcher_of(handle);

  if (watcher == NULL)
    return UV_EINVAL;
  if (uv__is_closing(handle) || watcher->fd == -1)
    return UV_EBADF;
  *fd = watcher->fd;
  return 0;
}

static int buffer_size(const uv_handle_t* handle, int option, int* value) {
  socklen_t len = sizeof(*value);
  int fd;
  int r;

  if (handle == NULL || value == NULL)
    return UV_EINVAL;
  if (handle->type != UV_TCP && handle->type != UV_NAMED_PIPE && handle->type != UV_UDP)
    return UV_ENOTSUP;
  fd = uv__handle_fd(handle);
  if (fd == -1 || uv__is_closing(handle))
    return UV_EBADF;

  if (*value == 0)
    r = getsockopt(fd, SOL_SOCKET, option, value, &len);
  else
    r = setsockopt(fd, SOL_SOCKET, option, value, sizeof(*value));
  return r == 0 ? 0 : UV__ERR(errno);
}

int uv_send_buffer_size(uv_handle_t* handle, int* value) {
  return buffer_size(handle, SO_SNDBUF, value);
}

int uv_recv_buffer_size(uv_handle_t* handle, int* value) {
  return buffer_size(handle, SO_RCVBUF, value);
}
