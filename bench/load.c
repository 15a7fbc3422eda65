/* The load for the servers that are measured, on raw epoll, without any library.
 *
 *   bench_load echo ADDRESS CONNECTIONS BYTES DEPTH MESSAGES
 *       connects, sends MESSAGES messages of BYTES bytes over all connections together, each
 *       connection having at most DEPTH of them under way, and compares every byte that comes back
 *   bench_load bursts ADDRESS CONNECTIONS BYTES DEPTH MESSAGES
 *       the same, but a connection sends DEPTH messages with one system call, and the next ones
 *       when all of them have come back
 *   bench_load http ADDRESS CONNECTIONS BYTES 1 MESSAGES
 *       sends MESSAGES requests of HTTP/1.1, one at a time on each connection, and compares every
 *       reply of BYTES bytes with the first
 *   bench_load connect ADDRESS CONNECTIONS BYTES DEPTH MESSAGES
 *       MESSAGES times: connects, sends one message, reads the reply and the end, closes; at most
 *       CONNECTIONS at a time; with BYTES 0 it only waits for the end
 *   bench_load hold ADDRESS CONNECTIONS 0 0 0
 *       connects LOAD_STEP sockets for each byte that arrives on stdin, until its end
 *
 * ADDRESS is tcp:PORT (on 127.0.0.1) or unix:PATH. Exits with 0 if all went well. Sockets are
 * closed by reset, so that tens of thousands of connections leave no TIME_WAIT behind. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "load_process.h"

enum {
  TIME_LIMIT_S = 60,
  PATTERN_VARIANTS = 4093, /* prime: messages in a row start at different places */
  EVENTS = 256,
  READ_LEN = 65536,
  MOST_TOGETHER = 64, /* messages of a burst */
};

struct client {
  int fd;
  bool connected;
  size_t id;
  uint64_t granted; /* bytes it may send in all */
  uint64_t sent;
  uint64_t received;
};

static struct {
  union {
    struct sockaddr any;
    struct sockaddr_in tcp;
    struct sockaddr_un unix_path;
  } address;
  socklen_t address_len;
  int epoll_fd;
  struct client* clients;
  size_t client_count;
  uint64_t message_len;
  uint64_t depth;
  bool in_bursts;
  uint64_t ungranted; /* messages, or connections, not yet begun */
  uint64_t unfinished;
  char* pattern;
} load;

static void fail(const char* what) {
  fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
  exit(EXIT_FAILURE);
}

static void parse_address(const char* text) {
  if (strncmp(text, "tcp:", 4) == 0) {
    load.address.tcp.sin_family = AF_INET;
    load.address.tcp.sin_port = htons((uint16_t) atoi(text + 4));
    load.address.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load.address_len = sizeof(load.address.tcp);
  } else if (strncmp(text, "unix:", 5) == 0) {
    load.address.unix_path.sun_family = AF_UNIX;
    snprintf(load.address.unix_path.sun_path, sizeof(load.address.unix_path.sun_path), "%s",
             text + 5);
    load.address_len = sizeof(load.address.unix_path);
  } else {
    errno = EINVAL;
    fail(text);
  }
}

/* Message number k of a connection is message_len bytes of the pattern, from a place that depends
 * on both: a byte lost, doubled or sent to the wrong connection shows. */
static void make_pattern(void) {
  size_t len = PATTERN_VARIANTS + load.message_len;
  uint32_t random = 88675123U;

  load.pattern = malloc(len);
  if (load.pattern == NULL)
    fail("malloc");
  for (size_t i = 0; i < len; i++) {
    random = random * 1664525U + 1013904223U;
    load.pattern[i] = (char) (random >> 24);
  }
}

/* The bytes that stand at "position" of a connection's stream, and how many until the message's
 * end. */
static const char* expected_at(const struct client* client, uint64_t position, size_t* len) {
  uint64_t message = position / load.message_len;
  uint64_t offset = position % load.message_len;

  *len = (size_t) (load.message_len - offset);
  return load.pattern + (client->id * 31 + message * 17) % PATTERN_VARIANTS + offset;
}

static void set_option(int fd, int level, int name, const void* value, socklen_t len) {
  if (setsockopt(fd, level, name, value, len) != 0)
    fail("setsockopt");
}

