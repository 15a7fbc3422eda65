/* Datagrams of 64 bytes on the loopback address: what does it cost to send one, alone, in a batch
 * of equal ones to one peer, queued; and to receive one, alone or in a batch? The other end is a
 * socket without a library, whose work is not counted.
 *
 * A batch goes by uv_udp_try_send2() where the library has it, which 1.44 has not, else by
 * uv_udp_try_send() for each. */
#define _GNU_SOURCE
#include <uv.h>

#include "bench.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  LEN = 64,
  ROUND = 128 /* what a socket has room for, several times */,
  RECEIVE_ROOM = 65536
};

typedef int (*try_send2_fn)(uv_udp_t* udp, unsigned int count, uv_buf_t* bufs[],
                            unsigned int nbufs[], struct sockaddr* addresses[], unsigned int flags);

static struct {
  uv_loop_t loop;
  uv_udp_t udp;
  struct sockaddr_in udp_at;
  int other;
  struct sockaddr_in other_at;
  try_send2_fn try_send2;
  char bytes[LEN];
  uv_buf_t piece;
  uv_buf_t* bufs[ROUND];
  unsigned int nbufs[ROUND];
  struct sockaddr* addresses[ROUND];
  uv_udp_send_t requests[ROUND];
  long done;
} bench;

static void find_try_send2(void) {
  void* symbol = dlsym(RTLD_DEFAULT, "uv_udp_try_send2");

  memcpy(&bench.try_send2, &symbol, sizeof(symbol));
}

static void open_both(unsigned int flags) {
  struct sockaddr_in any;
  socklen_t len = sizeof(any);
  int name_len = sizeof(any);

  bench_must(uv_ip4_addr("127.0.0.1", 0, &any), "uv_ip4_addr");
  bench.other = bench_must(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), "socket");
  bench_must(bind(bench.other, (struct sockaddr*) &any, sizeof(any)), "bind");
  bench_must(getsockname(bench.other, (struct sockaddr*) &bench.other_at, &len), "getsockname");

  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  bench_must(uv_udp_init_ex(&bench.loop, &bench.udp, flags), "uv_udp_init_ex");
  bench_must(uv_udp_bind(&bench.udp, (struct sockaddr*) &any, 0), "uv_udp_bind");
  bench_must(uv_udp_getsockname(&bench.udp, (struct sockaddr*) &bench.udp_at, &name_len),
             "uv_udp_getsockname");
  bench.piece = uv_buf_init(bench.bytes, LEN);
  for (int i = 0; i < ROUND; i++) {
    bench.bufs[i] = &bench.piece;
    bench.nbufs[i] = 1;
    bench.addresses[i] = (struct sockaddr*) &bench.other_at;
  }
}

static void close_both(void) {
  uv_close((uv_handle_t*) &bench.udp, NULL);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  close(bench.other);
}

/* -- Sending ----------------------------------------------------------------------------------- */

/* All must have come, each by itself. */
static void drain(void) {
  char room[RECEIVE_ROOM];

  for (int i = 0; i < ROUND; i++)
    if (recv(bench.other, room, sizeof(room), 0) != LEN)
      bench_fail("a datagram is missing");
}

static void send_one(void) {
  bench_must(uv_udp_try_send(&bench.udp, &bench.piece, 1, bench.addresses[0]), "uv_udp_try_send");
}

static void send_alone(long depth) {
  (void) depth;
  for (int i = 0; i < ROUND; i++)
    send_one();
}

static void send_batches(long depth) {
  if (bench.try_send2 == NULL) {
    send_alone(depth);
    return;
  }
  for (long i = 0; i < ROUND; i += depth)
    if (bench.try_send2(&bench.udp, (unsigned) depth, bench.bufs, bench.nbufs, bench.addresses,
                        0) != depth)
      bench_fail("uv_udp_try_send2");
}

static void on_sent(uv_udp_send_t* request, int status) {
  (void) request;
  bench_must(status, "send");
  bench.done++;
}

static void send_queued(long depth) {
  for (long i = 0; i < ROUND; i += depth) {
    bench.done = 0;
    for (long j = 0; j < depth; j++)
      bench_must(
          uv_udp_send(&bench.requests[j], &bench.udp, &bench.piece, 1, bench.addresses[0], on_sent),
          "uv_udp_send");
    while (bench.done < depth)
      uv_run(&bench.loop, UV_RUN_NOWAIT);
  }
}

static void measure_sends(const struct bench_case* self, void (*send_round)(long depth)) {
  uint64_t start = bench_cpu_ns();
  uint64_t spent = 0;
  long rounds = 0;

  open_both(0);
  do {
    uint64_t round_start = bench_cpu_ns();
    send_round(self->depth);
    spent += bench_cpu_ns() - round_start;
    drain();
    rounds++;
  } while (!bench_is_enough(start));
  bench_report(self, NULL, (double) spent / (double) (rounds * ROUND), "ns");
  close_both();
}

static void run_alone(const struct bench_case* self) {
  measure_sends(self, send_alone);
}

static void run_batches(const struct bench_case* self) {
  find_try_send2();
  measure_sends(self, send_batches);
}

static void run_queued(const struct bench_case* self) {
  measure_sends(self, send_queued);
}

/* -- Receiving --------------------------------------------------------------------------------- */

/* Twenty datagrams fit for a handle that receives batches. */
static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  static char room[20 * RECEIVE_ROOM];

  *buf = uv_buf_init(room, (unsigned) suggested_len);
  if (handle->data != NULL)
    buf->len = sizeof(room);
}

static void on_received(uv_udp_t* udp, ssize_t nread, const uv_buf_t* buf,
                        const struct sockaddr* from, unsigned int flags) {
  (void) udp;
  (void) buf;
  (void) flags;
  bench_must((int) nread, "receive");
  if (from != NULL)
    bench.done++;
}

static void fill(void) {
  for (int i = 0; i < ROUND; i++)
    bench_must((int) sendto(bench.other, bench.bytes, LEN, 0, (struct sockaddr*) &bench.udp_at,
                            sizeof(bench.udp_at)),
               "sendto");
}

static void measure_receives(const struct bench_case* self, unsigned int flags) {
  uint64_t start = bench_cpu_ns();
  uint64_t spent = 0;
  long rounds = 0;

  open_both(flags);
  bench.udp.data = flags != 0 ? &bench : NULL;
  bench_must(uv_udp_recv_start(&bench.udp, on_alloc, on_received), "uv_udp_recv_start");
  do {
    fill();
    bench.done = 0;
    uint64_t round_start = bench_cpu_ns();
    while (bench.done < ROUND)
      uv_run(&bench.loop, UV_RUN_NOWAIT);
    spent += bench_cpu_ns() - round_start;
    rounds++;
  } while (!bench_is_enough(start));
  bench_report(self, NULL, (double) spent / (double) (rounds * ROUND), "ns");
  close_both();
}

static void run_receive(const struct bench_case* self) {
  measure_receives(self, 0);
}

static void run_receive_batches(const struct bench_case* self) {
  measure_receives(self, UV_UDP_RECVMMSG);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "udp_send/alone", .run = run_alone, .depth = 1},
      {.name = "udp_send/equal_16", .run = run_batches, .depth = 16},
      {.name = "udp_send/equal_64", .run = run_batches, .depth = 64},
      {.name = "udp_send/queued_16", .run = run_queued, .depth = 16},
      {.name = "udp_receive/alone", .run = run_receive},
      {.name = "udp_receive/recvmmsg", .run = run_receive_batches},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
