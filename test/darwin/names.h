/* What the tests use of Linux's C library and macOS lacks. Included before each of their files. */
#ifndef RONDO_TEST_DARWIN_NAMES_H_
#define RONDO_TEST_DARWIN_NAMES_H_

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- Flags of new descriptors ------------------------------------------------------------------ */

#define SOCK_CLOEXEC 0x100000
#define SOCK_NONBLOCK 0x200000

static inline int names_set_flags(int fd, int cloexec, int nonblock) {
  int value = 1;

  if (fd != -1 && cloexec)
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (fd != -1 && nonblock)
    ioctl(fd, FIONBIO, &value);
  return fd;
}

static inline int names_type(int type) {
  return type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static inline int names_socket(int domain, int type, int protocol) {
  return names_set_flags(socket(domain, names_type(type), protocol), type & SOCK_CLOEXEC,
                         type & SOCK_NONBLOCK);
}

static inline int names_socketpair(int domain, int type, int protocol, int pair[2]) {
  int r = socketpair(domain, names_type(type), protocol, pair);

  for (int i = 0; r == 0 && i < 2; i++)
    names_set_flags(pair[i], type & SOCK_CLOEXEC, type & SOCK_NONBLOCK);
  return r;
}

static inline int accept4(int fd, struct sockaddr* address, socklen_t* len, int flags) {
  return names_set_flags(accept(fd, address, len), flags & SOCK_CLOEXEC, flags & SOCK_NONBLOCK);
}

static inline int pipe2(int ends[2], int flags) {
  int r = pipe(ends);

  for (int i = 0; r == 0 && i < 2; i++)
    names_set_flags(ends[i], flags & O_CLOEXEC, flags & O_NONBLOCK);
  return r;
}

static inline int dup3(int fd, int other, int flags) {
  return names_set_flags(dup2(fd, other), flags & O_CLOEXEC, 0);
}

#define socket(domain, type, protocol) names_socket(domain, type, protocol)
#define socketpair(domain, type, protocol, pair) names_socketpair(domain, type, protocol, pair)

/* -- Other names for the same ------------------------------------------------------------------ */

#define st_atim st_atimespec
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec

#define TCP_KEEPIDLE TCP_KEEPALIVE

#endif /* RONDO_TEST_DARWIN_NAMES_H_ */
