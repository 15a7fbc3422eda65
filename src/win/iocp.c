/* The backend on a completion port.
 *
 * A packet is a finished operation, or, without an OVERLAPPED, a wake. What is finished stands in
 * one list, first finished first, linked in a circle with the loop pointing at the last; the
 * callbacks run from there. */
#include "iocp.h"

#include "../atomic.h"
#include "../backend.h"
#include "../loop_state.h"
#include "../metrics.h"
#include "error_sys.h"
#include "resume.h"
#include "startup.h"

#include <assert.h>
#include <string.h>

enum {
  BATCH = 128,   /* packets fetched by one system call */
  BATCHES = 384, /* full batches in a row before timers and others get their turn */
  NS_PER_MS = 1000000
};

/* -- Life -------------------------------------------------------------------------------------- */

int uv__backend_init(uv_loop_t* loop) {
  int err = uv__startup();

  if (err != 0)
    return err;
  loop->iocp = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (loop->iocp == NULL)
    return uv_translate_sys_error((int) GetLastError());
  for (int i = 0; i < UV_MSAFD_PROVIDER_COUNT; i++)
    loop->poll_peer_sockets[i] = 0;
  uv__store_relaxed(&uv__state(loop)->loop_thread, GetCurrentThreadId());
  uv__resume_watch(loop);
  return 0;
}

void uv__backend_close(uv_loop_t* loop) {
  uv__resume_forget(loop);
  for (int i = 0; i < UV_MSAFD_PROVIDER_COUNT; i++)
    if (loop->poll_peer_sockets[i] != 0 && loop->poll_peer_sockets[i] != INVALID_SOCKET)
      closesocket(loop->poll_peer_sockets[i]);
  CloseHandle(loop->iocp);
  loop->iocp = NULL;
}

int uv_loop_fork(uv_loop_t* loop) {
  (void) loop;
  return UV_ENOSYS;
}

int uv_backend_fd(const uv_loop_t* loop) {
  (void) loop;
  return -1;
}

int uv__backend_block_signal(uv_loop_t* loop, int signum) {
  (void) loop;
  (void) signum;
  return UV_ENOSYS;
}

int uv__backend_use_sqpoll(uv_loop_t* loop) {
  (void) loop;
  return UV_ENOSYS;
}

bool uv__backend_is_stale(const uv_loop_t* loop) {
  (void) loop; /* operations are under way from when they were begun */
  return false;
}

/* -- Waking ------------------------------------------------------------------------------------ */

int uv__backend_wake_open(uv_loop_t* loop) {
  (void) loop; /* the port itself */
  return 0;
}

void uv__backend_wake_close(uv_loop_t* loop) {
  (void) loop;
}

static bool post_wake(uv_loop_t* loop) {
  return PostQueuedCompletionStatus(loop->iocp, 0, 0, NULL);
}

/* A packet takes memory of the kernel's. While there is none, a mark says that the loop is to
 * behave as if it had come: the loop looks at it before it waits, and for a loop that waits
 * already, the packet is tried again and again. */
void uv__backend_wake(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);

  if (post_wake(loop))
    return;
  uv__store_release(&state->wake_failed, 1);
  if (uv__load_relaxed(&state->loop_thread) == GetCurrentThreadId())
    return;
  do
    Sleep(1);
  while (uv__load_acquire(&state->wake_failed) && !post_wake(loop));
}

/* -- Finished requests ------------------------------------------------------------------------- */

int uv__iocp_attach(uv_loop_t* loop, HANDLE file) {
  if (CreateIoCompletionPort(file, loop->iocp, 0, 0) == NULL)
    return uv_translate_sys_error((int) GetLastError());
  return 0;
}

void uv__iocp_queue(uv_loop_t* loop, uv_req_t* req) {
  uv_req_t* last = loop->pending_reqs_tail;

  if (last == NULL) {
    req->next_req = req;
  } else {
    req->next_req = last->next_req;
    last->next_req = req;
  }
  loop->pending_reqs_tail = req;
}

/* For want of memory for a packet. */
static void post_by_list(uv_loop_t* loop, uv_req_t* req) {
  struct uv__loop_state* state = uv__state(loop);
  uv_req_t* head = uv__load_relaxed(&state->posted_reqs);

  do {
    req->next_req = head;
  } while (!uv__replace_release(&state->posted_reqs, &head, req));

  /* Who found the list empty wakes the loop. */
  if (head == NULL)
    uv__backend_wake(loop);
}

/* A packet of its own: once it is posted the loop may be done with the request, and be gone. */
void uv__iocp_post(uv_loop_t* loop, uv_req_t* req) {
  if (!PostQueuedCompletionStatus(loop->iocp, 0, 0, &req->u.io.overlapped))
    post_by_list(loop, req);
}

/* Queues what was posted, in the order of posting. */
static void take_posted(uv_loop_t* loop) {
  uv_req_t* newest = uv__exchange_acquire(&uv__state(loop)->posted_reqs, NULL);
  uv_req_t* oldest = NULL;

  while (newest != NULL) {
    uv_req_t* older = newest->next_req;
    newest->next_req = oldest;
    oldest = newest;
    newest = older;
  }
  while (oldest != NULL) {
    uv_req_t* newer = oldest->next_req;
    uv__iocp_queue(loop, oldest);
    oldest = newer;
  }
}

