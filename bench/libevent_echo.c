/* The echo server on libevent: on its events, not on the buffers that it has above them. */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdio.h>

#include "peer.h"
#include "traffic.h"

struct client {
  struct peer_client base;
  struct event event;
  short events;
};

static struct peer server;
static struct event_base* base;

void bench_print_library(void) {
  printf("# library none\n# version libevent %s\n", event_get_version());
}

static void on_client(evutil_socket_t fd, short happened, void* data);

static void watch(struct client* client, short events) {
  client->events = events;
  if (event_assign(&client->event, base, client->base.fd, (short) (events | EV_PERSIST), on_client,
                   client) != 0 ||
      event_add(&client->event, NULL) != 0)
    bench_fail("event_add");
}

static void on_client(evutil_socket_t fd, short happened, void* data) {
  struct client* client = data;
  enum peer_wish wish = peer_serve(&server, &client->base);
  short events = wish == PEER_READ ? EV_READ : EV_WRITE;

  (void) fd;
  (void) happened;
  if (wish == PEER_END) {
    event_del(&client->event);
    peer_end(&server, &client->base);
    if (peer_is_done(&server))
      event_base_loopbreak(base);
  } else if (client->events != events) {
    event_del(&client->event);
    watch(client, events);
  }
}

static void on_connection(evutil_socket_t fd, short happened, void* data) {
  struct client* client = peer_accept(&server, sizeof(*client));

  (void) fd;
  (void) happened;
  (void) data;
  if (client != NULL)
    watch(client, EV_READ);
}

static void run(const struct bench_case* self) {
  struct event* listener;

  base = event_base_new();
  if (base == NULL)
    bench_fail("event_base_new");
  peer_open(&server, self);
  listener = event_new(base, server.listen_fd, EV_READ | EV_PERSIST, on_connection, NULL);
  if (listener == NULL || event_add(listener, NULL) != 0)
    bench_fail("event_add");
  event_base_dispatch(base);
  event_free(listener);
  peer_close(&server);
  event_base_free(base);
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "echo", run);

  return bench_main(argc, argv, cases, count);
}
