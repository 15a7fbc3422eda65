/* Connecting to named pipes.
 *
 * Opening the name connects at once. If all instances are busy, a thread waits for one, and what is
 * asked for meanwhile waits with it. */
#include "../atomic.h"
#include "pipe.h"

#include <string.h>

enum {
  WAIT_MS = 30000,
  STEP_MS = 50 /* between looks at whether the handle has been closed */
};

/* -- Opening a name ---------------------------------------------------------------------------- */

static HANDLE open_with(const WCHAR* name, DWORD access) {
  return CreateFileW(name, access, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

/* Both ways, or the one that is allowed; the rights on attributes let the mode be set. */
static HANDLE open_name(const WCHAR* name, DWORD* direction) {
  HANDLE file = open_with(name, GENERIC_READ | GENERIC_WRITE);

  *direction = UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED) {
    *direction = UV_HANDLE_READABLE;
    file = open_with(name, GENERIC_READ | FILE_WRITE_ATTRIBUTES);
  }
  if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED) {
    *direction = UV_HANDLE_WRITABLE;
    file = open_with(name, GENERIC_WRITE | FILE_READ_ATTRIBUTES);
  }
  return file;
}

/* -- Waiting for an instance ------------------------------------------------------------------- */

/* Others may be quicker to take the instance that is announced. */
static HANDLE wait_for_instance(uv_connect_t* req, const int* is_cancelled) {
  uint64_t end_ms = GetTickCount64() + WAIT_MS;

  do {
    if (WaitNamedPipeW(req->u.connect.name, STEP_MS)) {
      HANDLE file = open_name(req->u.connect.name, &req->u.connect.duplex_flags);
      if (file != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY)
        return file;
      SwitchToThread();
    } else if (GetLastError() != ERROR_SEM_TIMEOUT) {
      return INVALID_HANDLE_VALUE;
    }
  } while (!uv__load_relaxed(is_cancelled) && GetTickCount64() < end_ms);
  SetLastError(ERROR_PIPE_BUSY);
  return INVALID_HANDLE_VALUE;
}

static void set_result(uv_connect_t* req, int status) {
  req->u.connect.result = (ULONG_PTR) (intptr_t) status;
}

static DWORD WINAPI connect_in_thread(void* arg) {
  uv_connect_t* req = arg;
  uv_pipe_t* pipe = (uv_pipe_t*) req->handle;
  HANDLE file = wait_for_instance(req, &pipe->pipe.conn.connect_cancelled);

  set_result(req, file == INVALID_HANDLE_VALUE ? uv_translate_sys_error((int) GetLastError()) : 0);
  req->u.connect.pipeHandle = file;
  uv__iocp_post(pipe->loop, uv__req(req));
  return 0;
}

/* -- Beginning --------------------------------------------------------------------------------- */

static void init(uv_connect_t* req, uv_pipe_t* pipe, uv_connect_cb cb) {
  req->handle = (uv_stream_t*) pipe;
  req->cb = cb;
  req->u.connect.name = NULL;
  req->u.connect.pipeHandle = INVALID_HANDLE_VALUE;
  uv__pipe_req_start(pipe, uv__req(req), UV_CONNECT);
}

/* Has the loop tell the outcome. */
static void report(uv_connect_t* req, int status) {
  set_result(req, status);
  uv__iocp_queue(req->handle->loop, uv__req(req));
}

/* Makes a file that was just opened the connection, known by `name`: 0, or an error with both gone.
 */
static int use_file(uv_pipe_t* pipe, HANDLE file, DWORD direction, WCHAR* name) {
  int err = uv__pipe_open_file(pipe, file, direction, false);

  if (err != 0) {
    CloseHandle(file);
    uv__free(name);
    return err;
  }
  pipe->name = name;
  return 0;
}

/* Leaves the rest to a thread: 0, or an error with nothing begun. */
static int wait_in_thread(uv_connect_t* req, uv_pipe_t* pipe, WCHAR* name) {
  DWORD error;

  req->u.connect.name = name;
  pipe->pipe.conn.connect_cancelled = false;
  error = uv__pipe_start_thread(connect_in_thread, req);
  if (error != 0)
    return uv_translate_sys_error((int) error);
  pipe->flags |= UV__PIPE_CONNECTING | UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  return 0;
}

