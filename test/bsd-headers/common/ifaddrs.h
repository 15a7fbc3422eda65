#ifndef BSD_IFADDRS_H_
#define BSD_IFADDRS_H_

struct sockaddr;

struct ifaddrs {
  struct ifaddrs* ifa_next;
  char* ifa_name;
  unsigned int ifa_flags;
  struct sockaddr* ifa_addr;
  struct sockaddr* ifa_netmask;
  struct sockaddr* ifa_dstaddr;
  void* ifa_data;
};

void freeifaddrs(struct ifaddrs* list);
int getifaddrs(struct ifaddrs** list);

#endif /* BSD_IFADDRS_H_ */