static int open_socket(int flags) {
  static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  static const int on = 1;
  int family = load.address.any.sa_family;
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

  if (fd < 0)
    fail("socket");
  if (family == AF_INET) {
    set_option(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return fd;
}

static void watch(struct client* client) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.ptr = client};

  if (epoll_ctl(load.epoll_fd, EPOLL_CTL_ADD, client->fd, &event) != 0)
    fail("epoll_ctl");
}

static void grant(struct client* client) {
  uint64_t in_flight = client->granted - client->received;

  if (load.in_bursts && in_flight > 0)
    return;
  while (load.ungranted > 0 && in_flight + load.message_len <= load.depth * load.message_len) {
    load.ungranted--;
    client->granted += load.message_len;
    in_flight += load.message_len;
  }
}

/* Sends the messages from a position on, or one: what send(2) answers. */
static ssize_t send_from(const struct client* client, uint64_t position) {
  struct iovec iov[MOST_TOGETHER];
  struct msghdr message = {.msg_iov = iov};
  size_t most = load.in_bursts ? MOST_TOGETHER : 1;

  while (message.msg_iovlen < most && position < client->granted) {
    struct iovec* piece = &iov[message.msg_iovlen++];
    piece->iov_base = (void*) (uintptr_t) expected_at(client, position, &piece->iov_len);
    position += piece->iov_len;
  }
  return sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_granted(struct client* client) {
  while (client->sent < client->granted) {
    ssize_t count = send_from(client, client->sent);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return;
    if (count < 0)
      fail("send");
    client->sent += (uint64_t) count;
  }
}

static void check(struct client* client, const char* bytes, size_t len) {
  errno = EBADMSG;
  if (client->received + len > client->sent)
    fail("more came back than was sent");

  while (len > 0) {
    size_t expected_len;
    const char* expected = expected_at(client, client->received, &expected_len);
    if (expected_len > len)
      expected_len = len;
    if (memcmp(bytes, expected, expected_len) != 0)
      fail("other bytes came back than were sent");
    client->received += expected_len;
    bytes += expected_len;
    len -= expected_len;
  }
}

/* Reads and checks what is there. Returns true at the end of the stream. A short read means that
 * nothing more is there and that the next edge will tell, unless the end came before this event. */
static bool read_replies(struct client* client, uint32_t events) {
  static char bytes[READ_LEN];
  ssize_t count;

  do {
    count = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return false;
    if (count < 0)
      fail("recv");
    check(client, bytes, (size_t) count);
  } while (count == sizeof(bytes) || (count > 0 && (events & EPOLLRDHUP)));

  return count == 0;
}

static void wait_for_events(void (*handle)(struct client*, uint32_t)) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(load.epoll_fd, events, EVENTS, -1);

  if (count < 0 && errno != EINTR)
    fail("epoll_wait");
  for (int i = 0; i < count; i++)
    handle(events[i].data.ptr, events[i].events);
}

static void on_echo_event(struct client* client, uint32_t events) {
  uint64_t before = client->received / load.message_len;

  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    if (read_replies(client, events)) {
      errno = ECONNRESET;
      fail("the server closed a connection");
    }
    load.unfinished -= client->received / load.message_len - before;
    grant(client);
  }
  send_granted(client);
}

static void connect_all(void) {
  for (size_t i = 0; i < load.client_count; i++) {
    struct client* client = &load.clients[i];
    client->fd = open_socket(0);
    if (connect(client->fd, &load.address.any, load.address_len) != 0)
      fail("connect");
  }
}

static void run_echo(void) {
  connect_all();
  for (size_t i = 0; i < load.client_count; i++) {
    grant(&load.clients[i]);
    watch(&load.clients[i]); /* reports at once that the socket is writable */
  }

  while (load.unfinished > 0)
    wait_for_events(on_echo_event);
}

/* -- HTTP -------------------------------------------------------------------------------------- */

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static char* expected_reply;

