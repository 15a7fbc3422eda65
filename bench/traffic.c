/* What servers are measured with; see traffic.h.
 *
 * Cases are named "connections x bytes", with "x 16" where each connection has 16 messages under
 * way; those with bursts "connections x messages of a burst". */
#include "traffic.h"

#include <string.h>
#include <sys/socket.h>

enum {
  WARM_UP_TURNS = 4, /* answers to each connection before measuring */
  WARM_UP_BURSTS = 50,
  WARM_UP_LEAST = 500,
  WARM_UP_CONNECTIONS = 200,
};

static const struct bench_case all_cases[] = {
    {"tcp_echo/1x64B", NULL, 12000, 1, 64, 1, AF_INET, "echo"},
    {"tcp_echo/1x64Bx16", NULL, 120000, 1, 64, 16, AF_INET, "echo"},
    {"tcp_echo/64x64B", NULL, 30000, 64, 64, 1, AF_INET, "echo"},
    {"tcp_echo/64x64Bx16", NULL, 300000, 64, 64, 16, AF_INET, "echo"},
    {"tcp_echo/1024x64B", NULL, 30000, 1024, 64, 1, AF_INET, "echo"},
    {"tcp_echo/1024x64Bx16", NULL, 300000, 1024, 64, 16, AF_INET, "echo"},
    {"tcp_echo/1x16KiB", NULL, 10000, 1, 16384, 1, AF_INET, "echo"},
    {"tcp_echo/1x16KiBx16", NULL, 20000, 1, 16384, 16, AF_INET, "echo"},
    {"tcp_echo/64x16KiB", NULL, 15000, 64, 16384, 1, AF_INET, "echo"},
    {"tcp_echo/64x16KiBx16", NULL, 30000, 64, 16384, 16, AF_INET, "echo"},
    {"tcp_echo/1024x16KiB", NULL, 15000, 1024, 16384, 1, AF_INET, "echo"},
    {"tcp_echo/1024x16KiBx16", NULL, 30000, 1024, 16384, 16, AF_INET, "echo"},
    {"pipe_echo/1x64B", NULL, 12000, 1, 64, 1, AF_UNIX, "echo"},
    {"pipe_echo/1x64Bx16", NULL, 120000, 1, 64, 16, AF_UNIX, "echo"},
    {"pipe_echo/64x64B", NULL, 30000, 64, 64, 1, AF_UNIX, "echo"},
    {"pipe_echo/64x64Bx16", NULL, 300000, 64, 64, 16, AF_UNIX, "echo"},
    {"pipe_echo/1024x64B", NULL, 30000, 1024, 64, 1, AF_UNIX, "echo"},
    {"pipe_echo/1024x64Bx16", NULL, 300000, 1024, 64, 16, AF_UNIX, "echo"},
    {"pipe_echo/1x16KiB", NULL, 10000, 1, 16384, 1, AF_UNIX, "echo"},
    {"pipe_echo/1x16KiBx16", NULL, 20000, 1, 16384, 16, AF_UNIX, "echo"},
    {"pipe_echo/64x16KiB", NULL, 15000, 64, 16384, 1, AF_UNIX, "echo"},
    {"pipe_echo/64x16KiBx16", NULL, 30000, 64, 16384, 16, AF_UNIX, "echo"},
    {"pipe_echo/1024x16KiB", NULL, 15000, 1024, 16384, 1, AF_UNIX, "echo"},
    {"pipe_echo/1024x16KiBx16", NULL, 30000, 1024, 16384, 16, AF_UNIX, "echo"},
    {"gather/tcp_1x16", NULL, 100000, 1, 64, 16, AF_INET, "bursts"},
    {"gather/tcp_64x16", NULL, 200000, 64, 64, 16, AF_INET, "bursts"},
    {"gather/pipe_1x16", NULL, 100000, 1, 64, 16, AF_UNIX, "bursts"},
    {"accept/close", NULL, 10000, 64, 0, 1, AF_INET, "connect"},
    {"accept/echo", NULL, 8000, 64, 64, 1, AF_INET, "connect"},
};

size_t traffic_cases(struct bench_case* cases, const char* kind,
                     void (*run)(const struct bench_case* self)) {
  size_t count = 0;

  for (size_t i = 0; i < sizeof(all_cases) / sizeof(all_cases[0]); i++) {
    if (strcmp(all_cases[i].kind, kind) != 0)
      continue;
    cases[count] = all_cases[i];
    cases[count].run = run;
    count++;
  }
  return count;
}

/* What the window counts for a message or connection. */
static uint64_t unit_of(const struct bench_case* self) {
  return strcmp(self->kind, "connect") == 0 ? 1 : self->message_len;
}

static long warm_up_of(const struct bench_case* self) {
  long in_flight = self->population * self->depth;

  if (strcmp(self->kind, "connect") == 0)
    return WARM_UP_CONNECTIONS;
  if (strcmp(self->kind, "bursts") == 0)
    return WARM_UP_BURSTS * in_flight;
  return WARM_UP_LEAST + in_flight + (WARM_UP_TURNS - 1) * self->population;
}

void traffic_plan(const struct bench_case* self, struct load_plan* plan,
                  struct bench_window* window) {
  long warm_up = warm_up_of(self);
  long operations = bench_operations(self->operations);

  *plan = (struct load_plan){
      .mode = self->kind,
      .connections = self->population,
      .message_len = self->message_len,
      .depth = self->depth,
      .messages = warm_up + operations + self->population * self->depth,
  };
  *window = (struct bench_window){
      .from = (uint64_t) warm_up * unit_of(self),
      .until = (uint64_t) (warm_up + operations) * unit_of(self),
  };
}

void traffic_report(const struct bench_case* self, const struct bench_window* window) {
  double measured = (double) (window->until - window->from) / (double) unit_of(self);

  bench_report(self, NULL, (double) window->cpu_ns / measured, "ns");
  bench_report(self, "wall", (double) window->wall_ns / measured, "ns");
}
