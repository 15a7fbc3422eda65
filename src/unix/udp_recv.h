/* What is received on a UDP handle. */
#ifndef RONDO_UNIX_UDP_RECV_H_
#define RONDO_UNIX_UDP_RECV_H_

#include "core.h"

/* Hands what has arrived to the user of a handle that receives; after an error event, also what the
 * network said about datagrams sent before. */
void uv__udp_receive(uv_udp_t* udp, bool had_error);

#endif /* RONDO_UNIX_UDP_RECV_H_ */
