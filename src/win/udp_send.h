/* What is sent on a UDP handle. */
#ifndef RONDO_WIN_UDP_SEND_H_
#define RONDO_WIN_UDP_SEND_H_

#include "../core.h"

/* A send is over: tells the user. */
void uv__udp_sent(uv_udp_t* udp, uv_udp_send_t* req);

#endif /* RONDO_WIN_UDP_SEND_H_ */
