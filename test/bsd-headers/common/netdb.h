#ifndef BSD_NETDB_H_
#define BSD_NETDB_H_

#include <sys/socket.h>

struct addrinfo {
  int ai_flags;
  int ai_family;
  int ai_socktype;
  int ai_protocol;
  socklen_t ai_addrlen;
  char* ai_canonname;
  struct sockaddr* ai_addr;
  struct addrinfo* ai_next;
};

#define NI_MAXHOST 1025
#define NI_MAXSERV 32

#include <bsd_eai.h>

void freeaddrinfo(struct addrinfo* list);
int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints,
                struct addrinfo** result);
int getnameinfo(const struct sockaddr* address, socklen_t len, char* host, BSD_NI_SIZE host_size,
                char* service, BSD_NI_SIZE service_size, int flags);

#endif /* BSD_NETDB_H_ */
