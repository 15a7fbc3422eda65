/* The echo server on libev. */
#include <ev.h>
#include <stdio.h>

#include "peer.h"
#include "traffic.h"

struct client {
  struct peer_client base;
  ev_io watcher;
};

static struct peer server;

void bench_print_library(void) {
  printf("# library none\n# version libev %d.%d\n", ev_version_major(), ev_version_minor());
}

static void on_client(struct ev_loop* loop, ev_io* watcher, int happened) {
  struct client* client = watcher->data;
  enum peer_wish wish = peer_serve(&server, &client->base);
  int events = wish == PEER_READ ? EV_READ : EV_WRITE;

  (void) happened;
  if (wish == PEER_END) {
    ev_io_stop(loop, watcher);
    peer_end(&server, &client->base);
    if (peer_is_done(&server))
      ev_break(loop, EVBREAK_ALL);
  } else if ((watcher->events & (EV_READ | EV_WRITE)) != events) {
    ev_io_stop(loop, watcher);
    ev_io_set(watcher, client->base.fd, events);
    ev_io_start(loop, watcher);
  }
}

static void on_connection(struct ev_loop* loop, ev_io* watcher, int happened) {
  struct client* client = peer_accept(&server, sizeof(*client));

  (void) watcher;
  (void) happened;
  if (client == NULL)
    return;
  ev_io_init(&client->watcher, on_client, client->base.fd, EV_READ);
  client->watcher.data = client;
  ev_io_start(loop, &client->watcher);
}

static void run(const struct bench_case* self) {
  struct ev_loop* loop = ev_loop_new(EVBACKEND_EPOLL);
  ev_io listener;

  if (loop == NULL)
    bench_fail("ev_loop_new");
  peer_open(&server, self);
  ev_io_init(&listener, on_connection, server.listen_fd, EV_READ);
  ev_io_start(loop, &listener);
  ev_run(loop, 0);
  ev_io_stop(loop, &listener);
  peer_close(&server);
  ev_loop_destroy(loop);
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "echo", run);

  return bench_main(argc, argv, cases, count);
}
