/* Membership in multicast groups, as far as it does not matter from whom they are received. */
#ifndef RONDO_UDP_GROUP_H_
#define RONDO_UDP_GROUP_H_

#include "udp.h"

#include <stdbool.h>

/* Whether a handle can be told to join or leave. */
bool uv__group_is_valid(const uv_udp_t* udp, uv_membership membership);

/* Makes the request to the handle's socket, for which there may have to be one first: 0 or an
 * error. */
int uv__group_change(uv_udp_t* udp, int family, int option, const void* request, size_t len);

/* The interface that a text names, any for NULL: 0 or an error. An IPv6 address names one by its
 * scope alone; without that the group's scope counts. */
int uv__group_interface4(const char* text, struct in_addr* address);
int uv__group_interface6(const char* text, const struct sockaddr_in6* group, unsigned int* index);

#endif /* RONDO_UDP_GROUP_H_ */
