#include <signal.h>
#include <time.h>

#define SO_NOSIGPIPE 0x0800

struct mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

int paccept(int fd, struct sockaddr* address, socklen_t* len, const sigset_t* mask, int flags);
int recvmmsg(int fd, struct mmsghdr* messages, unsigned int count, unsigned int flags,
             struct timespec* timeout);
int sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, unsigned int flags);
