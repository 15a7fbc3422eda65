/* Pipes: streams over unix sockets with names, and over any descriptor that a program has opened.
 */
#include "../stream.h"

#include "fd.h"
#include "pipe_name.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The path goes before the descriptor: a new server that finds the name free must not lose the file
 * that it then makes. */
static enum uv__close_result pipe_close(uv_handle_t* handle) {
  uv_pipe_t* pipe = (uv_pipe_t*) handle;

  if (pipe->pipe_fname != NULL) {
    unlink(pipe->pipe_fname);
    uv__free((void*) pipe->pipe_fname);
    pipe->pipe_fname = NULL;
  }
  return uv__stream_close(handle);
}

static const struct uv__handle_ops pipe_ops = {
    .close = pipe_close,
    .finish = uv__stream_finish,
};

int uv_pipe_init(uv_loop_t* loop, uv_pipe_t* pipe, int ipc) {
  uv__stream_init(loop, uv__stream(pipe), UV_NAMED_PIPE, &pipe_ops, uv__stream_io);
  pipe->ipc = ipc;
  if (ipc)
    pipe->flags |= UV__STREAM_IPC;
  pipe->pipe_fname = NULL;
  return 0;
}

/* What the descriptor's access mode allows, or an error. */
static int direction_of(int fd) {
  int mode = fcntl(fd, F_GETFL);

  if (mode == -1)
    return UV__ERR(errno);
  mode &= O_ACCMODE;
  if (mode == O_RDONLY)
    return UV_HANDLE_READABLE;
  if (mode == O_WRONLY)
    return UV_HANDLE_WRITABLE;
  return UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
}

int uv_pipe_open(uv_pipe_t* pipe, uv_file fd) {
  int direction;
  int err;

  if (uv__is_closing(uv__handle(pipe)))
    return UV_EINVAL;
  if (uv__io_watched(pipe->loop, fd))
    return UV_EEXIST;
  direction = direction_of(fd);
  if (direction < 0)
    return direction;
  err = uv__set_nonblocking(fd, true);
  if (err != 0)
    return err;
  return uv__stream_open(uv__stream(pipe), fd, (unsigned int) direction);
}

/* -- Serving ----------------------------------------------------------------------------------- */

/* A socket that has the name and can be watched, or an error. */
static int bound_socket(uv_loop_t* loop, const struct uv__pipe_address* address) {
  int fd = uv__socket(AF_UNIX, SOCK_STREAM, 0);
  int err;

  if (fd < 0)
    return fd;
  err = uv__io_reserve(loop, fd);
  if (err == 0 && bind(fd, (const struct sockaddr*) &address->name, address->len) == -1)
    err = UV__ERR(errno);
  if (err == 0)
    return fd;
  uv__close(fd);
  return err == UV_ENOENT ? UV_EACCES : err; /* as on Windows */
}

int uv_pipe_bind2(uv_pipe_t* pipe, const char* name, size_t len, unsigned int flags) {
  struct uv__pipe_address address;
  char* path = NULL;
  int fd;
  int err = uv__pipe_address(name, len, flags, true, &address);

  if (err != 0)
    return err;
  if (pipe->io_watcher.fd != UV__NO_FD || uv__is_closing(uv__handle(pipe)))
    return UV_EINVAL;

  if (uv__pipe_is_path(&address)) {
    len = strnlen(address.name.sun_path, sizeof(address.name.sun_path));
    path = uv__malloc(len + 1);
    if (path == NULL)
      return UV_ENOMEM;
    memcpy(path, address.name.sun_path, len);
    path[len] = '\0';
  }
  fd = bound_socket(pipe->loop, &address);
  if (fd < 0) {
    uv__free(path);
    return fd;
  }
  pipe->pipe_fname = path;
  return uv__stream_open(uv__stream(pipe), fd, UV_HANDLE_BOUND);
}

int uv_pipe_bind(uv_pipe_t* pipe, const char* name) {
  return uv_pipe_bind2(pipe, name, name != NULL ? strlen(name) : 0, 0);
}

int uv__pipe_listen(uv_pipe_t* pipe, int backlog, uv_connection_cb cb) {
  if (pipe->io_watcher.fd == UV__NO_FD || pipe->ipc)
    return UV_EINVAL;
  if (listen(pipe->io_watcher.fd, backlog) == -1)
    return UV__ERR(errno);
  return uv__stream_listen(uv__stream(pipe), cb);
}

void uv_pipe_pending_instances(uv_pipe_t* pipe, int count) {
  (void) pipe;
  (void) count;
}

/* -- Connecting -------------------------------------------------------------------------------- */

/* Gives the pipe a socket if it has none: 0 or an error. */
static int ensure_socket(uv_pipe_t* pipe) {
  int fd;
  int err;

  if (pipe->io_watcher.fd != UV__NO_FD)
    return 0;
  fd = uv__socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0)
    return fd;
  err = uv__stream_open(uv__stream(pipe), fd, 0);
  if (err != 0)
    uv__close(fd);
  return err;
}

/* 0 if the kernel has connected, or is at it. */
static int try_connect(uv_pipe_t* pipe, const struct uv__pipe_address* address) {
  int err = ensure_socket(pipe);
  int r;

  if (err != 0)
    return err;
  do
    r = connect(pipe->io_watcher.fd, (const struct sockaddr*) &address->name, address->len);
  while (r == -1 && errno == EINTR);
  if (r == -1 && errno != EINPROGRESS)
    return UV__ERR(errno);
  pipe->flags |= UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  return 0;
}

int uv_pipe_connect2(uv_connect_t* req, uv_pipe_t* pipe, const char* name, size_t len,
                     unsigned int flags, uv_connect_cb cb) {
  struct uv__pipe_address address;
  int err = uv__pipe_address(name, len, flags, false, &address);

  if (err != 0)
    return err;
  if (uv__is_closing(uv__handle(pipe)))
    return UV_EINVAL;
  if (pipe->connect_req != NULL)
    return UV_EALREADY;

  err = try_connect(pipe, &address);
  if (err == 0)
    uv__stream_connect_wait(uv__stream(pipe), req, cb);
  else
    uv__stream_connect_report(uv__stream(pipe), req, cb, err);
  return 0;
}

void uv_pipe_connect(uv_connect_t* req, uv_pipe_t* pipe, const char* name, uv_connect_cb cb) {
  int err = uv_pipe_connect2(req, pipe, name, name != NULL ? strlen(name) : 0, 0, cb);

  if (err != 0)
    uv__stream_connect_report(uv__stream(pipe), req, cb, err);
}

/* -- Handles that came over an IPC pipe -------------------------------------------------------- */

int uv_pipe_pending_count(uv_pipe_t* pipe) {
  return pipe->ipc ? uv__stream_count_fds(uv__stream(pipe)) : 0;
}

uv_handle_type uv_pipe_pending_type(uv_pipe_t* pipe) {
  if (uv_pipe_pending_count(pipe) == 0)
    return UV_UNKNOWN_HANDLE;
  return uv_guess_handle(pipe->accepted_fd);
}
