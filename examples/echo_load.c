/* A load for echo servers that checks every byte. It uses plain sockets and none of the library:
 * what it says about a server is an independent witness.
 *
 *   echo_load [-c CONNECTIONS] [-s BYTES] [-t SECONDS] [-m MESSAGES] PORT|PATH
 *
 * Opens all connections, to a TCP port of 127.0.0.1 or to a unix socket's path, and when all are
 * there sends a message of so many bytes on each and the next one when the answer is complete:
 * for some seconds, or until each connection has had so many messages. Then each connection is
 * half closed, and the server must close it, with nothing more to read. Prints connections,
 * messages, bytes and errors; fails if there was an error. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTING_AT_ONCE 256
#define SILENCE_MS 30000 /* a server that does nothing for so long is stuck */
#define IO_BYTES (64 * 1024)

/* The bytes a connection sends are a stretch of this table, around and around, from a start of its
 * own. The length is a prime, so that a block that is lost, repeated or swapped does not fit. */
#define PATTERN_BYTES 65521

enum state { UNUSED, CONNECTING, READY, TALKING, FINISHING, DONE };

struct connection {
  enum state state;
  uint64_t sent;
  uint64_t received;
  uint64_t wanted; /* of both: the end of the message under way */
};

struct options {
  size_t connections;
  size_t message_bytes;
  uint64_t duration_ms;
  uint64_t messages; /* on each connection; 0 for as many as fit the duration */
  struct sockaddr_storage address;
  socklen_t address_len;
};

static struct options options = {.connections = 1000, .message_bytes = 64, .duration_ms = 5000};
static struct connection* connections;
static struct pollfd* sockets; /* one each, in the same order */
static unsigned char pattern[PATTERN_BYTES + IO_BYTES];

static size_t opened;     /* connect was called */
static size_t connecting; /* and has not ended */
static size_t connected;  /* established, ever */
static size_t finished;   /* done, well or badly */
static uint64_t messages;
static uint64_t bytes;
static uint64_t errors;
static uint64_t last_progress_ms;
static uint64_t end_ms;

static uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

static void fill_pattern(void) {
  uint32_t state = 2463534242U;
  for (size_t i = 0; i < sizeof(pattern); i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    pattern[i] = i < PATTERN_BYTES ? (unsigned char) state : pattern[i - PATTERN_BYTES];
  }
}

/* At least IO_BYTES of what connection `index` has at `position`. */
static const unsigned char* pattern_at(size_t index, uint64_t position) {
  return pattern + (index * 7919 + position) % PATTERN_BYTES;
}

static void finish(size_t index) {
  if (connections[index].state == CONNECTING)
    connecting--;
  close(sockets[index].fd);
  sockets[index].fd = -1;
  connections[index].state = DONE;
  finished++;
}

static void fail(size_t index, const char* what, int error) {
  if (errors++ < 10)
    fprintf(stderr, "connection %zu, byte %" PRIu64 ": %s%s%s\n", index,
            connections[index].received, what, error ? ": " : "", error ? strerror(error) : "");
  finish(index);
}

/* Sends as much of the message as the socket takes. */
static void send_some(size_t index) {
  struct connection* c = &connections[index];
  while (c->sent < c->wanted) {
    uint64_t left = c->wanted - c->sent;
    ssize_t n = send(sockets[index].fd, pattern_at(index, c->sent),
                     left < IO_BYTES ? (size_t) left : IO_BYTES, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      sockets[index].events = POLLIN | POLLOUT;
      return;
    }
    if (n < 0) {
      fail(index, "send", errno);
      return;
    }
    c->sent += (uint64_t) n;
  }
  sockets[index].events = POLLIN;
}

static void next_message(size_t index) {
  struct connection* c = &connections[index];
  bool enough =
      options.messages ? c->wanted >= options.messages * options.message_bytes : now_ms() >= end_ms;
  if (enough) {
    c->state = FINISHING;
    if (shutdown(sockets[index].fd, SHUT_WR) < 0)
      fail(index, "shutdown", errno);
    return;
  }
  c->state = TALKING;
  c->wanted += options.message_bytes;
  send_some(index);
}

static void read_some(size_t index) {
  static unsigned char buffer[IO_BYTES];
  struct connection* c = &connections[index];
  ssize_t n = recv(sockets[index].fd, buffer, sizeof(buffer), 0);

  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return;
  if (n < 0) {
    fail(index, "recv", errno);
    return;
  }
  if (n == 0) {
    if (c->state == FINISHING)
      finish(index);
    else
      fail(index, "closed by the server", 0);
    return;
  }
  if ((uint64_t) n > c->sent - c->received) {
    fail(index, "more came back than was sent", 0);
    return;
  }
  if (memcmp(buffer, pattern_at(index, c->received), (size_t) n) != 0) {
    fail(index, "a byte came back wrong", 0);
    return;
  }
  c->received += (uint64_t) n;
  bytes += (uint64_t) n;
  if (c->received == c->wanted) {
    messages++;
    next_message(index);
  }
}

static void on_connected(size_t index, int error) {
  if (error != 0) {
    fail(index, "connect", error);
    return;
  }
  connecting--;
  connected++;
  connections[index].state = READY;
  sockets[index].events = POLLIN;
}

/* A unix socket's connect does not go on in the background: it waits for room in the server's
 * queue, or for the time limit. */
