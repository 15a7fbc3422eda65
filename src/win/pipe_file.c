/* The file of a connected pipe: what it is found to be, the operations on it that wait for nothing,
 * and what counts for the handle meanwhile. */
#include "error_sys.h"
#include "event_packet.h"
#include "nt.h"
#include "pipe.h"
#include "text.h"

#include <string.h>

/* -- Counting ---------------------------------------------------------------------------------- */

void uv__pipe_activate(uv_pipe_t* pipe) {
  pipe->activecnt++;
  if (!uv__is_closing(uv__handle(pipe)))
    uv__handle_start(uv__handle(pipe));
}

void uv__pipe_deactivate(uv_pipe_t* pipe) {
  pipe->activecnt--;
  if (pipe->activecnt == 0 && !uv__is_closing(uv__handle(pipe)))
    uv__handle_stop(uv__handle(pipe));
}

void uv__pipe_req_start(uv_pipe_t* pipe, uv_req_t* req, uv_req_type type) {
  uv__req_start(pipe->loop, req, type);
  pipe->reqs_pending++;
  uv__pipe_activate(pipe);
}

void uv__pipe_req_stop(uv_pipe_t* pipe) {
  uv__req_stop(pipe->loop);
  uv__pipe_deactivate(pipe);
}

/* -- Opening ----------------------------------------------------------------------------------- */

/* Has reads take bytes and wait for them. Who may not change that may still use a pipe that is so
 * already. */
static int set_mode(HANDLE file) {
  DWORD mode = PIPE_READMODE_BYTE | PIPE_WAIT;

  if (SetNamedPipeHandleState(file, &mode, NULL, NULL))
    return 0;
  switch (GetLastError()) {
    case ERROR_ACCESS_DENIED:
      if (!GetNamedPipeHandleStateW(file, &mode, NULL, NULL, NULL, NULL, 0))
        return uv_translate_sys_error((int) GetLastError());
      return mode & PIPE_NOWAIT ? UV_EACCES : 0;
    case ERROR_INVALID_PARAMETER:
      return UV_ENOTSOCK; /* no pipe */
    default:
      return uv_translate_sys_error((int) GetLastError());
  }
}

static int find_blocking(HANDLE file, bool* is_blocking) {
  FILE_MODE_INFORMATION info;
  IO_STATUS_BLOCK io;
  NTSTATUS status = NtQueryInformationFile(file, &io, &info, sizeof(info), FileModeInformation);

  if (!UV__NT_SUCCESS(status))
    return uv__translate_status(status);
  *is_blocking = (info.Mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)) != 0;
  return 0;
}

int uv__pipe_open_file(uv_pipe_t* pipe, HANDLE file, unsigned int direction, bool is_attached) {
  bool is_blocking = false;
  int err = 0;

  if (!is_attached) {
    err = set_mode(file);
    if (err == 0)
      err = find_blocking(file, &is_blocking);
    if (err == 0 && is_blocking && pipe->ipc)
      err = UV_EINVAL;
  }
  if (err != 0)
    return err;

  if (is_blocking)
    pipe->flags |= UV__PIPE_BLOCKING;
  else if (!is_attached && uv__iocp_attach(pipe->loop, file) != 0)
    pipe->flags |= UV__PIPE_NO_PORT;
  pipe->handle = file;
  pipe->flags |= UV__PIPE_CONNECTED | direction;
  return 0;
}

bool uv__pipe_is_unused(const uv_pipe_t* pipe) {
  return !uv__pipe_is(pipe, UV__PIPE_SERVER | UV__PIPE_CONNECTED) &&
         pipe->pipe.conn.connect_req == NULL;
}

/* -- Closing ----------------------------------------------------------------------------------- */

