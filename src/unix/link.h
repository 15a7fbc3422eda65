/* Link-layer (MAC) addresses. */
#ifndef RONDO_UNIX_LINK_H_
#define RONDO_UNIX_LINK_H_

#include <stdbool.h>
#include <sys/socket.h>

/* Whether it is the address of a link, as getifaddrs(3) tells it, and then its first six bytes. */
bool uv__link_address(const struct sockaddr* address, char phys_addr[6]);

#endif /* RONDO_UNIX_LINK_H_ */
