/* Writing to pipes.
 *
 * A write is one WriteFile(), so that what was given together arrives together: several buffers,
 * and frames of IPC pipes, are copied into one. On files that are not overlapped a thread writes
 * what is queued, in order. */
#include "error_sys.h"
#include "event_packet.h"
#include "pipe.h"
#include "poison.h"
#include "stream.h"

#include <string.h>

static int join(const uv_buf_t bufs[], unsigned int nbufs, size_t len, uv_buf_t* joined) {
  char* end = uv__malloc(len > 0 ? len : 1);

  if (end == NULL)
    return UV_ENOMEM;
  *joined = uv_buf_init(end, (unsigned int) len);
  for (unsigned int i = 0; i < nbufs; i++) {
    if (bufs[i].len > 0)
      memcpy(end, bufs[i].base, bufs[i].len);
    end += bufs[i].len;
  }
  return 0;
}

/* What is to be written, and whether it is memory of ours. */
static int make_buffer(uv_write_t* req, const uv_buf_t bufs[], unsigned int nbufs, size_t len) {
  req->coalesced = nbufs > 1;
  if (nbufs > 1)
    return join(bufs, nbufs, len, &req->write_buffer);
  req->write_buffer = bufs[0];
  return 0;
}

static void free_buffer(uv_write_t* req) {
  if (req->coalesced)
    uv__free(req->write_buffer.base);
  req->coalesced = 0;
}

/* Puts a frame around what is to be written. */
static int make_frame(uv_pipe_t* pipe, uv_write_t* req) {
  uv_buf_t frame;
  int err = uv__ipc_make_frame(pipe, &req->write_buffer, req->send_handle, &frame);

  if (err != 0)
    return err;
  free_buffer(req);
  req->write_buffer = frame;
  req->coalesced = 1;
  return 0;
}

/* -- In a thread ------------------------------------------------------------------------------- */

static void write_blocking(uv_pipe_t* pipe, uv_write_t* req) {
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  DWORD error = uv__gate_enter_writer(gate);
  DWORD count = 0;

  if (error == 0) {
    if (!WriteFile(pipe->handle, req->write_buffer.base, req->write_buffer.len, &count, NULL))
      error = GetLastError();
    uv__gate_leave_writer(gate);
  }
  uv__req_finish(uv__req(req), error, count);
}

/* A request that has been posted may be the last thing that kept the pipe's memory, so that is done
 * when nothing else is left to do with it. */
static DWORD WINAPI write_in_thread(void* arg) {
  uv_pipe_t* pipe = arg;
  uv_loop_t* loop = pipe->loop;
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  uv_write_t* req = uv__gate_pop_write(gate);

  while (req != NULL) {
    write_blocking(pipe, req);
    uv_write_t* next = uv__gate_pop_write(gate);
    uv__iocp_post(loop, uv__req(req));
    req = next;
  }
  return 0;
}

/* -- Beginning --------------------------------------------------------------------------------- */

/* Ends a request within the call, behind those that are on their way to the loop. */
static void finish(uv_pipe_t* pipe, uv_write_t* req, DWORD error) {
  uv__req_finish(uv__req(req), error, 0);
  if (pipe->stream.conn.write_reqs_pending > 1)
    uv__iocp_post(pipe->loop, uv__req(req));
  else
    uv__iocp_queue(pipe->loop, uv__req(req));
}

static DWORD queue_for_thread(uv_pipe_t* pipe, uv_write_t* req) {
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  DWORD error = 0;

  if (uv__gate_push_write(gate, req)) {
    error = uv__pipe_start_thread(write_in_thread, pipe);
    if (error != 0)
      uv__gate_drop_writes(gate);
  }
  return error;
}

static void write_and_wait(uv_pipe_t* pipe, uv_write_t* req) {
  OVERLAPPED* overlapped = &req->u.io.overlapped;
  DWORD count = 0;
  DWORD error = 0;

  if (uv__pipe_is(pipe, UV__PIPE_BLOCKING)) {
    uv__gate_begin_writing(&pipe->pipe.conn.gate);
    write_blocking(pipe, req);
    uv__gate_end_writing(&pipe->pipe.conn.gate);
    error = uv__req_succeeded(uv__req(req)) ? 0 : uv__req_file_error(uv__req(req));
  } else if (uv__pipe_need_event(pipe) != 0) {
    error = ERROR_NOT_ENOUGH_MEMORY;
  } else {
    uv__req_prepare(uv__req(req));
    overlapped->hEvent = (HANDLE) ((uintptr_t) pipe->pipe.conn.event | 1); /* and no packet */
    if (!WriteFile(pipe->handle, req->write_buffer.base, req->write_buffer.len, NULL, overlapped))
      error = GetLastError();
    if (error == ERROR_IO_PENDING)
      error = GetOverlappedResult(pipe->handle, overlapped, &count, TRUE) ? 0 : GetLastError();
  }
  finish(pipe, req, error);
}

static void count_queued(uv_pipe_t* pipe, uv_write_t* req, size_t len) {
  req->u.io.queued_bytes = len;
  pipe->write_queue_size += len;
}

