/* The part of addresses that is the platform's. */
#ifndef RONDO_INET_H_
#define RONDO_INET_H_

#include "uv.h"

/* The bytes that an IP address has; 0 for what is none. */
int uv__ip_address_size(const struct sockaddr* address);

/* The scope id that an address's zone, the text behind its '%', stands for; 0 for an unknown one.
 */
unsigned int uv__zone_to_scope_id(const char* zone);

#endif /* RONDO_INET_H_ */