static void send_request(struct client* client) {
  if (load.ungranted == 0)
    return;
  load.ungranted--;
  if (send(client->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != sizeof(request) - 1)
    fail("send of a request");
}

/* One reply is looked at before all others are compared with it. */
static void learn_reply(struct client* client) {
  static const char start[] = "HTTP/1.1 200 OK\r\n";
  size_t len = (size_t) load.message_len;

  expected_reply = malloc(len);
  if (expected_reply == NULL)
    fail("malloc");
  send_request(client);
  errno = EBADMSG;
  if (recv(client->fd, expected_reply, len, MSG_WAITALL) != (ssize_t) len || len < sizeof(start) ||
      memcmp(expected_reply, start, sizeof(start) - 1) != 0)
    fail("the first reply");
  load.unfinished--;
}

static void on_http_event(struct client* client, uint32_t events) {
  static char bytes[READ_LEN];
  size_t room = (size_t) (load.message_len - client->received);
  ssize_t count;

  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
    return;
  count = recv(client->fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return;
  errno = EBADMSG;
  if (count <= 0 || memcmp(bytes, expected_reply + client->received, (size_t) count) != 0)
    fail("a reply");

  client->received += (uint64_t) count;
  if (client->received < load.message_len)
    return;
  client->received = 0;
  load.unfinished--;
  send_request(client);
}

static void run_http(void) {
  connect_all();
  learn_reply(&load.clients[0]);
  for (size_t i = 0; i < load.client_count; i++) {
    watch(&load.clients[i]);
    send_request(&load.clients[i]);
  }
  while (load.unfinished > 0)
    wait_for_events(on_http_event);
  free(expected_reply);
}

/* -- Short and quiet connections --------------------------------------------------------------- */

static void connect_next(struct client* client) {
  if (load.ungranted == 0)
    return;

  load.ungranted--;
  client->connected = false;
  client->sent = client->received = 0;
  client->granted = load.message_len;
  client->fd = open_socket(SOCK_NONBLOCK);
  if (connect(client->fd, &load.address.any, load.address_len) != 0 && errno != EINPROGRESS)
    fail("connect");
  watch(client);
}

static void on_connect_event(struct client* client, uint32_t events) {
  if (!client->connected && (events & (EPOLLOUT | EPOLLIN))) {
    client->connected = true;
    send_granted(client);
  }
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || !read_replies(client, events))
    return;

  if (client->received != client->granted) {
    errno = ECONNRESET;
    fail("the server closed before its reply was whole");
  }
  close(client->fd);
  load.unfinished--;
  connect_next(client);
}

static void run_connect(void) {
  for (size_t i = 0; i < load.client_count; i++)
    connect_next(&load.clients[i]);
  while (load.unfinished > 0)
    wait_for_events(on_connect_event);
}

static void run_hold(void) {
  size_t connected = 0;
  char step;

  while (read(STDIN_FILENO, &step, 1) == 1) {
    for (int i = 0; i < LOAD_STEP && connected < load.client_count; i++, connected++) {
      int fd = open_socket(0);
      if (connect(fd, &load.address.any, load.address_len) != 0)
        fail("connect");
    }
  }

  errno = ECANCELED;
  if (connected < load.client_count)
    fail("ended before all connections were made");
}

static uint64_t parse_number(const char* text) {
  char* end;
  unsigned long long value = strtoull(text, &end, 10);

  errno = EINVAL;
  if (*text == '\0' || *end != '\0')
    fail(text);
  return value;
}

int main(int argc, char** argv) {
  struct rlimit limit;

  if (argc != 7) {
    fprintf(stderr,
            "usage: %s echo|bursts|http|connect|hold ADDRESS CONNECTIONS BYTES DEPTH MESSAGES\n",
            argv[0]);
    return EXIT_FAILURE;
  }

  alarm(TIME_LIMIT_S);
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }

  parse_address(argv[2]);
  load.client_count = (size_t) parse_number(argv[3]);
  load.message_len = parse_number(argv[4]);
  load.depth = parse_number(argv[5]);
  load.ungranted = load.unfinished = parse_number(argv[6]);
  load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  load.clients = calloc(load.client_count, sizeof(*load.clients));
  if (load.epoll_fd < 0 || load.clients == NULL)
    fail("set-up");
  for (size_t i = 0; i < load.client_count; i++)
    load.clients[i].id = i;
  make_pattern();

  load.in_bursts = strcmp(argv[1], "bursts") == 0;
  if (strcmp(argv[1], "echo") == 0 || load.in_bursts)
    run_echo();
  else if (strcmp(argv[1], "http") == 0)
    run_http();
  else if (strcmp(argv[1], "connect") == 0)
    run_connect();
  else if (strcmp(argv[1], "hold") == 0)
    run_hold();
  else
    fail(argv[1]);

  return EXIT_SUCCESS;
}
