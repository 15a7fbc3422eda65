/* The socket of a UDP handle. */
#ifndef RONDO_WIN_UDP_SOCKET_H_
#define RONDO_WIN_UDP_SOCKET_H_

#include "../core.h"

/* Gives the handle a socket if it has none: 0 or a UV_E code. */
int uv__udp_make_socket(uv_udp_t* udp, int family);

/* What the socket is polled with. It lies in recv_from, whose name and type are fixed and which has
 * no other use here: senders' addresses are needed during a callback only. */
static inline AFD_POLL_INFO* uv__udp_poll_info(uv_udp_t* udp) {
  return (AFD_POLL_INFO*) (void*) &udp->recv_from;
}

_Static_assert(sizeof(AFD_POLL_INFO) <= sizeof(struct sockaddr_storage), "it fits in recv_from");

#endif /* RONDO_WIN_UDP_SOCKET_H_ */
