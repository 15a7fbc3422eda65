#define SO_NOSIGPIPE 0x0800

int accept4(int fd, struct sockaddr* address, socklen_t* len, int flags);

/* Of sendfile(2). */
struct sf_hdtr {
  struct iovec* headers;
  int hdr_cnt;
  struct iovec* trailers;
  int trl_cnt;
};

int sendfile(int fd, int socket_fd, off_t offset, size_t len, struct sf_hdtr* header, off_t* sent,
             int flags);
