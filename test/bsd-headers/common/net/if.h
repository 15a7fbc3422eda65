#ifndef BSD_NET_IF_H_
#define BSD_NET_IF_H_

#define IF_NAMESIZE 16

#define IFF_UP 0x1
#define IFF_LOOPBACK 0x8
#define IFF_RUNNING 0x40

unsigned int if_nametoindex(const char* name);
char* if_indextoname(unsigned int index, char* name);

#endif /* BSD_NET_IF_H_ */