static void begin(uv_connect_t* req, uv_pipe_t* pipe, const char* text, size_t len) {
  WCHAR* name;
  DWORD direction;
  HANDLE file;
  int err = uv__pipe_wide_name(text, len, &name);

  if (err != 0) {
    report(req, err == UV_EINVAL ? UV_ECHARSET : err);
    return;
  }
  file = open_name(name, &direction);
  if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PIPE_BUSY) {
    pipe->pipe.conn.connect_req = req;
    err = wait_in_thread(req, pipe, name);
    if (err == 0)
      return;
    uv__free(name);
  } else if (file == INVALID_HANDLE_VALUE) {
    err = uv_translate_sys_error((int) GetLastError());
    uv__free(name);
  } else {
    err = use_file(pipe, file, direction, name);
  }
  pipe->pipe.conn.connect_req = req;
  req->u.connect.name = NULL;
  report(req, err);
}

/* Nothing comes to the handle any more but its close callback. What is refused now hangs on the
 * read request, which is not under way. */
static void leave_to_finish(uv_connect_t* req, uv_pipe_t* pipe) {
  uv_req_t** end = &pipe->read_req.next_req;

  pipe->reqs_pending--;
  while (*end != NULL)
    end = &(*end)->next_req;
  req->next_req = NULL;
  *end = uv__req(req);
}

void uv__pipe_connect_finish(uv_pipe_t* pipe) {
  uv_connect_t* req;

  while ((req = (uv_connect_t*) pipe->read_req.next_req) != NULL) {
    pipe->read_req.next_req = req->next_req;
    uv__pipe_req_stop(pipe);
    if (req->cb != NULL)
      req->cb(req, UV_ECANCELED);
  }
}

/* -- The public functions ---------------------------------------------------------------------- */

int uv_pipe_connect2(uv_connect_t* req, uv_pipe_t* pipe, const char* name, size_t len,
                     unsigned int flags, uv_connect_cb cb) {
  if (!uv__pipe_name_valid(name, len, flags))
    return UV_EINVAL;
  if (uv__is_closing(uv__handle(pipe)) || uv__pipe_is(pipe, UV__PIPE_SERVER))
    return UV_EINVAL;
  if (pipe->pipe.conn.connect_req != NULL)
    return UV_EALREADY;
  if (uv__pipe_is(pipe, UV__PIPE_CONNECTED))
    return UV_EBUSY;

  init(req, pipe, cb);
  begin(req, pipe, name, len);
  return 0;
}

void uv_pipe_connect(uv_connect_t* req, uv_pipe_t* pipe, const char* name, uv_connect_cb cb) {
  int err = uv_pipe_connect2(req, pipe, name, name != NULL ? strlen(name) : 0, 0, cb);

  if (err == 0)
    return;
  init(req, pipe, cb);
  if (uv__is_closing(uv__handle(pipe)) && !uv__pipe_is(pipe, UV_HANDLE_CLOSE_WAITS))
    leave_to_finish(req, pipe);
  else
    report(req, uv__is_closing(uv__handle(pipe)) ? UV_ECANCELED : err);
}

/* -- The end ----------------------------------------------------------------------------------- */

void uv__pipe_connect_cancel(uv_pipe_t* pipe) {
  uv__store_relaxed(&pipe->pipe.conn.connect_cancelled, true);
}

/* What the thread has found becomes the connection, unless the handle has been closed meanwhile. */
static int take_found(uv_connect_t* req, uv_pipe_t* pipe) {
  HANDLE file = req->u.connect.pipeHandle;

  if (file == INVALID_HANDLE_VALUE || uv__is_closing(uv__handle(pipe))) {
    if (file != INVALID_HANDLE_VALUE)
      CloseHandle(file);
    uv__free(req->u.connect.name);
    return (int) (intptr_t) req->u.connect.result;
  }
  return use_file(pipe, file, req->u.connect.duplex_flags, req->u.connect.name);
}

static int end_connecting(uv_connect_t* req, uv_pipe_t* pipe) {
  int status;

  pipe->flags &= ~(unsigned) (UV__PIPE_CONNECTING | UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  status = take_found(req, pipe);
  if (pipe->flags & UV_HANDLE_SHUTTING)
    pipe->flags &= ~(unsigned) UV_HANDLE_WRITABLE;
  uv__pipe_read_connected(pipe);
  uv__pipe_write_connected(pipe);
  return status;
}

void uv__pipe_connect_done(uv_pipe_t* pipe, uv_connect_t* req) {
  int status = (int) (intptr_t) req->u.connect.result;
  bool was_under_way = !uv__pipe_is(pipe, UV__PIPE_SERVER) && pipe->pipe.conn.connect_req == req;

  if (was_under_way) {
    pipe->pipe.conn.connect_req = NULL;
    if (uv__pipe_is_connecting(pipe))
      status = end_connecting(req, pipe);
    if (uv__is_closing(uv__handle(pipe)))
      status = UV_ECANCELED;
  }
  uv__pipe_req_stop(pipe);
  if (req->cb != NULL)
    req->cb(req, status);
}
