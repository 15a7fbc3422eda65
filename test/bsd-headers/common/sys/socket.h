#ifndef BSD_SYS_SOCKET_H_
#define BSD_SYS_SOCKET_H_

#include <sys/types.h>
#include <sys/uio.h>

typedef uint8_t sa_family_t;
typedef uint32_t socklen_t;

struct sockaddr {
  uint8_t sa_len;
  sa_family_t sa_family;
  char sa_data[14];
};

struct sockaddr_storage {
  uint8_t ss_len;
  sa_family_t ss_family;
  char bsd_data[118];
  int64_t bsd_align;
};

struct msghdr {
  void* msg_name;
  socklen_t msg_namelen;
  struct iovec* msg_iov;
  BSD_IOVLEN msg_iovlen;
  void* msg_control;
  socklen_t msg_controllen;
  int msg_flags;
};

struct cmsghdr {
  socklen_t cmsg_len;
  int cmsg_level;
  int cmsg_type;
};

#define BSD_CMSG_ALIGN(len) (((len) + (sizeof(long) - 1)) & ~(sizeof(long) - 1))
#define CMSG_DATA(control) ((unsigned char*) (control) + BSD_CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_LEN(len) (BSD_CMSG_ALIGN(sizeof(struct cmsghdr)) + (len))
#define CMSG_SPACE(len) (BSD_CMSG_ALIGN(sizeof(struct cmsghdr)) + BSD_CMSG_ALIGN(len))
#define CMSG_FIRSTHDR(message) \
  ((message)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr*) (message)->msg_control \
                                                       : (struct cmsghdr*) 0)
#define CMSG_NXTHDR(message, control) \
  ((char*) (control) + BSD_CMSG_ALIGN((control)->cmsg_len) + \
               BSD_CMSG_ALIGN(sizeof(struct cmsghdr)) > \
           (char*) (message)->msg_control + (message)->msg_controllen \
       ? (struct cmsghdr*) 0 \
       : (struct cmsghdr*) (void*) ((char*) (control) + BSD_CMSG_ALIGN((control)->cmsg_len)))

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_LINK 18
#define AF_INET6 BSD_AF_INET6

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_CLOEXEC BSD_SOCK_CLOEXEC
#define SOCK_NONBLOCK BSD_SOCK_NONBLOCK

#define SOL_SOCKET 0xffff
#define SO_ACCEPTCONN 0x0002
#define SO_REUSEADDR 0x0004
#define SO_KEEPALIVE 0x0008
#define SO_BROADCAST 0x0020
#define SO_LINGER 0x0080
#define SO_OOBINLINE 0x0100
#define SO_REUSEPORT 0x0200
#define SO_SNDBUF 0x1001
#define SO_RCVBUF 0x1002
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_TRUNC 0x10
#define MSG_CTRUNC 0x20
#define MSG_DONTWAIT 0x80
#define MSG_NOSIGNAL BSD_MSG_NOSIGNAL
#define MSG_CMSG_CLOEXEC BSD_MSG_CMSG_CLOEXEC

#define SCM_RIGHTS 0x01
#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define SOMAXCONN 128

struct linger {
  int l_onoff;
  int l_linger;
};

int accept(int fd, struct sockaddr* address, socklen_t* len);
int bind(int fd, const struct sockaddr* address, socklen_t len);
int connect(int fd, const struct sockaddr* address, socklen_t len);
int getpeername(int fd, struct sockaddr* address, socklen_t* len);
int getsockname(int fd, struct sockaddr* address, socklen_t* len);
int getsockopt(int fd, int level, int option, void* value, socklen_t* len);
int listen(int fd, int backlog);
ssize_t recv(int fd, void* buf, size_t len, int flags);
ssize_t recvmsg(int fd, struct msghdr* message, int flags);
ssize_t send(int fd, const void* buf, size_t len, int flags);
ssize_t sendmsg(int fd, const struct msghdr* message, int flags);
ssize_t sendto(int fd, const void* bytes, size_t len, int flags, const struct sockaddr* to,
               socklen_t to_len);
int setsockopt(int fd, int level, int option, const void* value, socklen_t len);
int shutdown(int fd, int how);
int socket(int domain, int type, int protocol);
int socketpair(int domain, int type, int protocol, int pair[2]);

#include <sys/bsd_socket.h>

#endif /* BSD_SYS_SOCKET_H_ */
