/* What systems do differently with the addresses of interfaces that getifaddrs(3) tells. */
#ifndef RONDO_UNIX_LINK_H_
#define RONDO_UNIX_LINK_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Whether it is the address of a link, a MAC address, and then its first six bytes. */
bool uv__link_address(const struct sockaddr* address, char phys_addr[6]);

/* How many bytes there are of an address that takes `size` by its family. The BSDs leave out the
 * zeros at the end of a mask. */
size_t uv__stored_size(const struct sockaddr* address, size_t size);

#endif /* RONDO_UNIX_LINK_H_ */