static uv_handle_t* handle_of(const uv_req_t* req) {
  switch (req->type) {
    case UV_CONNECT:
      return uv__handle(((const uv_connect_t*) req)->handle);
    case UV_WRITE:
      return uv__handle(((const uv_write_t*) req)->handle);
    case UV_SHUTDOWN:
      return uv__handle(((const uv_shutdown_t*) req)->handle);
    case UV_UDP_SEND:
      return uv__handle(((const uv_udp_send_t*) req)->handle);
    default:
      return req->data;
  }
}

bool uv__backend_has_pending(const uv_loop_t* loop) {
  return loop->pending_reqs_tail != NULL;
}

/* What the callbacks finish waits for the next call. A callback may free its request. */
void uv__backend_run_pending(uv_loop_t* loop) {
  uv_req_t* last = loop->pending_reqs_tail;
  uv_req_t* next = last == NULL ? NULL : last->next_req;

  loop->pending_reqs_tail = NULL;
  while (next != NULL) {
    uv_req_t* req = next;
    uv_handle_t* handle = handle_of(req);
    next = req == last ? NULL : req->next_req;
    assert(!(handle->flags & UV_HANDLE_CLOSED)); /* whose memory may be gone */
    uv__handle_complete(handle, req);
  }
}

/* -- Waiting ----------------------------------------------------------------------------------- */

/* Waits and refreshes the clock. The port may come back a tick before its time. */
static ULONG wait_for_packets(uv_loop_t* loop, OVERLAPPED_ENTRY* packets, int timeout_ms) {
  uint64_t end = timeout_ms > 0 ? uv_hrtime() + (uint64_t) timeout_ms * NS_PER_MS : 0;
  DWORD wait_ms = timeout_ms < 0 ? INFINITE : (DWORD) timeout_ms;
  ULONG n;

  for (;;) {
    bool got = GetQueuedCompletionStatusEx(loop->iocp, packets, BATCH, &n, wait_ms, FALSE);
    uint64_t now = uv_hrtime();
    uv__update_time(loop);
    if (got)
      return n;
    if (now >= end)
      return 0;
    wait_ms = (DWORD) ((end - now) / NS_PER_MS) + 1;
  }
}

static ULONG fetch(uv_loop_t* loop, OVERLAPPED_ENTRY* packets, int timeout_ms) {
  uv_metrics_t* metrics = &uv__state(loop)->metrics;
  bool* found_waiting = &uv__state(loop)->found_waiting;
  ULONG n;

  *found_waiting = false;
  if (timeout_ms == 0 || !uv__metrics_idle_counted(loop)) {
    n = wait_for_packets(loop, packets, timeout_ms);
  } else if ((n = wait_for_packets(loop, packets, 0)) > 0) {
    metrics->events_waiting += n;
    *found_waiting = true;
  } else {
    uv__metrics_wait_begin(loop);
    n = wait_for_packets(loop, packets, timeout_ms);
    uv__metrics_wait_end(loop);
  }
  metrics->events += n;
  return n;
}

/* Runs the callbacks of a batch: first what other threads told the loop. */
static void dispatch(uv_loop_t* loop, const OVERLAPPED_ENTRY* packets, ULONG n, bool is_woken) {
  for (ULONG i = 0; i < n; i++) {
    OVERLAPPED* overlapped = packets[i].lpOverlapped;
    if (overlapped == NULL)
      is_woken = true;
    else
      uv__iocp_queue(loop, uv__container(overlapped, uv_req_t, u.io.overlapped));
  }
  if (is_woken) {
    take_posted(loop);
    uv__state(loop)->on_wake(loop);
  }
  uv__backend_run_pending(loop);
}

int uv__backend_poll(uv_loop_t* loop, int timeout_ms) {
  struct uv__loop_state* state = uv__state(loop);
  OVERLAPPED_ENTRY packets[BATCH];
  int done = 0;

  uv__store_relaxed(&state->loop_thread, GetCurrentThreadId());
  for (int batch = 0; batch < BATCHES; batch++) {
    bool is_woken = uv__load_relaxed(&state->wake_failed) != 0 &&
                    uv__exchange_acquire(&state->wake_failed, 0) != 0;
    ULONG n = fetch(loop, packets, is_woken ? 0 : timeout_ms);
    dispatch(loop, packets, n, is_woken);
    done += (int) n + is_woken;
    if (n < BATCH)
      break;
    timeout_ms = 0;
  }
  return done;
}

/* -- How an operation ended -------------------------------------------------------------------- */

void uv__req_prepare(uv_req_t* req) {
  memset(&req->u.io.overlapped, 0, sizeof(req->u.io.overlapped));
}

void uv__req_finish(uv_req_t* req, DWORD error, DWORD bytes) {
  req->u.io.overlapped.Internal = (ULONG_PTR) uv__status_of_error(error);
  req->u.io.overlapped.InternalHigh = bytes;
}

static NTSTATUS status_of(const uv_req_t* req) {
  return (NTSTATUS) req->u.io.overlapped.Internal;
}

bool uv__req_succeeded(const uv_req_t* req) {
  return UV__NT_SUCCESS(status_of(req));
}

DWORD uv__req_file_error(const uv_req_t* req) {
  return uv__status_to_win32(status_of(req));
}

DWORD uv__req_socket_error(const uv_req_t* req) {
  return uv__status_to_winsock(status_of(req));
}

DWORD uv__req_bytes(const uv_req_t* req) {
  return (DWORD) req->u.io.overlapped.InternalHigh;
}
