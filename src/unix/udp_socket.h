/* The socket of a UDP handle. */
#ifndef RONDO_UNIX_UDP_SOCKET_H_
#define RONDO_UNIX_UDP_SOCKET_H_

#include "core.h"
#include "io.h"

/* Gives the handle a socket if it has none: 0 or an error. */
int uv__udp_make_socket(uv_udp_t* udp, int family);

#endif /* RONDO_UNIX_UDP_SOCKET_H_ */
