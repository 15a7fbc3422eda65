#include <time.h>

/* OpenBSD 7.2 and later. */
struct mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

int accept4(int fd, struct sockaddr* address, socklen_t* len, int flags);
int recvmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags,
             struct timespec* timeout);
int sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags);
