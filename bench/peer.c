/* A server without libuv; see peer.h. */
#define _GNU_SOURCE
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "traffic.h"

enum { BACKLOG = 4096 };

static bool has_short_connections(const struct peer* peer) {
  return strcmp(peer->self->kind, "connect") == 0;
}

/* -- Listening --------------------------------------------------------------------------------- */

static int must(int result, const char* what) {
  return bench_must(result < 0 ? -errno : result, what);
}

static void bind_tcp(struct peer* peer) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(at);

  must(bind(peer->listen_fd, (struct sockaddr*) &at, sizeof(at)), "bind");
  must(getsockname(peer->listen_fd, (struct sockaddr*) &at, &len), "getsockname");
  snprintf(peer->address, sizeof(peer->address), "tcp:%d", ntohs(at.sin_port));
}

static void bind_unix(struct peer* peer) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};

  strcpy(peer->directory, "/tmp/bench-XXXXXX");
  if (mkdtemp(peer->directory) == NULL)
    bench_fail("mkdtemp");
  snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", peer->directory);
  snprintf(peer->address, sizeof(peer->address), "unix:%s", at.sun_path);
  must(bind(peer->listen_fd, (struct sockaddr*) &at, sizeof(at)), "bind");
}

void peer_open(struct peer* peer, const struct bench_case* self) {
  *peer = (struct peer){.self = self};
  traffic_plan(self, &peer->plan, &peer->window);
  peer->expected =
      (uint64_t) (has_short_connections(peer) ? peer->plan.messages : self->population);

  peer->listen_fd =
      must(socket(self->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  if (self->family == AF_INET)
    bind_tcp(peer);
  else
    bind_unix(peer);
  must(listen(peer->listen_fd, BACKLOG), "listen");
  peer->plan.address = peer->address;
  load_start(&peer->load, &peer->plan);
}

/* -- Clients ----------------------------------------------------------------------------------- */

void* peer_add(struct peer* peer, int fd, size_t len) {
  static const int on = 1;
  struct peer_client* client = peer->free_clients;

  if (client == NULL)
    client = bench_alloc(1, len);
  else
    peer->free_clients = client->next_free;
  client->fd = fd;
  client->received = client->kept_len = 0;
  if (peer->self->family == AF_INET && !has_short_connections(peer))
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "TCP_NODELAY");
  return client;
}

void* peer_accept(struct peer* peer, size_t len) {
  int fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd == -1 && errno == EAGAIN)
    return NULL;
  return peer_add(peer, must(fd, "accept"), len);
}

/* Sends what the socket takes at once of what is kept. */
static enum peer_wish send_kept(struct peer_client* client) {
  ssize_t count = send(client->fd, client->bytes + client->kept_at, client->kept_len, MSG_NOSIGNAL);

  if (count < 0 && errno == EAGAIN)
    return PEER_WRITE;
  must((int) count, "send");
  client->kept_at += (size_t) count;
  client->kept_len -= (size_t) count;
  return client->kept_len > 0 ? PEER_WRITE : PEER_READ;
}

void peer_count(struct peer* peer, size_t len) {
  if (!has_short_connections(peer))
    bench_window_add(&peer->window, len);
}

enum peer_wish peer_serve(struct peer* peer, struct peer_client* client) {
  ssize_t count;

  if (client->kept_len > 0)
    return send_kept(client);
  count = read(client->fd, client->bytes, sizeof(client->bytes));
  if (count < 0 && errno == EAGAIN)
    return PEER_READ;
  if (count <= 0)
    return PEER_END;

  peer_count(peer, (size_t) count);
  client->received += (size_t) count;
  client->kept_at = 0;
  client->kept_len = (size_t) count;
  if (send_kept(client) == PEER_WRITE)
    return PEER_WRITE;
  return has_short_connections(peer) && client->received == peer->self->message_len ? PEER_END
                                                                                    : PEER_READ;
}

void peer_end(struct peer* peer, struct peer_client* client) {
  close(client->fd);
  client->next_free = peer->free_clients;
  peer->free_clients = client;
  peer->ended++;
  if (has_short_connections(peer))
    bench_window_add(&peer->window, 1);
}

bool peer_is_done(const struct peer* peer) {
  return peer->ended == peer->expected;
}

void peer_close(struct peer* peer) {
  load_finish(&peer->load);
  close(peer->listen_fd);
  if (peer->directory[0] != '\0') {
    unlink(peer->address + strlen("unix:"));
    rmdir(peer->directory);
  }
  while (peer->free_clients != NULL) {
    struct peer_client* client = peer->free_clients;
    peer->free_clients = client->next_free;
    free(client);
  }
  traffic_report(peer->self, &peer->window);
}
