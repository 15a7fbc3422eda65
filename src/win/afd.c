/* The socket driver's poll.
 *
 * A poll may ask for any of the driver's sockets through any other, so each loop has one socket for
 * that alone, attached to its port: those who own the polled sockets notice nothing. */
#include "afd.h"

#include "error_sys.h"
#include "iocp.h"
#include "nt.h"
#include "socket.h"

enum { IOCTL_AFD_POLL = 0x00012024 };

/* The backend begins with 0 and closes what is there at the end. */
static SOCKET* peer_of(uv_loop_t* loop) {
  return &loop->poll_peer_sockets[0];
}

/* -- The sockets ------------------------------------------------------------------------------- */

/* What the driver knows of a socket that layered providers have wrapped. Some refuse to name the
 * base at once, but tell what select() would ask, which leads on. */
static SOCKET base_of(SOCKET socket) {
  static const DWORD questions[] = {SIO_BASE_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL,
                                    SIO_BSP_HANDLE};

  for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
    SOCKET base = INVALID_SOCKET;
    DWORD bytes;
    if (WSAIoctl(socket, questions[i], NULL, 0, &base, sizeof(base), &bytes, NULL, NULL) == 0 &&
        base != INVALID_SOCKET)
      return base;
  }
  return socket;
}

/* Another socket of the same provider. */
static int make_twin(SOCKET socket, SOCKET* twin) {
  WSAPROTOCOL_INFOW info;
  int err = uv__socket_info(socket, &info);

  if (err != 0)
    return err;
  *twin = WSASocketW(info.iAddressFamily, info.iSocketType, info.iProtocol, &info, 0,
                     WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  return *twin != INVALID_SOCKET ? 0 : uv__socket_error();
}

static void drop_peer(uv_loop_t* loop) {
  closesocket(*peer_of(loop));
  *peer_of(loop) = 0;
}

static int make_peer(uv_loop_t* loop, SOCKET base) {
  SOCKET peer;
  int err = make_twin(base, &peer);

  if (err != 0)
    return err;
  *peer_of(loop) = peer;
  err = uv__iocp_attach(loop, (HANDLE) peer);
  if (err != 0)
    drop_peer(loop);
  return err;
}

/* -- Polls ------------------------------------------------------------------------------------- */

static NTSTATUS start_poll(SOCKET peer, HANDLE event, void* context, IO_STATUS_BLOCK* outcome,
                           AFD_POLL_INFO* info) {
  return NtDeviceIoControlFile((HANDLE) peer, event, NULL, context, outcome, IOCTL_AFD_POLL, info,
                               sizeof(*info), info, sizeof(*info));
}

static void describe(AFD_POLL_INFO* info, LONGLONG timeout, ULONG events) {
  info->Timeout.QuadPart = timeout;
  info->NumberOfHandles = 1;
  info->Exclusive = FALSE;
  info->Handles[0].Events = events;
  info->Handles[0].Status = 0;
}

/* Asks without waiting, to see whether the driver takes the socket for one of its own. */
static int try_poll(uv_loop_t* loop, AFD_POLL_INFO* info) {
  IO_STATUS_BLOCK outcome;
  NTSTATUS status;
  HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

  if (event == NULL)
    return uv_translate_sys_error((int) GetLastError());
  describe(info, 0, UV__AFD_LOCAL_CLOSE);
  status = start_poll(*peer_of(loop), event, NULL, &outcome, info);
  if (status == STATUS_PENDING) {
    WaitForSingleObject(event, INFINITE);
    status = outcome.Status;
  }
  CloseHandle(event);
  return UV__NT_SUCCESS(status) ? 0 : UV_ENOTSUP;
}

int uv__afd_open(uv_loop_t* loop, SOCKET socket, AFD_POLL_INFO* info) {
  SOCKET base = base_of(socket);
  bool is_first = *peer_of(loop) == 0;
  int err = is_first ? make_peer(loop, base) : 0;

  if (err != 0)
    return err;
  info->Handles[0].Handle = (HANDLE) base;
  err = try_poll(loop, info);
  /* An answer without sockets may have cleared it. */
  info->Handles[0].Handle = (HANDLE) base;
  /* A socket that is not the driver's has a twin that is not. */
  if (err != 0 && is_first)
    drop_peer(loop);
  return err;
}

int uv__afd_poll(uv_loop_t* loop, AFD_POLL_INFO* info, ULONG events, uv_req_t* req) {
  OVERLAPPED* overlapped = &req->u.io.overlapped;
  NTSTATUS status;

  uv__req_prepare(req);
  describe(info, INT64_MAX, events | UV__AFD_LOCAL_CLOSE);
  status =
      start_poll(*peer_of(loop), NULL, overlapped, (IO_STATUS_BLOCK*) (void*) overlapped, info);
  return UV__NT_SUCCESS(status) ? 0 : uv_translate_sys_error((int) uv__status_to_winsock(status));
}

void uv__afd_cancel(uv_loop_t* loop, uv_req_t* req) {
  CancelIoEx((HANDLE) *peer_of(loop), &req->u.io.overlapped);
}

ULONG uv__afd_events(const AFD_POLL_INFO* info) {
  return info->NumberOfHandles != 0 ? info->Handles[0].Events : 0;
}
