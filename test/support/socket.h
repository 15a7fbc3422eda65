/* Sockets of the test's own, with the calls that POSIX and Windows spell differently. */
#ifndef RONDO_TEST_SOCKET_H_
#define RONDO_TEST_SOCKET_H_

#include "uv.h"

#include "support/cmocka_all.h"

#include <stdbool.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

#if defined(_WIN32)

#define NO_SOCKET INVALID_SOCKET
#define SHUT_WR SD_SEND

enum { MOMENT_MS = 1 };

static inline void close_socket(uv_os_sock_t s) {
  assert_int_equal(closesocket(s), 0);
}

/* Like write(2) and read(2). */
static inline ssize_t socket_write(uv_os_sock_t s, const void* data, size_t len) {
  return send(s, data, (int) len, 0);
}

static inline ssize_t socket_read(uv_os_sock_t s, void* data, size_t len) {
  return recv(s, data, (int) len, 0);
}

static inline bool is_reset_error(void) {
  return WSAGetLastError() == WSAECONNRESET || WSAGetLastError() == WSAECONNABORTED;
}

/* Winsock must have been started, which a loop does. */
static inline uv_os_sock_t new_socket(int family, int type) {
  return WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

static inline uv_os_sock_t accept_socket(uv_os_sock_t listener) {
  return accept(listener, NULL, NULL);
}

static inline bool poll_readable(uv_os_sock_t s, int timeout_ms) {
  WSAPOLLFD p = {.fd = s, .events = POLLRDNORM};

  return WSAPoll(&p, 1, timeout_ms) == 1;
}

static inline bool socket_is_open(uv_os_sock_t s) {
  int type;
  int len = sizeof(type);

  return getsockopt(s, SOL_SOCKET, SO_TYPE, (char*) &type, &len) == 0;
}

static inline bool socket_is_inherited(uv_os_sock_t s) {
  DWORD flags;

  assert_true(GetHandleInformation((HANDLE) s, &flags));
  return (flags & HANDLE_FLAG_INHERIT) != 0;
}

/* Windows does not say how a socket is set: a connected one without data shows it. */
static inline bool socket_is_nonblocking(uv_os_sock_t s) {
  DWORD moment_ms = MOMENT_MS;
  DWORD forever = 0;
  char byte;

  assert_int_equal(
      setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char*) &moment_ms, sizeof(moment_ms)), 0);
  assert_int_equal(recv(s, &byte, 1, MSG_PEEK), -1);
  int error = WSAGetLastError();
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char*) &forever, sizeof(forever));
  return error == WSAEWOULDBLOCK;
}

#else

#include "support/descriptors.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define NO_SOCKET (-1)

static inline void close_socket(uv_os_sock_t s) {
  close(s);
}

static inline ssize_t socket_write(uv_os_sock_t s, const void* data, size_t len) {
  return write(s, data, len);
}

static inline ssize_t socket_read(uv_os_sock_t s, void* data, size_t len) {
  return read(s, data, len);
}

static inline bool is_reset_error(void) {
  return errno == ECONNRESET;
}

static inline uv_os_sock_t new_socket(int family, int type) {
  return socket(family, type | SOCK_CLOEXEC, 0);
}

static inline uv_os_sock_t accept_socket(uv_os_sock_t listener) {
  return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static inline bool poll_readable(uv_os_sock_t s, int timeout_ms) {
  struct pollfd p = {.fd = s, .events = POLLIN};

  return poll(&p, 1, timeout_ms) == 1;
}

static inline bool socket_is_open(uv_os_sock_t s) {
  return is_open(s);
}

static inline bool socket_is_inherited(uv_os_sock_t s) {
  return !is_cloexec(s);
}

static inline bool socket_is_nonblocking(uv_os_sock_t s) {
  return is_nonblocking(s);
}

#endif

/* Waits until the socket has something to read, or its end. */
static inline bool wait_readable(uv_os_sock_t s) {
  return poll_readable(s, PATIENCE_MS);
}

/* What can be read now: -1 if nothing has come. */
static inline ssize_t read_now(uv_os_sock_t s, void* data, size_t len) {
  return poll_readable(s, 0) ? socket_read(s, data, len) : -1;
}

/* Reads exactly that many bytes. */
static inline void receive_exactly(uv_os_sock_t s, void* data, size_t len) {
  char* at = data;

  while (len > 0) {
    assert_true(wait_readable(s));
    ssize_t n = socket_read(s, at, len);
    assert_true(n > 0);
    at += n;
    len -= (size_t) n;
  }
}

/* Whether the socket says next that its peer has closed: with an end of data or a reset. */
static inline bool is_ended(uv_os_sock_t s) {
  char byte;

  if (!wait_readable(s))
    return false;
  ssize_t n = socket_read(s, &byte, 1);
  return n == 0 || (n == -1 && is_reset_error());
}

static inline int socket_option(uv_os_sock_t s, int level, int option) {
  int value = 0; /* Wine fills in only a byte of some */
  socklen_t len = sizeof(value);

  assert_int_equal(getsockopt(s, level, option, (void*) &value, &len), 0);
  return value;
}

/* Closes with a reset. */
static inline void reset_connection(uv_os_sock_t s) {
  struct linger no_linger = {.l_onoff = 1, .l_linger = 0};

  assert_int_equal(
      setsockopt(s, SOL_SOCKET, SO_LINGER, (const void*) &no_linger, sizeof(no_linger)), 0);
  close_socket(s);
}

#endif /* RONDO_TEST_SOCKET_H_ */
