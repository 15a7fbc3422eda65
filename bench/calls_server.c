/* Servers on bare system calls and epoll: what no library can go below that waits in this way. The
 * descriptors are watched level-triggered and changed only where what is waited for changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "peer.h"
#include "traffic.h"

enum { EVENTS = 1024 };

struct client {
  struct peer_client base;
  uint32_t events;
};

static struct peer server;
static int epoll_fd;

void bench_print_library(void) {
  puts("# library none\n# version epoll");
}

static void control(int operation, int fd, uint32_t events, void* client) {
  struct epoll_event event = {.events = events, .data.ptr = client};

  if (epoll_ctl(epoll_fd, operation, fd, &event) != 0)
    bench_must(-errno, "epoll_ctl");
}

static void on_connection(void) {
  struct client* client = peer_accept(&server, sizeof(*client));

  if (client == NULL)
    return;
  if (server.self->message_len == 0) {
    peer_end(&server, &client->base);
    return;
  }
  client->events = EPOLLIN;
  control(EPOLL_CTL_ADD, client->base.fd, EPOLLIN, client);
}

static void on_client(struct client* client) {
  enum peer_wish wish = peer_serve(&server, &client->base);
  uint32_t events = wish == PEER_READ ? EPOLLIN : EPOLLOUT;

  if (wish == PEER_END) {
    peer_end(&server, &client->base); /* a closed descriptor is not watched any more */
  } else if (client->events != events) {
    client->events = events;
    control(EPOLL_CTL_MOD, client->base.fd, events, client);
  }
}

static void run(const struct bench_case* self) {
  static struct epoll_event events[EVENTS];

  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd == -1)
    bench_must(-errno, "epoll_create1");
  peer_open(&server, self);
  control(EPOLL_CTL_ADD, server.listen_fd, EPOLLIN, NULL);

  while (!peer_is_done(&server)) {
    int count = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL)
        on_connection();
      else
        on_client(events[i].data.ptr);
    }
  }

  peer_close(&server);
  close(epoll_fd);
}

int main(int argc, char** argv) {
  struct bench_case cases[3 * TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "echo", run);

  count += traffic_cases(cases + count, "bursts", run);
  count += traffic_cases(cases + count, "connect", run);
  return bench_main(argc, argv, cases, count);
}
