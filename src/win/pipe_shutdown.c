/* Shutting pipes down: what was written is to be read by the peer before the file is closed, since
 * closing drops the rest. */
#include "error_sys.h"
#include "nt.h"
#include "pipe.h"
#include "stream.h"

/* Whether the peer has read all. Where that cannot be found out, a flush waits for it. */
static bool is_all_read(uv_pipe_t* pipe) {
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  bool is_blocking = uv__pipe_is(pipe, UV__PIPE_BLOCKING);
  FILE_PIPE_LOCAL_INFORMATION info;
  IO_STATUS_BLOCK io;
  NTSTATUS status;

  if (is_blocking && !uv__gate_hold(gate))
    return false;
  status = NtQueryInformationFile(pipe->handle, &io, &info, sizeof(info), FilePipeLocalInformation);
  if (is_blocking)
    uv__gate_release(gate);
  return UV__NT_SUCCESS(status) && info.OutboundQuota == info.WriteQuotaAvailable;
}

/* A peer that has gone without reading all is no failure: nothing more can be written, which is
 * what was asked for. */
static DWORD WINAPI flush_in_thread(void* arg) {
  uv_shutdown_t* req = arg;
  uv_pipe_t* pipe = (uv_pipe_t*) req->handle;
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  DWORD error = uv__gate_enter_writer(gate);

  if (error == 0) {
    FlushFileBuffers(pipe->handle);
    uv__gate_leave_writer(gate);
  }
  uv__gate_end_writing(gate);
  uv__req_finish(uv__req(req), error, 0);
  uv__iocp_post(pipe->loop, uv__req(req));
  return 0;
}

void uv__pipe_shutdown_begin(uv_pipe_t* pipe) {
  uv_shutdown_t* req = pipe->stream.conn.shutdown_req;
  DWORD error = 0;

  if (req == NULL || pipe->stream.conn.write_reqs_pending > 0 || uv__pipe_is_connecting(pipe))
    return;
  uv__req_prepare(uv__req(req));
  if (uv__is_closing(uv__handle(pipe)) || !uv__pipe_is(pipe, UV__PIPE_CONNECTED)) {
    error = ERROR_OPERATION_ABORTED;
  } else if (uv__pipe_has_file(pipe) && !is_all_read(pipe)) {
    uv__gate_begin_writing(&pipe->pipe.conn.gate);
    error = uv__pipe_start_thread(flush_in_thread, req);
    if (error == 0)
      return;
    uv__gate_end_writing(&pipe->pipe.conn.gate);
  }
  uv__req_finish(uv__req(req), error, 0);
  uv__iocp_queue(pipe->loop, uv__req(req));
}

void uv__pipe_shutdown(uv_shutdown_t* req, uv_pipe_t* pipe, uv_shutdown_cb cb) {
  req->handle = (uv_stream_t*) pipe;
  req->cb = cb;
  uv__pipe_req_start(pipe, uv__req(req), UV_SHUTDOWN);
  pipe->flags |= UV_HANDLE_SHUTTING;
  pipe->flags &= ~(unsigned) UV_HANDLE_WRITABLE;
  pipe->stream.conn.shutdown_req = req;
  uv__pipe_shutdown_begin(pipe);
}

/* Who only writes is done with the file; who reads waits for the peer's end. */
static void end_writing(uv_pipe_t* pipe) {
  pipe->flags |= UV_HANDLE_SHUT;
  if (uv__pipe_is(pipe, UV_HANDLE_READABLE))
    uv__pipe_expect_end(pipe);
  else
    uv__pipe_close_file(pipe);
}

void uv__pipe_shutdown_done(uv_pipe_t* pipe, uv_shutdown_t* req) {
  int status = 0;

  pipe->stream.conn.shutdown_req = NULL;
  pipe->flags &= ~(unsigned) UV_HANDLE_SHUTTING;
  if (uv__is_closing(uv__handle(pipe)))
    status = UV_ECANCELED;
  else if (!uv__req_succeeded(uv__req(req)))
    status = uv__translate_write_error(uv__req_file_error(uv__req(req)));
  else
    end_writing(pipe);

  uv__pipe_req_stop(pipe);
  if (req->cb != NULL)
    req->cb(req, status);
}
