/* Connected pairs of pipes: a server with a single instance, under a name that is used once, and
 * the client of it. */
#include "pipe_pair.h"

#include "../atomic.h"
#include "pipe.h"

#include <errno.h>
#include <stdio.h>

enum {
  MOST_NAMES = 1000, /* tried, where others have them */
  NAME_ROOM = 96,
  BUFFER_LEN = 64 * 1024
};

/* What the ends of a pair are to be. */
struct pair_plan {
  DWORD server_access;
  DWORD server_flags;
  DWORD client_access;
  DWORD client_flags;
  bool is_client_inheritable;
};

static HANDLE make_server(const WCHAR* name, const struct pair_plan* plan) {
  return CreateNamedPipeW(
      name, plan->server_access | plan->server_flags | WRITE_DAC | FILE_FLAG_FIRST_PIPE_INSTANCE,
      PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, 1, BUFFER_LEN, BUFFER_LEN, 0, NULL);
}

static HANDLE make_client(const WCHAR* name, const struct pair_plan* plan) {
  SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                    .bInheritHandle = plan->is_client_inheritable};

  return CreateFileW(name, plan->client_access, 0, &attributes, OPEN_EXISTING, plan->client_flags,
                     NULL);
}

/* Tells the server's end that it is connected, as it is. */
static DWORD connect_server(HANDLE server, DWORD server_flags) {
  OVERLAPPED operation = {0};
  DWORD error;
  DWORD count;

  if (!(server_flags & FILE_FLAG_OVERLAPPED)) {
    if (ConnectNamedPipe(server, NULL) || GetLastError() == ERROR_PIPE_CONNECTED)
      return 0;
    return GetLastError();
  }
  operation.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (operation.hEvent == NULL)
    return GetLastError();
  error = ConnectNamedPipe(server, &operation) ? 0 : GetLastError();
  if (error == ERROR_IO_PENDING)
    error = GetOverlappedResult(server, &operation, &count, TRUE) ? 0 : GetLastError();
  CloseHandle(operation.hEvent);
  return error == ERROR_PIPE_CONNECTED ? 0 : error;
}

static DWORD try_name(const WCHAR* name, const struct pair_plan* plan, HANDLE* server,
                      HANDLE* client) {
  DWORD error = 0;

  *server = make_server(name, plan);
  if (*server == INVALID_HANDLE_VALUE)
    return GetLastError();
  *client = make_client(name, plan);
  if (*client == INVALID_HANDLE_VALUE)
    error = GetLastError();
  else
    error = connect_server(*server, plan->server_flags);
  if (error != 0) {
    if (*client != INVALID_HANDLE_VALUE)
      CloseHandle(*client);
    CloseHandle(*server);
  }
  return error;
}

/* 0 or a UV_E code. */
static int make_pair(const struct pair_plan* plan, HANDLE* server, HANDLE* client) {
  static unsigned int last_number; /* atomic */
  WCHAR name[NAME_ROOM];
  DWORD error = ERROR_PIPE_BUSY;

  for (int i = 0; i < MOST_NAMES && (error == ERROR_PIPE_BUSY || error == ERROR_ACCESS_DENIED);
       i++) {
    swprintf(name, NAME_ROOM, L"\\\\?\\pipe\\uv\\%u-%lu", uv__fetch_add(&last_number, 1u),
             GetCurrentProcessId());
    error = try_name(name, plan, server, client);
  }
  return uv_translate_sys_error((int) error);
}

/* -- For children ------------------------------------------------------------------------------ */

/* Rights on attributes let each end set and ask for its mode; how much the child has read can only
 * be asked by an end that reads. */
static struct pair_plan plan_for_child(const uv_pipe_t* parent, unsigned int flags) {
  bool child_reads = (flags & UV_READABLE_PIPE) != 0;
  bool child_writes = (flags & UV_WRITABLE_PIPE) != 0;
  bool is_overlapped = (flags & UV_NONBLOCK_PIPE) || parent->ipc;
  struct pair_plan plan = {
      .server_access = PIPE_ACCESS_INBOUND | (child_reads ? (DWORD) PIPE_ACCESS_OUTBOUND : 0),
      .server_flags = FILE_FLAG_OVERLAPPED,
      .client_access = WRITE_DAC | (child_reads ? GENERIC_READ : (DWORD) FILE_READ_ATTRIBUTES) |
                       (child_writes ? GENERIC_WRITE : (DWORD) FILE_WRITE_ATTRIBUTES),
      .client_flags = is_overlapped ? FILE_FLAG_OVERLAPPED : 0,
      .is_client_inheritable = true,
  };

  return plan;
}

int uv__pipe_stdio_pair(uv_pipe_t* parent, unsigned int flags, HANDLE* child) {
  struct pair_plan plan = plan_for_child(parent, flags);
  unsigned int direction = (flags & UV_READABLE_PIPE ? UV_HANDLE_WRITABLE : 0u) |
                           (flags & UV_WRITABLE_PIPE ? UV_HANDLE_READABLE : 0u);
  HANDLE server;
  HANDLE client;
  int err;

  if (uv__is_closing(uv__handle(parent)))
    return UV_EINVAL;
  if (!uv__pipe_is_unused(parent))
    return UV_EBUSY;
  err = make_pair(&plan, &server, &client);
  if (err != 0)
    return err;
  err = uv__pipe_open_file(parent, server, direction, false);
  if (err != 0) {
    CloseHandle(server);
    CloseHandle(client);
    return err;
  }
  *child = client;
  return 0;
}

/* Nothing has been begun on the file yet. */
void uv__pipe_stdio_undo(uv_pipe_t* parent) {
  CloseHandle(parent->handle);
  parent->handle = INVALID_HANDLE_VALUE;
  parent->flags &= ~(unsigned) (UV__PIPE_CONNECTED | UV__PIPE_NO_PORT | UV__PIPE_BLOCKING |
                                UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
}

/* -- For programs ------------------------------------------------------------------------------ */

/* A descriptor of the C library for a handle, which the program's own children do not get. */
static int make_descriptor(HANDLE handle, int access) {
  return _open_osfhandle((intptr_t) handle, access | _O_NOINHERIT);
}

int uv_pipe(uv_file fds[2], int read_flags, int write_flags) {
  struct pair_plan plan = {
      .server_access = PIPE_ACCESS_INBOUND,
      .server_flags = read_flags & UV_NONBLOCK_PIPE ? FILE_FLAG_OVERLAPPED : 0,
      .client_access = GENERIC_WRITE | FILE_READ_ATTRIBUTES | WRITE_DAC,
      .client_flags = write_flags & UV_NONBLOCK_PIPE ? FILE_FLAG_OVERLAPPED : 0,
  };
  HANDLE server;
  HANDLE client;
  int ends[2];
  int err = make_pair(&plan, &server, &client);

  if (err != 0)
    return err;
  ends[0] = make_descriptor(server, _O_RDONLY);
  if (ends[0] == -1) {
    CloseHandle(server);
    CloseHandle(client);
    return UV_EMFILE;
  }
  ends[1] = make_descriptor(client, _O_WRONLY);
  if (ends[1] == -1) {
    _close(ends[0]);
    CloseHandle(client);
    return UV_EMFILE;
  }
  fds[0] = ends[0];
  fds[1] = ends[1];
  return 0;
}
