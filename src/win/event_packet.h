/* Packets for files that cannot join the loop's completion port, since another process's port has
 * them already: an operation signals an event, and a thread of the system's posts the packet. */
#ifndef RONDO_WIN_EVENT_PACKET_H_
#define RONDO_WIN_EVENT_PACKET_H_

#include "../core.h"

/* Prepares a request for one operation: its OVERLAPPED tells the event, not a port, and when the
 * event is signalled the request is posted to the loop. 0 or a UV_E code. */
int uv__event_packet_open(uv_loop_t* loop, uv_req_t* req, HANDLE* event, HANDLE* wait);

/* Gives event and wait back, once the request was completed or never began. Idempotent. */
void uv__event_packet_close(HANDLE* event, HANDLE* wait);

#endif /* RONDO_WIN_EVENT_PACKET_H_ */
