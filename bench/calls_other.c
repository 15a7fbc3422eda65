/* Bare system calls for what is neither a server nor a file: a look at the clock and at epoll, the
 * descriptors of a loop, a message by an eventfd, a process, writes to a pipe. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { BATCH = 100, WRITE_LEN = 100, WRITES = 500, TOGETHER = 16, ROOM = 65536 };

static int epoll_fd;
static int event_fd;

void bench_print_library(void) {
  puts("# library none\n# version calls");
}

static void open_loop(void) {
  struct epoll_event event = {.events = EPOLLIN};

  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_fd == -1 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event) != 0)
    bench_must(-errno, "epoll");
}

static void close_loop(void) {
  close(epoll_fd);
  close(event_fd);
}

static void open_and_close(void) {
  open_loop();
  close_loop();
}

static void turn(void) {
  struct epoll_event events[1];

  bench_wall_ns();
  if (epoll_wait(epoll_fd, events, 1, 0) != 0)
    bench_fail("epoll_wait");
}

static void send_and_receive(void) {
  struct epoll_event events[1];
  uint64_t value = 1;

  if (write(event_fd, &value, sizeof(value)) != sizeof(value) ||
      epoll_wait(epoll_fd, events, 1, -1) != 1 ||
      read(event_fd, &value, sizeof(value)) != sizeof(value))
    bench_fail("eventfd");
}

static void spawn(void) {
  static char* arguments[] = {"true", NULL};
  pid_t pid;
  int status;

  if (posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ) != 0 ||
      waitpid(pid, &status, 0) != pid || status != 0)
    bench_fail("/bin/true failed");
}

static void repeat(const struct bench_case* self, void (*operation)(void)) {
  uint64_t start = bench_cpu_ns();
  uint64_t count = 0;

  do {
    for (int i = 0; i < BATCH; i++)
      operation();
    count += BATCH;
  } while (!bench_is_enough(start));
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) count, "ns");
}

static void run_loop(const struct bench_case* self) {
  repeat(self, open_and_close);
}

static void run_spawn(const struct bench_case* self) {
  repeat(self, spawn);
}

static void run_turn(const struct bench_case* self) {
  open_loop();
  repeat(self, turn);
  close_loop();
}

static void run_event(const struct bench_case* self) {
  open_loop();
  repeat(self, send_and_receive);
  close_loop();
}

/* Writes to an empty pipe, several with one call. */
static void run_pipe(const struct bench_case* self) {
  static char bytes[ROOM];
  struct iovec pieces[TOGETHER];
  uint64_t start = bench_cpu_ns();
  uint64_t spent = 0;
  long rounds = 0;
  int ends[2];

  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    bench_must(-errno, "pipe2");
  for (int i = 0; i < TOGETHER; i++)
    pieces[i] = (struct iovec){.iov_base = bytes, .iov_len = WRITE_LEN};

  do {
    uint64_t round_start = bench_cpu_ns();
    for (int i = 0; i < WRITES; i += TOGETHER)
      if (writev(ends[1], pieces, TOGETHER) != TOGETHER * WRITE_LEN)
        bench_fail("writev");
    spent += bench_cpu_ns() - round_start;
    while (read(ends[0], bytes, sizeof(bytes)) > 0) {
    }
    rounds++;
  } while (!bench_is_enough(start));

  bench_report(self, NULL,
               (double) spent / (double) (rounds * ((WRITES + TOGETHER - 1) / TOGETHER) * TOGETHER),
               "ns");
  close(ends[0]);
  close(ends[1]);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "async/own_thread/1", .run = run_event},
      {.name = "idle_turn/0", .run = run_turn},
      {.name = "loop/init_close", .run = run_loop},
      {.name = "pipe_write/queued_100B", .run = run_pipe},
      {.name = "spawn/small", .run = run_spawn},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
