/* UDP handles under test, raw sockets for the other end, and a record of what a handle receives.
 *
 * Every buffer is allocated for its call and freed as the rules say, so that a wrong word about who
 * owns one is a leak or a double free. */
#ifndef RONDO_TEST_UDP_H_
#define RONDO_TEST_UDP_H_

#include "support/loop_fixture.h"
#include "support/open_count.h"
#include "support/peer.h"
#include "support/tcp.h"

#include <stdio.h>

enum { MOST_CALLS = 256, ASKED_SIZE = 65536, FLAG_UDP_CONNECTED = 0x2000000 };

static uv_udp_t udps[3];

/* -- Addresses --------------------------------------------------------------------------------- */

static inline union address udp_name(const uv_udp_t* udp) {
  union address name;
  int len = sizeof(name);

  memset(&name, 0, sizeof(name));
  assert_int_equal(uv_udp_getsockname(udp, &name.any, &len), 0);
  return name;
}

static inline bool is_same_address(const union address* a, const union address* b) {
  if (a->any.sa_family != b->any.sa_family || port_of_address(a) != port_of_address(b))
    return false;
  if (a->any.sa_family == AF_INET)
    return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
  return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
}

static inline union address loopback(int family, int port) {
  return family == AF_INET6 ? address6("::1", port) : address4("127.0.0.1", port);
}

/* -- Raw sockets ------------------------------------------------------------------------------- */

/* A blocking socket that is bound to the loopback address. */
static inline uv_os_sock_t make_udp_socket(int family, union address* at) {
  union address any_port = loopback(family, 0);
  uv_os_sock_t fd = new_socket(family, SOCK_DGRAM);

  assert_true(fd != NO_SOCKET);
  assert_int_equal(bind(fd, &any_port.any, address_len(&any_port)), 0);
  *at = name_of_socket(fd);
  return fd;
}

/* An address that answers datagrams with "port unreachable". */
static inline union address deaf_address(int family) {
  union address at;

  close_socket(make_udp_socket(family, &at));
  return at;
}

static inline void send_datagram(uv_os_sock_t fd, const char* text, const union address* to) {
  unsigned short len = (unsigned short) strlen(text); /* of a type that fits every system's */

  assert_int_equal(sendto(fd, text, len, 0, &to->any, address_len(to)), len);
}

/* The next datagram, as a string; it must come. */
static inline const char* next_datagram(uv_os_sock_t fd) {
  static char text[70000];
  ssize_t n;

  assert_true(wait_readable(fd));
  n = recv(fd, text, sizeof(text) - 1, 0);
  assert_true(n >= 0);
  text[n] = '\0';
  return text;
}

static inline bool has_datagram(uv_os_sock_t fd) {
  return poll_readable(fd, 0);
}

/* -- Handles ----------------------------------------------------------------------------------- */

static inline void init_udp(struct loop_fixture* f, int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(uv_udp_init(&f->loop, &udps[i]), 0);
}

/* Binds to the loopback address, and answers where. */
static inline union address bind_udp(uv_udp_t* udp, int family, unsigned int flags) {
  union address any_port = loopback(family, 0);

  assert_int_equal(uv_udp_bind(udp, &any_port.any, flags), 0);
  return udp_name(udp);
}

static inline uv_buf_t text_buf(const char* text) {
  return uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));
}

static inline int try_send_text(uv_udp_t* udp, const char* text, const union address* to) {
  uv_buf_t buf = text_buf(text);

  return uv_udp_try_send(udp, &buf, 1, to != NULL ? &to->any : NULL);
}

/* -- What is received -------------------------------------------------------------------------- */

struct udp_call {
  ssize_t nread;
  char* base;
  size_t len;
  bool has_address;
  union address from;
  unsigned flags;
  char text[24]; /* the first bytes */
};

static struct udp_call calls[MOST_CALLS];
static int call_count;
static int datagram_count;

static int alloc_count;
static size_t alloc_len; /* what the next buffers have; 0: nothing */
static int buffers_out;  /* given and not back yet */

/* Runs inside the callbacks, if set. */
static void (*on_call)(uv_udp_t* udp, const struct udp_call* call);

