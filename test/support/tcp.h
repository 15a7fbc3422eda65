/* TCP sockets of the test's own, for the other end of what is tested: blocking, on the loopback
 * address, with ports of the kernel's choice. */
#ifndef RONDO_TEST_TCP_H_
#define RONDO_TEST_TCP_H_

#include "support/socket.h"

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

static inline union address name_of_socket(uv_os_sock_t s) {
  union address name;
  socklen_t len = sizeof(name);

  memset(&name, 0, sizeof(name));
  assert_int_equal(getsockname(s, &name.any, &len), 0);
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

/* The descriptor of a handle; on Windows the socket, which is a HANDLE. */
static inline uv_os_sock_t fd_of(const void* handle) {
  uv_os_fd_t fd;

  assert_int_equal(uv_fileno(handle, &fd), 0);
  return (uv_os_sock_t) fd;
}

/* A listening socket, whose address goes to `*at`. */
static inline uv_os_sock_t make_listener(union address* at) {
  union address any_port = address4("127.0.0.1", 0);
  uv_os_sock_t s = new_socket(AF_INET, SOCK_STREAM);

  assert_true(s != NO_SOCKET);
  assert_int_equal(bind(s, &any_port.any, sizeof(any_port.v4)), 0);
  assert_int_equal(listen(s, 128), 0);
  *at = name_of_socket(s);
  return s;
}

static inline uv_os_sock_t make_connection(const union address* to) {
  uv_os_sock_t s = new_socket(to->any.sa_family, SOCK_STREAM);

  assert_true(s != NO_SOCKET);
  assert_int_equal(connect(s, &to->any, address_len(to)), 0);
  return s;
}

static inline uv_os_sock_t accept_connection(uv_os_sock_t listener) {
  uv_os_sock_t s = accept_socket(listener);

  assert_true(s != NO_SOCKET);
  return s;
}

static inline void make_tcp_pair(uv_os_sock_t pair[2]) {
  union address at;
  uv_os_sock_t listener = make_listener(&at);

  pair[0] = make_connection(&at);
  pair[1] = accept_connection(listener);
  close_socket(listener);
}

/* An address of which nobody listens at the port. */
static inline union address refusing_address(void) {
  union address at;

  close_socket(make_listener(&at));
  return at;
}

#endif /* RONDO_TEST_TCP_H_ */
