/* Poll handles for sockets that the system's socket driver does not know: select() in a thread of
 * the system's. */
#ifndef RONDO_WIN_POLL_SELECT_H_
#define RONDO_WIN_POLL_SELECT_H_

#include "../core.h"

/* A flag of handles that are polled so. */
enum { UV__POLL_SELECTED = 0x01000000 };

/* Makes what a handle needs for it: 0 or a UV_E code. */
int uv__select_open(uv_poll_t* poll);

/* Gives that back; nobody waits any more. */
void uv__select_close(uv_poll_t* poll);

/* Has poll_req_1 end when one of `submitted_events_1` has happened: 0, or a UV_E code and it never
 * began. There is no UV_DISCONNECT and no UV_PRIORITIZED. */
int uv__select_submit(uv_poll_t* poll);

/* Ends the request soon. */
void uv__select_cancel(uv_poll_t* poll);

/* What a request that succeeded has seen. */
unsigned int uv__select_events(const uv_poll_t* poll);

#endif /* RONDO_WIN_POLL_SELECT_H_ */
