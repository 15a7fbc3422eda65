/* Packets for files that cannot join the loop's completion port. */
#include "event_packet.h"

#include "iocp.h"

/* Runs in a thread of the system's when the operation is over. */
static void CALLBACK post(void* arg, BOOLEAN timed_out) {
  uv_req_t* req = arg;

  (void) timed_out;
  uv__iocp_post(req->reserved[0], req);
}

int uv__event_packet_open(uv_loop_t* loop, uv_req_t* req, HANDLE* event, HANDLE* wait) {
  *wait = NULL;
  *event = CreateEventW(NULL, FALSE, FALSE, NULL);
  if (*event == NULL)
    return uv_translate_sys_error((int) GetLastError());
  req->reserved[0] = loop;
  if (!RegisterWaitForSingleObject(wait, *event, post, req, INFINITE,
                                   WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE)) {
    int err = uv_translate_sys_error((int) GetLastError());
    *wait = NULL;
    uv__event_packet_close(event, wait);
    return err;
  }
  uv__req_prepare(req);
  /* With the lowest bit set no port gets a packet, whoever's the file is on. */
  req->u.io.overlapped.hEvent = (HANDLE) ((uintptr_t) *event | 1);
  return 0;
}

void uv__event_packet_close(HANDLE* event, HANDLE* wait) {
  /* Waits for a post() that is at work: it may have posted and not returned yet. */
  if (*wait != NULL)
    UnregisterWaitEx(*wait, INVALID_HANDLE_VALUE);
  *wait = NULL;
  if (*event != NULL)
    CloseHandle(*event);
  *event = NULL;
}
