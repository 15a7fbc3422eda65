/* The echo server with everything on io_uring: an answer and the next read are one chain, and what
 * a turn has begun enters the kernel together with the wait. A read has its buffer from the
 * beginning on, which libuv's interface does not allow. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "peer.h"
#include "ring.h"
#include "traffic.h"

enum { ENTRIES = 4096 };

static struct peer server;
static struct ring ring;

void bench_print_library(void) {
  puts("# library none\n# version io_uring");
}

static void begin_accept(void) {
  struct io_uring_sqe* entry = ring_next(&ring);

  entry->opcode = IORING_OP_ACCEPT;
  entry->fd = server.listen_fd;
  entry->accept_flags = SOCK_CLOEXEC;
}

static void begin_read(struct peer_client* client) {
  struct io_uring_sqe* entry = ring_next(&ring);

  entry->opcode = IORING_OP_RECV;
  entry->fd = client->fd;
  entry->addr = (uintptr_t) client->bytes;
  entry->len = PEER_ROOM;
  entry->user_data = (uintptr_t) client;
}

/* Completes only if it fails, and then the read behind it is cancelled. */
static void begin_answer(struct peer_client* client, unsigned len) {
  struct io_uring_sqe* entry = ring_next(&ring);

  entry->opcode = IORING_OP_SEND;
  entry->fd = client->fd;
  entry->addr = (uintptr_t) client->bytes;
  entry->len = len;
  entry->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  entry->flags = IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
  entry->user_data = (uintptr_t) client;
}

static void on_connection(int fd) {
  struct peer_client* client = peer_add(&server, bench_must(fd, "accept"), sizeof(*client));

  begin_read(client);
  begin_accept();
}

static void on_client(struct peer_client* client, int result) {
  if (result == -ECANCELED)
    bench_fail("send");
  if (result <= 0) {
    peer_end(&server, client);
    return;
  }
  peer_count(&server, (size_t) result);
  begin_answer(client, (unsigned) result);
  begin_read(client);
}

static void run(const struct bench_case* self) {
  struct io_uring_cqe completion;

  if (!ring_open(&ring, ENTRIES))
    return;
  peer_open(&server, self);
  fcntl(server.listen_fd, F_SETFL, 0); /* a ring waits for what blocks only */
  begin_accept();
  while (!peer_is_done(&server)) {
    ring_enter(&ring, 1);
    while (ring_take(&ring, &completion)) {
      if (completion.user_data == 0)
        on_connection(completion.res);
      else
        on_client((struct peer_client*) (uintptr_t) completion.user_data, completion.res);
    }
  }
  ring_close(&ring);
  peer_close(&server);
}

int main(int argc, char** argv) {
  struct bench_case cases[TRAFFIC_CASES];
  size_t count = traffic_cases(cases, "echo", run);

  return bench_main(argc, argv, cases, count);
}
