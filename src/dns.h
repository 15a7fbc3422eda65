/* Names and addresses: what a platform does for dns.c. */
#ifndef RONDO_DNS_H_
#define RONDO_DNS_H_

#include "uv.h"

/* A request's callback has another name on POSIX, where programs may see it. */
#if defined(_WIN32)
#define uv__getaddrinfo_callback getaddrinfo_cb
#else
#define uv__getaddrinfo_callback cb
#endif

/* Copies what a look-up is for into the request, in the form that the system takes: 0 or a UV_E
 * code, with nothing to free. The host is ASCII; each may be NULL. Only flags, family, type and
 * protocol of the hints are defined. */
int uv__dns_copy_arguments(uv_getaddrinfo_t* req, const char* host, const char* service,
                           const struct addrinfo* hints);

/* Frees the copies. */
void uv__dns_free_arguments(uv_getaddrinfo_t* req);

/* Looks up. 0 with the list in `addrinfo`, or a UV_EAI or UV_E code. Any thread, and it may take
 * its time. */
int uv__dns_find_addresses(uv_getaddrinfo_t* req);

/* The same for the address in a request's `storage`: fills in `host` and `service`. */
int uv__dns_find_names(uv_getnameinfo_t* req);

#endif /* RONDO_DNS_H_ */