static inline void reset_calls(void) {
  call_count = 0;
  datagram_count = 0;
  alloc_count = 0;
  alloc_len = ASKED_SIZE;
  buffers_out = 0;
  on_call = NULL;
}

static inline void udp_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  assert_int_equal(handle->type, UV_UDP);
  assert_int_equal(suggested_size, ASKED_SIZE);
  alloc_count++;
  if (alloc_len == 0)
    return;
  buffers_out++;
  *buf = uv_buf_init(malloc(alloc_len), (unsigned int) alloc_len);
  assert_non_null(buf->base);
}

static inline void udp_recv(uv_udp_t* udp, ssize_t nread, const uv_buf_t* buf,
                            const struct sockaddr* from, unsigned flags) {
  static struct udp_call no_room;
  struct udp_call* call = call_count < MOST_CALLS ? &calls[call_count] : &no_room;

  memset(call, 0, sizeof(*call));
  call_count++;
  call->nread = nread;
  call->base = buf->base;
  call->len = buf->len;
  call->flags = flags;
  call->has_address = from != NULL;
  if (from != NULL) {
    datagram_count += nread >= 0;
    call->from.any.sa_family = from->sa_family;
    if (from->sa_family == AF_INET || from->sa_family == AF_INET6)
      memcpy(&call->from, from,
             from->sa_family == AF_INET ? sizeof(call->from.v4) : sizeof(call->from.v6));
  }
  for (ssize_t i = 0; i < nread && i < (ssize_t) sizeof(call->text) - 1; i++)
    call->text[i] = buf->base[i];
  if (buf->base != NULL && !(flags & UV_UDP_MMSG_CHUNK)) {
    free(buf->base);
    buffers_out--;
  }
  if (on_call != NULL)
    on_call(udp, call);
}

static inline void start_receiving(uv_udp_t* udp) {
  assert_int_equal(uv_udp_recv_start(udp, udp_alloc, udp_recv), 0);
}

/* Runs the loop until that many callbacks have come. */
static inline void wait_calls(struct loop_fixture* f, int count) {
  while (call_count < count) {
    assert_int_not_equal(uv_loop_alive(&f->loop), 0);
    uv_run(&f->loop, UV_RUN_ONCE);
  }
}

static inline void wait_datagrams(struct loop_fixture* f, int count) {
  while (datagram_count < count) {
    assert_int_not_equal(uv_loop_alive(&f->loop), 0);
    uv_run(&f->loop, UV_RUN_ONCE);
  }
}

static inline void assert_datagram(const struct udp_call* call, const char* text,
                                   const union address* from, unsigned flags) {
  assert_int_equal(call->nread, strlen(text));
  assert_string_equal(call->text, text);
  assert_int_equal(call->flags, flags);
  assert_true(call->has_address);
  if (from != NULL)
    assert_true(is_same_address(&call->from, from));
}

/* A call that is no datagram: 0 or an error. */
static inline void assert_notice(const struct udp_call* call, int nread, unsigned flags) {
  assert_int_equal(call->nread, nread);
  assert_int_equal(call->flags, flags);
  assert_false(call->has_address);
}

/* -- Setup ------------------------------------------------------------------------------------- */

static int open_before;

static inline int udp_setup(void** state) {
  open_before = count_open();
  reset_calls();
  return loop_setup(state);
}

/* What a library opens for the whole process it opens with its first loop. */
static inline int udp_group_setup(void** state) {
  return loop_setup(state) + loop_teardown(state);
}

static inline int udp_teardown(void** state) {
  loop_teardown(state);
  assert_int_equal(buffers_out, 0);
  assert_int_equal(count_open(), open_before);
  return 0;
}

/* For a loop of a child's own: closes it with all that is on it, and answers whether all went. */
static inline bool end_loop(uv_loop_t* loop) {
  uv_walk(loop, close_handle, NULL);
  return uv_run(loop, UV_RUN_DEFAULT) == 0 && uv_loop_close(loop) == 0;
}

#define udp_test(function) cmocka_unit_test_setup_teardown(function, udp_setup, udp_teardown)

/* As udp_test(), for a function that an older peer does not pass. */
#define newer_udp_test(function) newer_test_with(function, udp_setup, udp_teardown)

#endif /* RONDO_TEST_UDP_H_ */
