/* What is sent on a UDP handle. */
#ifndef RONDO_UNIX_UDP_SEND_H_
#define RONDO_UNIX_UDP_SEND_H_

#include "core.h"

/* Sends what is queued as far as the socket takes it, and calls back what is done. */
void uv__udp_flush(uv_udp_t* udp);

/* For a handle that is being closed: what waits is not tried again. */
void uv__udp_stop_sends(uv_udp_t* udp);

/* For a closed handle: calls back what is done, then the rest with UV_ECANCELED. */
void uv__udp_end_sends(uv_udp_t* udp);

#endif /* RONDO_UNIX_UDP_SEND_H_ */
