/* What comes to a UDP handle. */
#ifndef RONDO_WIN_UDP_RECV_H_
#define RONDO_WIN_UDP_RECV_H_

#include "../core.h"

/* Nobody receives: recv_req is not under way. */
void uv__udp_recv_init(uv_udp_t* udp);

/* The handle is closed for good. */
void uv__udp_recv_end(uv_udp_t* udp);

/* recv_req is over: receives what is there. */
void uv__udp_receive(uv_udp_t* udp);

/* Brings recv_req back soon if it is under way. */
void uv__udp_recv_cancel(uv_udp_t* udp);

#endif /* RONDO_WIN_UDP_RECV_H_ */
