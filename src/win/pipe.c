/* Pipes: named pipes, and whatever end of a pipe a program was given, as streams. This is the life
 * of the handle; each subject has a file of its own. */
#include "pipe.h"

#include "error_sys.h"
#include "nt.h"
#include "poison.h"
#include "stream.h"

#include <string.h>

/* -- The end ----------------------------------------------------------------------------------- */

static void free_all(uv_pipe_t* pipe) {
  uv__req_poison_check(uv__req(&pipe->read_req));
  if (uv__pipe_is(pipe, UV__PIPE_SERVER)) {
    uv__pipe_server_free(pipe);
  } else {
    uv__ipc_free(pipe);
    if (pipe->pipe.conn.event != NULL)
      CloseHandle(pipe->pipe.conn.event);
  }
  uv__free(pipe->name);
  pipe->name = NULL;
  pipe->read_req.next_req = NULL; /* what the loop linked it to */
}

/* What is under way comes back cancelled, and the last of it ends the close. */
static enum uv__close_result pipe_close(uv_handle_t* handle) {
  uv_pipe_t* pipe = (uv_pipe_t*) handle;

  if (uv__pipe_is(pipe, UV__PIPE_SERVER)) {
    uv__pipe_server_close(pipe);
  } else {
    uv__pipe_connect_cancel(pipe);
    uv__pipe_read_close(pipe);
    uv__pipe_close_file(pipe);
  }
  pipe->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  uv__handle_stop(handle);
  if (pipe->reqs_pending > 0)
    return UV__CLOSE_PENDING;
  free_all(pipe);
  return UV__CLOSE_DONE;
}

static void route(uv_pipe_t* pipe, uv_req_t* req) {
  switch ((int) req->type) {
    case UV_READ:
      uv__pipe_read_done(pipe);
      break;
    case UV_WRITE:
      uv__pipe_write_done(pipe, (uv_write_t*) req);
      break;
    case UV_SHUTDOWN:
      uv__pipe_shutdown_done(pipe, (uv_shutdown_t*) req);
      break;
    case UV_CONNECT:
      uv__pipe_connect_done(pipe, (uv_connect_t*) req);
      break;
    default:
      uv__pipe_accept_done(pipe, (uv_pipe_accept_t*) req);
      break;
  }
}

static void pipe_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_pipe_t* pipe = (uv_pipe_t*) handle;

  route(pipe, req);
  pipe->reqs_pending--;
  if (pipe->reqs_pending == 0 && uv__is_closing(handle)) {
    free_all(pipe);
    uv__handle_closed(handle);
  }
}

static void pipe_finish(uv_handle_t* handle) {
  uv__pipe_connect_finish((uv_pipe_t*) handle);
}

static const struct uv__handle_ops pipe_ops = {
    .close = pipe_close,
    .finish = pipe_finish,
    .complete = pipe_complete,
};

/* -- The beginning ----------------------------------------------------------------------------- */

int uv_pipe_init(uv_loop_t* loop, uv_pipe_t* pipe, int ipc) {
  uv__handle_init(loop, uv__handle(pipe), UV_NAMED_PIPE, &pipe_ops);
  pipe->u.fd = -1;
  pipe->write_queue_size = 0;
  pipe->alloc_cb = NULL;
  pipe->read_cb = NULL;
  pipe->reqs_pending = 0;
  pipe->activecnt = 0;
  pipe->stream.conn.write_reqs_pending = 0;
  pipe->stream.conn.shutdown_req = NULL;
  memset(&pipe->read_req, 0, sizeof(pipe->read_req));
  uv__req_poison(uv__req(&pipe->read_req));
  memset(&pipe->pipe, 0, sizeof(pipe->pipe));
  pipe->handle = INVALID_HANDLE_VALUE;
  pipe->name = NULL;
  pipe->ipc = ipc;
  return 0;
}

/* What the rights of the file allow, or a UV_E code. */
static int direction_of(HANDLE file) {
  FILE_ACCESS_INFORMATION info;
  IO_STATUS_BLOCK io;
  NTSTATUS status = NtQueryInformationFile(file, &io, &info, sizeof(info), FileAccessInformation);

  if (!UV__NT_SUCCESS(status))
    return uv__translate_status(status);
  return (info.AccessFlags & FILE_READ_DATA ? UV_HANDLE_READABLE : 0) |
         (info.AccessFlags & FILE_WRITE_DATA ? UV_HANDLE_WRITABLE : 0);
}

/* Asking for the name of a file that is not overlapped would wait for the threads that use it, so
 * that is done before there are any. Without one the pipe works too. */
static void remember_name(uv_pipe_t* pipe) {
  WCHAR name[UV__PIPE_NAME_ROOM];
  size_t len;

  if (!uv__pipe_is(pipe, UV__PIPE_BLOCKING) || uv__pipe_query_name(pipe->handle, name, &len) != 0)
    return;
  pipe->name = uv__calloc(len + 1, sizeof(*name));
  if (pipe->name != NULL)
    memcpy(pipe->name, name, len * sizeof(*name));
}

/* The standard streams stay open for the C library, so the handle takes a copy. */
static int own_file(uv_file fd, HANDLE* file) {
  enum { LAST_STANDARD = 2 };

  *file = uv_get_osfhandle(fd);
  if (*file == INVALID_HANDLE_VALUE || *file == NULL || *file == (HANDLE) (intptr_t) -2)
    return UV_EBADF;
  if (fd > LAST_STANDARD)
    return 0;
  if (!DuplicateHandle(GetCurrentProcess(), *file, GetCurrentProcess(), file, 0, FALSE,
                       DUPLICATE_SAME_ACCESS))
    return uv_translate_sys_error((int) GetLastError());
  return 1;
}

int uv_pipe_open(uv_pipe_t* pipe, uv_file fd) {
  HANDLE file;
  int is_copy;
  int direction;
  int err = 0;

  if (uv__is_closing(uv__handle(pipe)) || uv__pipe_is(pipe, UV__PIPE_SERVER))
    return UV_EINVAL;
  if (!uv__pipe_is_unused(pipe))
    return UV_EBUSY;
  is_copy = own_file(fd, &file);
  if (is_copy < 0)
    return is_copy;

  direction = direction_of(file);
  if (direction < 0)
    err = direction;
  else if (pipe->ipc && direction != (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE))
    err = UV_EINVAL;
  else
    err = uv__pipe_open_file(pipe, file, (unsigned int) direction, false);
  if (err != 0) {
    if (is_copy)
      CloseHandle(file);
    return err;
  }
  if (!is_copy)
    pipe->u.fd = fd;
  remember_name(pipe);
  return 0;
}
