#ifndef BSD_NETINET_TCP_H_
#define BSD_NETINET_TCP_H_

#define TCP_NODELAY 1

#include <netinet/bsd_tcp.h>

#endif /* BSD_NETINET_TCP_H_ */
