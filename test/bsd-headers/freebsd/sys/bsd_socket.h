#include <time.h>

#define SO_NOSIGPIPE 0x0800
#define SO_REUSEPORT_LB 0x00010000

struct mmsghdr {
  struct msghdr msg_hdr;
  ssize_t msg_len;
};

int accept4(int fd, struct sockaddr* address, socklen_t* len, int flags);
ssize_t recvmmsg(int fd, struct mmsghdr* messages, size_t count, int flags,
                 const struct timespec* timeout);
ssize_t sendmmsg(int fd, struct mmsghdr* messages, size_t count, int flags);

/* Of sendfile(2). */
struct sf_hdtr {
  struct iovec* headers;
  int hdr_cnt;
  struct iovec* trailers;
  int trl_cnt;
};

int sendfile(int fd, int socket_fd, off_t offset, size_t len, struct sf_hdtr* header, off_t* sent,
             int flags);