static int connect_local(int fd) {
  struct timeval limit = {.tv_sec = SILENCE_MS / 1000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (connect(fd, (const struct sockaddr*) &options.address, options.address_len) < 0)
    return -1;
  return fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int connect_inet(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
    return -1;
  return connect(fd, (const struct sockaddr*) &options.address, options.address_len);
}

static void open_connection(size_t index) {
  int family = options.address.ss_family;
  int fd = socket(family, SOCK_STREAM, 0);
  connections[index].state = CONNECTING;
  connecting++;
  sockets[index].fd = fd;
  sockets[index].events = POLLOUT;
  if (fd < 0)
    fail(index, "socket", errno);
  else if ((family == AF_UNIX ? connect_local(fd) : connect_inet(fd)) == 0)
    on_connected(index, 0);
  else if (errno != EINPROGRESS)
    on_connected(index, errno);
}

static void on_event(size_t index) {
  short events = sockets[index].revents;
  if (connections[index].state == CONNECTING) {
    int error = 0;
    socklen_t len = sizeof(error);
    getsockopt(sockets[index].fd, SOL_SOCKET, SO_ERROR, &error, &len);
    on_connected(index, error);
    return;
  }
  if (events & POLLOUT)
    send_some(index);
  if (sockets[index].fd >= 0 && (events & (POLLIN | POLLHUP | POLLERR)))
    read_some(index);
}

/* One look at all sockets. Returns false when the server has been silent for too long. */
static bool turn(void) {
  int ready = poll(sockets, (nfds_t) opened, 1000);
  uint64_t now = now_ms();
  for (size_t i = 0; i < opened && ready > 0; i++) {
    if (sockets[i].fd < 0 || sockets[i].revents == 0)
      continue;
    ready--;
    last_progress_ms = now;
    on_event(i);
  }
  if (now - last_progress_ms < SILENCE_MS)
    return true;
  for (size_t i = 0; i < opened; i++) {
    if (sockets[i].fd >= 0)
      fail(i, "no answer", 0);
  }
  return false;
}

static bool connect_all(void) {
  while (connected + finished < options.connections) {
    while (opened < options.connections && connecting < CONNECTING_AT_ONCE)
      open_connection(opened++);
    if (connecting > 0 && !turn())
      return false;
  }
  return true;
}

static size_t count_open(void) {
  size_t count = 0;
  for (size_t i = 0; i < opened; i++)
    count += connections[i].state == READY;
  return count;
}

static void talk(void) {
  last_progress_ms = now_ms();
  end_ms = last_progress_ms + options.duration_ms;
  for (size_t i = 0; i < opened; i++) {
    if (connections[i].state == READY)
      next_message(i);
  }
  while (finished < opened && turn())
    continue;
}

static bool parse_number(const char* text, uint64_t* number) {
  char* end;
  *number = strtoull(text, &end, 10);
  return end != text && *end == '\0' && *number > 0 && *number < UINT32_MAX;
}

static bool parse_address(const char* text) {
  uint64_t port;
  if (strchr(text, '/') != NULL) {
    struct sockaddr_un* local = (struct sockaddr_un*) &options.address;
    local->sun_family = AF_UNIX;
    options.address_len = sizeof(*local);
    return (size_t) snprintf(local->sun_path, sizeof(local->sun_path), "%s", text) <
           sizeof(local->sun_path);
  }
  if (!parse_number(text, &port) || port > UINT16_MAX)
    return false;
  struct sockaddr_in* inet = (struct sockaddr_in*) &options.address;
  inet->sin_family = AF_INET;
  inet->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  inet->sin_port = htons((uint16_t) port);
  options.address_len = sizeof(*inet);
  return true;
}

static bool parse_options(int argc, char** argv) {
  uint64_t number;
  int option;
  while ((option = getopt(argc, argv, "c:s:t:m:")) != -1) {
    if (option == '?' || !parse_number(optarg, &number))
      return false;
    if (option == 'c')
      options.connections = (size_t) number;
    else if (option == 's')
      options.message_bytes = (size_t) number;
    else if (option == 't')
      options.duration_ms = number * 1000;
    else
      options.messages = number;
  }
  return optind == argc - 1 && parse_address(argv[optind]);
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

int main(int argc, char** argv) {
  uint64_t start_ms = now_ms();
  uint64_t talk_ms;
  double seconds;

  if (!parse_options(argc, argv)) {
    fprintf(stderr,
            "usage: echo_load [-c CONNECTIONS] [-s BYTES] [-t SECONDS] [-m MESSAGES] PORT|PATH\n");
    return 2;
  }
  connections = calloc(options.connections, sizeof(*connections));
  sockets = calloc(options.connections, sizeof(*sockets));
  if (connections == NULL || sockets == NULL) {
    fprintf(stderr, "no memory for %zu connections\n", options.connections);
    return 2;
  }
  fill_pattern();
  raise_descriptor_limit();

  last_progress_ms = start_ms;
  if (connect_all()) {
    printf("%zu connections open after %.2f s\n", count_open(),
           (double) (now_ms() - start_ms) / 1000);
    fflush(stdout);
  }
  talk_ms = now_ms();
  talk();
  seconds = (double) (now_ms() - talk_ms) / 1000;

  printf("connections %zu\n", connected);
  printf("messages    %" PRIu64 " of %zu bytes, %.0f a second\n", messages, options.message_bytes,
         (double) messages / (seconds > 0 ? seconds : 1));
  printf("bytes       %" PRIu64 ", each checked\n", bytes);
  printf("errors      %" PRIu64 "\n", errors);
  free(connections);
  free(sockets);
  return errors == 0 && messages > 0 ? 0 : 1;
}
