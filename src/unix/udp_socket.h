/* The socket of a UDP handle. */
#ifndef RONDO_UNIX_UDP_SOCKET_H_
#define RONDO_UNIX_UDP_SOCKET_H_

#include "core.h"
#include "io.h"

/* Gives the handle a socket if it has none: 0 or an error. */
int uv__udp_make_socket(uv_udp_t* udp, int family);

/* Gives the handle a socket if it has none, bound to any address of the family, with flags of
 * uv_udp_bind(): 0 or an error. A socket that the handle has is left as it is. */
int uv__udp_bind_any(uv_udp_t* udp, int family, unsigned int flags);

/* The family of the handle's socket; AF_UNSPEC if it has none. */
int uv__udp_family(const uv_udp_t* udp);

#endif /* RONDO_UNIX_UDP_SOCKET_H_ */
