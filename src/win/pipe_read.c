/* Reading from pipes.
 *
 * A read of no bytes ends when there is something to read, so no memory waits in the kernel. What
 * is there is then read without waiting, until a buffer is not filled. On files that are not
 * overlapped a thread waits in the read of no bytes.
 *
 * A pipe has no half-close. After our shutdown the peer is to end the connection when it has
 * answered; if it does not, the loop ends it after a while, as a half-close would have had it. */
#include "error_sys.h"
#include "event_packet.h"
#include "pipe.h"
#include "poison.h"
#include "stream.h"

enum {
  MOST_READS = 32, /* of one event, so that others get their turn */
  SUGGESTED_SIZE = 64 * 1024,
  END_TIMEOUT_MS = 50
};

static bool is_reading(const uv_pipe_t* pipe) {
  return uv__pipe_is(pipe, UV_HANDLE_READING);
}

static void stop(uv_pipe_t* pipe) {
  if (!is_reading(pipe))
    return;
  pipe->flags &= ~(unsigned) UV_HANDLE_READING;
  uv__pipe_deactivate(pipe);
}

/* -- The end ----------------------------------------------------------------------------------- */

static void tell_end(uv_pipe_t* pipe, int err, const uv_buf_t* buf) {
  stop(pipe);
  if (err != UV_EOF)
    pipe->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  pipe->read_cb((uv_stream_t*) pipe, err, buf);
}

static const uv_buf_t no_buf = {0, NULL};

static uv_timer_t* end_timer(uv_pipe_t* pipe) {
  return &pipe->pipe.conn.eof_timer;
}

static void end_of_waiting(uv_timer_t* timer) {
  uv_pipe_t* pipe = timer->data;

  uv__pipe_close_file(pipe);
  tell_end(pipe, UV_EOF, &no_buf);
}

static bool expects_end(const uv_pipe_t* pipe) {
  return pipe->pipe.conn.eof_timer.loop != NULL;
}

static void watch_end(uv_pipe_t* pipe) {
  if (expects_end(pipe) && uv__pipe_has_file(pipe) && is_reading(pipe))
    uv_timer_start(end_timer(pipe), end_of_waiting, END_TIMEOUT_MS, 0);
}

static void unwatch_end(uv_pipe_t* pipe) {
  if (expects_end(pipe))
    uv_timer_stop(end_timer(pipe));
}

void uv__pipe_expect_end(uv_pipe_t* pipe) {
  uv_timer_t* timer = end_timer(pipe);

  uv_timer_init(pipe->loop, timer);
  uv_unref(uv__handle(timer));
  timer->flags |= UV_HANDLE_INTERNAL;
  timer->data = pipe;
  if (uv__pipe_is(pipe, UV__PIPE_READ_PENDING))
    watch_end(pipe);
}

/* -- Waiting for data -------------------------------------------------------------------------- */

static DWORD WINAPI wait_in_thread(void* arg) {
  uv_pipe_t* pipe = arg;
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  DWORD error = uv__gate_enter_reader(gate);
  char nothing;

  if (error == 0) {
    DWORD got;
    if (!ReadFile(pipe->handle, &nothing, 0, &got, NULL))
      error = GetLastError();
    uv__gate_leave_reader(gate);
  }
  uv__req_finish(uv__req(&pipe->read_req), error, 0);
  uv__iocp_post(pipe->loop, uv__req(&pipe->read_req));
  return 0;
}

static DWORD wait_blocking(uv_pipe_t* pipe) {
  uv__gate_resume_reader(&pipe->pipe.conn.gate);
  return uv__pipe_start_thread(wait_in_thread, pipe);
}

static DWORD wait_overlapped(uv_pipe_t* pipe) {
  static char nothing;

  if (ReadFile(pipe->handle, &nothing, 0, NULL, &pipe->read_req.u.io.overlapped) ||
      GetLastError() == ERROR_IO_PENDING)
    return 0;
  return GetLastError();
}

