/* A server without libuv: everything but waiting for events, which is what such servers differ in.
 * It answers what a client sends, and what the client does not take at once it keeps and reads no
 * more until it is gone. Every client has a buffer of its own, so that as much memory is in use as
 * by a server on libuv, whose buffers come back in the next turn. */
#ifndef PEER_H_
#define PEER_H_

#include <stddef.h>
#include <stdint.h>

#include "bench.h"
#include "load_process.h"

struct peer {
  const struct bench_case* self;
  int listen_fd;
  char address[128]; /* for the load: "tcp:PORT" or "unix:PATH" */
  char directory[64];
  struct load load;
  struct load_plan plan;
  struct bench_window window;
  uint64_t ended;
  uint64_t expected; /* connections */
  struct peer_client* free_clients;
};

enum { PEER_ROOM = 65536 };

/* First member of a program's own struct. */
struct peer_client {
  int fd;
  struct peer_client* next_free;
  size_t received;
  size_t kept_at; /* what has not been sent yet, in bytes[] */
  size_t kept_len;
  char bytes[PEER_ROOM];
};

/* What to wait for next. */
enum peer_wish { PEER_READ, PEER_WRITE, PEER_END };

/* Listens and starts the load. */
void peer_open(struct peer* peer, const struct bench_case* self);

/* A client for an accepted connection; `len` is the same for all. */
void* peer_add(struct peer* peer, int fd, size_t len);

/* The same for the next connection that waits; NULL if there is none. */
void* peer_accept(struct peer* peer, size_t len);

/* Reads and answers, or writes what was kept. */
enum peer_wish peer_serve(struct peer* peer, struct peer_client* client);

/* Takes note of so many bytes received. */
void peer_count(struct peer* peer, size_t len);

/* Closes. The client's memory may be used for the next. */
void peer_end(struct peer* peer, struct peer_client* client);

/* True when all connections that the load makes have ended. */
bool peer_is_done(const struct peer* peer);

/* Waits for the load, reports and frees. */
void peer_close(struct peer* peer);

#endif /* PEER_H_ */
