/* Datagrams of 64 bytes on the loopback address by bare system calls: sent alone, as segments of
 * one send, by sendmmsg(2); received alone and by recvmmsg(2). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

enum { LEN = 64, ROUND = 128, MOST = 64, ROOM = 2048 };

static struct {
  int sender;
  int receiver;
  struct sockaddr_in at; /* the receiver */
  char bytes[MOST * LEN];
  struct mmsghdr messages[MOST];
  struct iovec pieces[MOST];
  struct sockaddr_in from[MOST];
  char rooms[MOST][ROOM];
} bench;

void bench_print_library(void) {
  puts("# library none\n# version calls");
}

static void check(ssize_t result, ssize_t expected, const char* what) {
  if (result != expected)
    bench_must(result < 0 ? -errno : -EIO, what);
}

static void open_both(void) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(bench.at);

  bench.sender = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  bench.receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  check(bind(bench.receiver, (struct sockaddr*) &any, sizeof(any)), 0, "bind");
  check(getsockname(bench.receiver, (struct sockaddr*) &bench.at, &len), 0, "getsockname");
}

/* For sending, all to the receiver; for receiving, each into a room of its own. */
static void make_messages(bool receives) {
  for (int i = 0; i < MOST; i++) {
    bench.pieces[i] = (struct iovec){.iov_base = receives ? bench.rooms[i] : bench.bytes,
                                     .iov_len = receives ? ROOM : LEN};
    bench.messages[i].msg_hdr = (struct msghdr){
        .msg_name = receives ? &bench.from[i] : &bench.at,
        .msg_namelen = sizeof(bench.at),
        .msg_iov = &bench.pieces[i],
        .msg_iovlen = 1,
    };
  }
}

static void send_alone(long depth) {
  (void) depth;
  check(sendto(bench.sender, bench.bytes, LEN, 0, (struct sockaddr*) &bench.at, sizeof(bench.at)),
        LEN, "sendto");
}

static void send_segments(long depth) {
  check(sendto(bench.sender, bench.bytes, (size_t) depth * LEN, 0, (struct sockaddr*) &bench.at,
               sizeof(bench.at)),
        depth * LEN, "sendto");
}

static void send_messages(long depth) {
  check(sendmmsg(bench.sender, bench.messages, (unsigned) depth, 0), depth, "sendmmsg");
}

static void receive_alone(long depth) {
  (void) depth;
  check(recvmsg(bench.receiver, &bench.messages[0].msg_hdr, 0), LEN, "recvmsg");
}

static void receive_messages(long depth) {
  check(recvmmsg(bench.receiver, bench.messages, (unsigned) depth, 0, NULL), depth, "recvmmsg");
}

/* Whatever is not measured: the other end. */
static void drain(void) {
  char room[ROOM];

  for (int i = 0; i < ROUND; i++)
    check(recv(bench.receiver, room, sizeof(room), 0), LEN, "recv");
}

static void fill(void) {
  for (int i = 0; i < ROUND; i++)
    send_alone(1);
}

static void run(const struct bench_case* self) {
  static const int segment_len = LEN;
  bool receives = self->kind[0] == 'r';
  void (*operation)(long) = strcmp(self->kind, "send_alone") == 0      ? send_alone
                            : strcmp(self->kind, "send_segments") == 0 ? send_segments
                            : strcmp(self->kind, "send_messages") == 0 ? send_messages
                            : self->depth == 1                         ? receive_alone
                                                                       : receive_messages;
  uint64_t start = bench_cpu_ns();
  uint64_t spent = 0;
  long rounds = 0;

  open_both();
  make_messages(receives);
  if (operation == send_segments)
    check(setsockopt(bench.sender, SOL_UDP, UDP_SEGMENT, &segment_len, sizeof(segment_len)), 0,
          "UDP_SEGMENT");
  do {
    uint64_t round_start;
    if (receives)
      fill();
    round_start = bench_cpu_ns();
    for (long i = 0; i < ROUND; i += self->depth)
      operation(self->depth);
    spent += bench_cpu_ns() - round_start;
    if (!receives)
      drain();
    rounds++;
  } while (!bench_is_enough(start));
  bench_report(self, NULL, (double) spent / (double) (rounds * ROUND), "ns");
  close(bench.sender);
  close(bench.receiver);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "udp_send/alone", .run = run, .depth = 1, .kind = "send_alone"},
      {.name = "udp_send/equal_16", .run = run, .depth = 16, .kind = "send_segments"},
      {.name = "udp_send/equal_64", .run = run, .depth = 64, .kind = "send_segments"},
      {.name = "udp_send/queued_16", .run = run, .depth = 16, .kind = "send_messages"},
      {.name = "udp_receive/alone", .run = run, .depth = 1, .kind = "receive"},
      {.name = "udp_receive/recvmmsg", .run = run, .depth = 16, .kind = "receive"},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
