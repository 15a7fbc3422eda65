/* The socket driver's own poll: a request that ends once a socket is ready, whatever it is that the
 * socket is ready for. It costs no memory pinned while nothing happens, and is exact about whether
 * a completion will come, which an overlapped receive of a datagram is not. */
#ifndef RONDO_WIN_AFD_H_
#define RONDO_WIN_AFD_H_

#include "../core.h"

/* AFD_POLL_HANDLE_INFO.Events. */
enum {
  UV__AFD_RECEIVE = 0x001,
  UV__AFD_RECEIVE_EXPEDITED = 0x002, /* out-of-band data */
  UV__AFD_SEND = 0x004,
  UV__AFD_DISCONNECT = 0x008,  /* the peer has ended its side */
  UV__AFD_ABORT = 0x010,       /* the connection was reset */
  UV__AFD_LOCAL_CLOSE = 0x020, /* the socket was closed in this process */
  UV__AFD_ACCEPT = 0x080,
  UV__AFD_CONNECT_FAIL = 0x100
};

/* Prepares `info` for polls of a socket on a loop: 0, UV_ENOTSUP if the socket is not the driver's,
 * or another UV_E code. */
int uv__afd_open(uv_loop_t* loop, SOCKET socket, AFD_POLL_INFO* info);

/* Has the request end when the socket has one of the events, or is closed: 0, or a UV_E code and it
 * never began. `info` is the kernel's until then. */
int uv__afd_poll(uv_loop_t* loop, AFD_POLL_INFO* info, ULONG events, uv_req_t* req);

/* Ends the request soon, with an error if nothing has happened. */
void uv__afd_cancel(uv_loop_t* loop, uv_req_t* req);

/* What a request that succeeded has seen. */
ULONG uv__afd_events(const AFD_POLL_INFO* info);

#endif /* RONDO_WIN_AFD_H_ */