static void wait_for_data(uv_pipe_t* pipe) {
  uv_read_t* req = &pipe->read_req;
  DWORD error;

  uv__req_poison_check(uv__req(req));
  req->type = UV_READ;
  req->data = pipe;
  pipe->flags |= UV__PIPE_READ_PENDING;
  pipe->reqs_pending++;
  if (!uv__pipe_has_file(pipe))
    error = ERROR_BROKEN_PIPE; /* ended before, and tells so again */
  else if (uv__pipe_prepare(pipe, uv__req(req), &req->event_handle, &req->wait_handle) != 0)
    error = ERROR_NOT_ENOUGH_MEMORY;
  else if (uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    error = wait_blocking(pipe);
  else
    error = wait_overlapped(pipe);
  if (error != 0) {
    uv__req_finish(uv__req(req), error, 0);
    uv__iocp_queue(pipe->loop, uv__req(req));
  }
  watch_end(pipe);
}

static void interrupt_waiting(uv_pipe_t* pipe) {
  unwatch_end(pipe);
  if (!uv__pipe_is(pipe, UV__PIPE_READ_PENDING) || !uv__pipe_has_file(pipe))
    return;
  if (uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    uv__gate_stop_reader(&pipe->pipe.conn.gate);
  else
    CancelIoEx(pipe->handle, &pipe->read_req.u.io.overlapped);
}

/* -- Starting and stopping --------------------------------------------------------------------- */

int uv__pipe_read_start(uv_pipe_t* pipe, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  int err = 0;

  if (!uv__pipe_is(pipe, UV__PIPE_CONNECTED | UV__PIPE_CONNECTING))
    return UV_EINVAL;
  if (uv__pipe_has_file(pipe))
    err = uv__pipe_need_event(pipe);
  if (err == 0 && pipe->ipc)
    err = uv__ipc_need(pipe);
  if (err != 0)
    return err;

  pipe->flags |= UV_HANDLE_READING;
  pipe->alloc_cb = alloc_cb;
  pipe->read_cb = read_cb;
  uv__pipe_activate(pipe);
  /* A wait that a stop has interrupted begins anew when it has come back. */
  if (!uv__pipe_is(pipe, UV__PIPE_READ_PENDING | UV__PIPE_CONNECTING))
    wait_for_data(pipe);
  return 0;
}

/* At once: who else reads from the file, such as a child, would lose what a waiting read takes. */
void uv__pipe_read_stop(uv_pipe_t* pipe) {
  stop(pipe);
  interrupt_waiting(pipe);
}

void uv__pipe_read_connected(uv_pipe_t* pipe) {
  if (!is_reading(pipe))
    return;
  if (uv__pipe_has_file(pipe) && uv__pipe_need_event(pipe) == 0)
    wait_for_data(pipe);
  else
    stop(pipe);
}

void uv__pipe_read_close(uv_pipe_t* pipe) {
  stop(pipe);
  unwatch_end(pipe);
  if (expects_end(pipe))
    uv__handle_unlink(uv__handle(end_timer(pipe)));
  end_timer(pipe)->loop = NULL;
}

/* -- Reading ----------------------------------------------------------------------------------- */

/* Whether the callbacks so far have left the pipe as it is to be read on. */
static bool may_go_on(const uv_pipe_t* pipe) {
  return is_reading(pipe) && !uv__pipe_is(pipe, UV__PIPE_READ_PENDING);
}

static void tell_error(uv_pipe_t* pipe, DWORD error, const uv_buf_t* buf) {
  tell_end(pipe, uv_translate_sys_error((int) error), buf);
}

/* Reads up to `most` bytes into the user's memory. True if there may be more. */
static bool read_data(uv_pipe_t* pipe, size_t most, DWORD* got) {
  uv_stream_t* stream = (uv_stream_t*) pipe;
  uv_buf_t buf = {0, NULL};
  size_t len;
  DWORD error;

  *got = 0;
  pipe->alloc_cb(uv__handle(pipe), most < SUGGESTED_SIZE ? most : SUGGESTED_SIZE, &buf);
  if (!may_go_on(pipe))
    return false;
  if (buf.base == NULL || buf.len == 0) {
    pipe->read_cb(stream, UV_ENOBUFS, &buf);
    return false;
  }
  len = buf.len < most ? buf.len : most;
  error = uv__pipe_read_now(pipe, buf.base, len, got);
  if (error != 0) {
    tell_error(pipe, error, &buf);
    return false;
  }
  if (pipe->ipc)
    uv__ipc_payload_came(pipe, *got);
  pipe->read_cb(stream, (ssize_t) *got, &buf);
  return *got == len;
}

/* Reads bytes of a frame's header. True if there may be more. */
static bool read_head(uv_pipe_t* pipe) {
  size_t len;
  void* room = uv__ipc_head_room(pipe, &len);
  DWORD got;
  DWORD error = uv__pipe_read_now(pipe, room, len, &got);
  int err;

  if (error != 0) {
    tell_error(pipe, error, &no_buf);
    return false;
  }
  err = uv__ipc_head_came(pipe, got);
  if (err == UV_ENOMEM)
    pipe->read_cb((uv_stream_t*) pipe, err, &no_buf); /* a socket was lost, the stream goes on */
  else if (err != 0)
    tell_end(pipe, err, &no_buf);
  return got == len;
}

static bool read_once(uv_pipe_t* pipe) {
  DWORD got;

  if (!pipe->ipc)
    return read_data(pipe, SIZE_MAX, &got);
  if (uv__ipc_payload_left(pipe) == 0)
    return read_head(pipe);
  return read_data(pipe, uv__ipc_payload_left(pipe), &got);
}

void uv__pipe_read_done(uv_pipe_t* pipe) {
  uv_req_t* req = uv__req(&pipe->read_req);
  DWORD error = uv__req_succeeded(req) ? 0 : uv__req_file_error(req);

  uv__req_poison(req);
  pipe->flags &= ~(unsigned) UV__PIPE_READ_PENDING;
  uv__event_packet_close(&pipe->read_req.event_handle, &pipe->read_req.wait_handle);
  unwatch_end(pipe);
  if (!is_reading(pipe))
    return;

  if (error == 0) {
    for (int i = 0; i < MOST_READS && may_go_on(pipe); i++)
      if (!read_once(pipe))
        break;
  } else if (error != ERROR_OPERATION_ABORTED) {
    tell_error(pipe, error, &no_buf);
  }
  if (may_go_on(pipe))
    wait_for_data(pipe);
}