void uv__pipe_close_file(uv_pipe_t* pipe) {
  HANDLE file = pipe->handle;

  if (!uv__pipe_has_file(pipe))
    return;
  uv__gate_close(&pipe->pipe.conn.gate);
  /* Closing ends what is under way only if no other process has the file. */
  if (!uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    CancelIoEx(file, NULL);
  pipe->handle = INVALID_HANDLE_VALUE;
  if (pipe->u.fd != -1)
    _close(pipe->u.fd);
  else
    CloseHandle(file);
  pipe->u.fd = -1;
}

/* -- Operations that the loop's thread waits for ----------------------------------------------- */

int uv__pipe_need_event(uv_pipe_t* pipe) {
  if (pipe->pipe.conn.event != NULL || uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    return 0;
  pipe->pipe.conn.event = CreateEventW(NULL, TRUE, FALSE, NULL);
  return pipe->pipe.conn.event != NULL ? 0 : uv_translate_sys_error((int) GetLastError());
}

/* A buffer that is filled only in part because the sender put messages in is filled. */
static DWORD unless_message(DWORD error) {
  return error == ERROR_MORE_DATA ? 0 : error;
}

static DWORD read_overlapped(uv_pipe_t* pipe, void* bytes, DWORD len, DWORD* got) {
  /* With the lowest bit of the event set no packet is sent. */
  OVERLAPPED operation = {.hEvent = (HANDLE) ((uintptr_t) pipe->pipe.conn.event | 1)};
  DWORD error;

  if (ReadFile(pipe->handle, bytes, len, got, &operation))
    return 0;
  error = GetLastError();
  if (error != ERROR_IO_PENDING)
    return unless_message(error);

  CancelIoEx(pipe->handle, &operation);
  if (GetOverlappedResult(pipe->handle, &operation, got, TRUE))
    return 0;
  error = GetLastError();
  if (error != ERROR_OPERATION_ABORTED)
    return unless_message(error);
  *got = 0;
  return 0;
}

/* While somebody writes there is nothing to be read: the next probe waits until that is over. */
static DWORD read_blocking(uv_pipe_t* pipe, void* bytes, DWORD len, DWORD* got) {
  struct uv__pipe_gate* gate = &pipe->pipe.conn.gate;
  DWORD available = 0;
  DWORD error = 0;

  if (!uv__gate_hold_idle(gate))
    return 0;
  if (!PeekNamedPipe(pipe->handle, NULL, 0, NULL, &available, NULL))
    error = GetLastError();
  if (len > available)
    len = available;
  if (error == 0 && len > 0 && !ReadFile(pipe->handle, bytes, len, got, NULL))
    error = unless_message(GetLastError());
  uv__gate_release(gate);
  return error;
}

DWORD uv__pipe_read_now(uv_pipe_t* pipe, void* bytes, size_t len, DWORD* got) {
  enum { MOST_BYTES = 0x7ffff000 };

  *got = 0;
  if (len > MOST_BYTES)
    len = MOST_BYTES;
  if (uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    return read_blocking(pipe, bytes, (DWORD) len, got);
  return read_overlapped(pipe, bytes, (DWORD) len, got);
}

/* -- Operations that requests stand for -------------------------------------------------------- */

int uv__pipe_prepare(uv_pipe_t* pipe, uv_req_t* req, HANDLE* event, HANDLE* wait) {
  *event = NULL;
  *wait = NULL;
  req->u.io.queued_bytes = 0;
  if (uv__pipe_is(pipe, UV__PIPE_NO_PORT))
    return uv__event_packet_open(pipe->loop, req, event, wait);
  uv__req_prepare(req);
  return 0;
}

DWORD uv__pipe_start_thread(LPTHREAD_START_ROUTINE run, void* arg) {
  return QueueUserWorkItem(run, arg, WT_EXECUTELONGFUNCTION) ? 0 : GetLastError();
}

/* -- Names ------------------------------------------------------------------------------------- */

bool uv__pipe_name_valid(const char* name, size_t len, unsigned int flags) {
  if ((flags & ~(unsigned int) UV_PIPE_NO_TRUNCATE) != 0 || name == NULL || len == 0)
    return false;
  return memchr(name, '\0', len) == NULL;
}

int uv__pipe_wide_name(const char* name, size_t len, WCHAR** wide) {
  char* text = uv__malloc(len + 1);
  int err;

  *wide = NULL;
  if (text == NULL)
    return UV_ENOMEM;
  memcpy(text, name, len);
  text[len] = '\0';
  err = uv__text_to_wide(text, wide);
  uv__free(text);
  return err;
}

int uv__pipe_query_name(HANDLE file, WCHAR name[UV__PIPE_NAME_ROOM], size_t* len) {
  static const WCHAR prefix[] = L"\\\\?\\pipe";
  enum { PREFIX_LEN = sizeof(prefix) / sizeof(prefix[0]) - 1 };
  union {
    FILE_NAME_INFORMATION info;
    char room[sizeof(FILE_NAME_INFORMATION) + UV__PIPE_NAME_ROOM];
  } answer;
  IO_STATUS_BLOCK io;
  NTSTATUS status;
  size_t name_len;

  status = NtQueryInformationFile(file, &io, &answer, sizeof(answer), FileNameInformation);
  if (!UV__NT_SUCCESS(status))
    return uv__translate_status(status);

  name_len = answer.info.FileNameLength / sizeof(WCHAR);
  memcpy(name, prefix, sizeof(prefix));
  memcpy(name + PREFIX_LEN, answer.info.FileName, name_len * sizeof(WCHAR));
  *len = PREFIX_LEN + name_len;
  return 0;
}
