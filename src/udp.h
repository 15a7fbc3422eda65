/* What each platform does behind the public UDP functions, whose arguments have been checked. */
#ifndef RONDO_UDP_H_
#define RONDO_UDP_H_

#include "uv.h"

#include <stdbool.h>

/* The size of an address, or UV_EINVAL for a family that datagrams cannot be sent to. */
int uv__udp_address_len(const struct sockaddr* address);

/* The family of the handle's socket; AF_UNSPEC if it has none. */
int uv__udp_family(const uv_udp_t* udp);

/* Gives the handle a socket if it has none, bound to any address of the family, with flags of
 * uv_udp_bind(): 0 or an error. A socket that the handle has is left as it is (Windows: it is bound
 * if it was not). */
int uv__udp_bind_any(uv_udp_t* udp, int family, unsigned int flags);

/* setsockopt(): 0 or an error, UV_EBADF for a handle without a socket. */
int uv__udp_set_option(const uv_udp_t* udp, int level, int option, const void* value, size_t len);

int uv__udp_connect(uv_udp_t* udp, const struct sockaddr* address);
int uv__udp_disconnect(uv_udp_t* udp);

/* `address` is NULL where the handle is connected. `len` is the sum of the buffers' lengths. */
int uv__udp_send(uv_udp_send_t* req, uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                 size_t len, const struct sockaddr* address, uv_udp_send_cb cb);

/* As the public functions; nothing is queued. */
int uv__udp_try_send(uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                     const struct sockaddr* address);
int uv__udp_try_send2(uv_udp_t* udp, unsigned int count, uv_buf_t* const bufs[],
                      const unsigned int nbufs[], struct sockaddr* const addresses[]);

/* UV_EALREADY where it receives already. */
int uv__udp_recv_start(uv_udp_t* udp, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb);
void uv__udp_recv_stop(uv_udp_t* udp);

/* UV_ENOTSUP where the system joins no datagrams. */
int uv__udp_recv_joined(uv_udp_t* udp, bool enable);

#endif /* RONDO_UDP_H_ */