static void begin(uv_pipe_t* pipe, uv_write_t* req, size_t len) {
  DWORD error = 0;

  if (uv__pipe_is(pipe, UV_HANDLE_BLOCKING_WRITES)) {
    write_and_wait(pipe, req);
    return;
  }
  if (uv__pipe_is(pipe, UV__PIPE_BLOCKING)) {
    count_queued(pipe, req, len); /* before the thread can have written it */
    error = queue_for_thread(pipe, req);
  } else if (!WriteFile(pipe->handle, req->write_buffer.base, req->write_buffer.len, NULL,
                        &req->u.io.overlapped)) {
    error = GetLastError();
    if (error == ERROR_IO_PENDING) {
      count_queued(pipe, req, len);
      error = 0;
    }
  }
  if (error != 0)
    finish(pipe, req, error);
}

/* -- The interface to streams ------------------------------------------------------------------ */

static int check_sent_handle(const uv_pipe_t* pipe, const uv_stream_t* send_handle) {
  if (send_handle == NULL)
    return 0;
  if (!pipe->ipc)
    return UV_EINVAL;
  return send_handle->type == UV_TCP ? 0 : UV_ENOTSUP;
}

static int prepare(uv_pipe_t* pipe, uv_write_t* req) {
  int err = pipe->ipc ? make_frame(pipe, req) : 0;

  if (err == 0)
    err = uv__pipe_prepare(pipe, uv__req(req), &req->event_handle, &req->wait_handle);
  return err;
}

int uv__pipe_write(uv_write_t* req, uv_pipe_t* pipe, const uv_buf_t bufs[], unsigned int nbufs,
                   size_t len, uv_stream_t* send_handle, uv_write_cb cb) {
  bool must_wait = uv__pipe_is_connecting(pipe);
  int err = check_sent_handle(pipe, send_handle);

  if (err != 0)
    return err;
  if (!uv__pipe_has_file(pipe) && !must_wait)
    return UV_EPIPE;
  req->handle = (uv_stream_t*) pipe;
  req->send_handle = send_handle;
  req->cb = cb;
  req->event_handle = NULL;
  req->wait_handle = NULL;
  err = make_buffer(req, bufs, nbufs, len);
  if (err != 0)
    return err;
  if (!must_wait)
    err = prepare(pipe, req);
  if (err != 0) {
    free_buffer(req);
    return err;
  }

  uv__pipe_req_start(pipe, uv__req(req), UV_WRITE);
  pipe->stream.conn.write_reqs_pending++;
  if (must_wait) {
    count_queued(pipe, req, len);
    uv__gate_push_write(&pipe->pipe.conn.gate, req);
  } else {
    begin(pipe, req, len);
  }
  return 0;
}

void uv__pipe_write_connected(uv_pipe_t* pipe) {
  bool is_connected = uv__pipe_has_file(pipe) && !uv__is_closing(uv__handle(pipe));
  uv_write_t* req;

  while ((req = uv__gate_pop_write(&pipe->pipe.conn.gate)) != NULL) {
    size_t len = req->u.io.queued_bytes;
    pipe->write_queue_size -= len;
    req->u.io.queued_bytes = 0;
    if (!is_connected)
      finish(pipe, req, ERROR_OPERATION_ABORTED);
    else if (prepare(pipe, req) != 0)
      finish(pipe, req, ERROR_NOT_ENOUGH_MEMORY);
    else
      begin(pipe, req, len);
  }
  uv__pipe_shutdown_begin(pipe);
}

/* What room there is cannot be told from what another process is about to fill. */
int uv__pipe_try_write(uv_pipe_t* pipe, const uv_buf_t bufs[], unsigned int nbufs) {
  (void) bufs;
  (void) nbufs;
  if (!uv__pipe_is(pipe, UV_HANDLE_WRITABLE))
    return uv__pipe_is(pipe, UV__PIPE_CONNECTED | UV__PIPE_SERVER) ? UV_EPIPE : UV_EBADF;
  return UV_EAGAIN;
}

int uv__pipe_set_blocking(uv_pipe_t* pipe, bool blocking) {
  if (!uv__pipe_has_file(pipe) || uv__is_closing(uv__handle(pipe)))
    return UV_EBADF;
  if (blocking)
    pipe->flags |= UV_HANDLE_BLOCKING_WRITES;
  else
    pipe->flags &= ~(unsigned) UV_HANDLE_BLOCKING_WRITES;
  return 0;
}

void uv__pipe_write_done(uv_pipe_t* pipe, uv_write_t* req) {
  int status = 0;

  if (!uv__req_succeeded(uv__req(req)))
    status = uv__is_closing(uv__handle(pipe))
                 ? UV_ECANCELED
                 : uv__translate_write_error(uv__req_file_error(uv__req(req)));
  pipe->write_queue_size -= req->u.io.queued_bytes;
  uv__event_packet_close(&req->event_handle, &req->wait_handle);
  free_buffer(req);
  uv__req_poison(uv__req(req));
  pipe->stream.conn.write_reqs_pending--;
  uv__pipe_req_stop(pipe);
  uv__pipe_shutdown_begin(pipe);
  if (req->cb != NULL)
    req->cb(req, status);
}
