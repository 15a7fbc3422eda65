/* The scope of link-local IPv6 addresses. */
#ifndef RONDO_WIN_LINK_LOCAL_H_
#define RONDO_WIN_LINK_LOCAL_H_

#include <stdint.h>

/* That of the first interface with such an address, 0 if there is none. */
uint32_t uv__link_local_scope(void);

#endif /* RONDO_WIN_LINK_LOCAL_H_ */
