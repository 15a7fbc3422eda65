/* TCP sockets of the test's own, for the other end of what is tested: blocking, on the loopback
 * address, with ports of the kernel's choice. */
#ifndef RONDO_TEST_TCP_H_
#define RONDO_TEST_TCP_H_

#include "uv.h"

#include "support/cmocka_all.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static inline union address address4(const char* ip, int port) {
  union address address;

  memset(&address, 0, sizeof(address));
  assert_int_equal(uv_ip4_addr(ip, port, &address.v4), 0);
  return address;
}

static inline union address address6(const char* ip, int port) {
  union address address;

  memset(&address, 0, sizeof(address));
  assert_int_equal(uv_ip6_addr(ip, port, &address.v6), 0);
  return address;
}

static inline socklen_t address_len(const union address* address) {
  return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

static inline int port_of_address(const union address* address) {
  return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

static inline union address name_of_socket(int fd) {
  union address name;
  socklen_t len = sizeof(name);

  memset(&name, 0, sizeof(name));
  assert_int_equal(getsockname(fd, &name.any, &len), 0);
  return name;
}

/* The address that a handle is bound to. */
static inline union address name_of(const uv_tcp_t* tcp) {
  union address name;
  int len = sizeof(name);

  memset(&name, 0, sizeof(name));
  assert_int_equal(uv_tcp_getsockname(tcp, &name.any, &len), 0);
  return name;
}

static inline int fd_of(const void* handle) {
  uv_os_fd_t fd = -1;

  assert_int_equal(uv_fileno(handle, &fd), 0);
  return fd;
}

static inline int socket_option(int fd, int level, int option) {
  int value = -1;
  socklen_t len = sizeof(value);

  assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
  return value;
}

/* A listening socket, whose address goes to `*at`. */
static inline int make_listener(union address* at) {
  union address any_port = address4("127.0.0.1", 0);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_true(fd >= 0);
  assert_int_equal(bind(fd, &any_port.any, sizeof(any_port.v4)), 0);
  assert_int_equal(listen(fd, 128), 0);
  *at = name_of_socket(fd);
  return fd;
}

static inline int make_connection(const union address* to) {
  int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_true(fd >= 0);
  assert_int_equal(connect(fd, &to->any, address_len(to)), 0);
  return fd;
}

static inline void make_tcp_pair(int pair[2]) {
  union address at;
  int listener = make_listener(&at);

  pair[0] = make_connection(&at);
  pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  assert_true(pair[1] >= 0);
  close(listener);
}

/* An address of which nobody listens at the port. */
static inline union address refusing_address(void) {
  union address at;

  close(make_listener(&at));
  return at;
}

/* Waits until the socket has something to read, or its end. */
static inline bool wait_readable(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};

  return poll(&p, 1, PATIENCE_MS) == 1;
}

/* Reads exactly that many bytes. */
static inline void receive_exactly(int fd, void* data, size_t len) {
  char* at = data;

  while (len > 0) {
    assert_true(wait_readable(fd));
    ssize_t n = read(fd, at, len);
    assert_true(n > 0);
    at += n;
    len -= (size_t) n;
  }
}

/* Whether the socket says next that its peer has closed: with an end of data or a reset. */
static inline bool is_ended(int fd) {
  char byte;

  if (!wait_readable(fd))
    return false;
  ssize_t n = read(fd, &byte, 1);
  return n == 0 || (n == -1 && errno == ECONNRESET);
}

/* Closes with a reset. */
static inline void reset_connection(int fd) {
  struct linger no_linger = {.l_onoff = 1, .l_linger = 0};

  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger)), 0);
  close(fd);
}

#endif /* RONDO_TEST_TCP_H_ */
