/* What every bench program shares: naming and choosing cases, clocks, and the lines it prints.
 *
 * A program answers one question with a table of cases. Each case prints lines of the form
 *
 *     name value unit
 *
 * where less is better; lines that start with '#' are remarks. Programs that use libuv use only
 * what 1.44 has too, so the same binary runs with any libuv.so.1; others answer the same question
 * without it. */
#ifndef BENCH_H_
#define BENCH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_case {
  const char* name;
  void (*run)(const struct bench_case* self);
  long operations; /* in a full run; 0 where the case runs for a time */
  long population; /* how many handles or connections exist */
  size_t message_len;
  long depth;       /* messages in flight on each connection */
  int family;       /* of a server's sockets */
  const char* kind; /* of work, where the names say more than a program wants to know */
};

/* Runs the cases named in argv, or all of them; "--help" lists the options. The process stays on
 * one CPU, and the programs it starts on another, where there are two. */
int bench_main(int argc, char** argv, const struct bench_case* cases, size_t case_count);

/* Prints "# library PATH", or "none", and "# version" of what the program measures. Not in bench.c:
 * there is one for programs with libuv, and each of the others has its own. */
void bench_print_library(void);

/* For cases with threads: they run wherever there is room, as in a real program. */
void bench_use_all_cpus(void);

bool bench_is_quick(void);

/* True if somebody else starts the load (to watch the server alone, as under strace). */
bool bench_has_external_load(void);

/* A number of operations: as --operations says, else "full", or a twentieth in a quick run. */
long bench_operations(long full);

/* CPU time of this process, user and system, all threads. */
uint64_t bench_cpu_ns(void);
uint64_t bench_wall_ns(void);

/* For cases that repeat a batch: true once enough CPU time has passed since cpu_start_ns. */
bool bench_is_enough(uint64_t cpu_start_ns);

/* Prints "name value unit", or "name/part value unit" if part is not NULL. */
void bench_report(const struct bench_case* self, const char* part, double value, const char* unit);

void bench_fail(const char* what);
void bench_fail_with(int error, const char* what);

/* Ends the program with a message if the result is negative, which is an errno; returns the
 * result. */
static inline int bench_must(int result, const char* what) {
  if (result < 0)
    bench_fail_with(result, what);
  return result;
}

/* Zeroed and touched, so that page faults are not part of what is measured. */
void* bench_alloc(size_t count, size_t len);

/* The same sequence in each run. */
uint32_t bench_random(void);

/* Moves the calling process to the CPU that is left for the load. */
void bench_move_to_load_cpu(void);

/* The part of a server's work that is measured: from one count of operations to another, which
 * leaves out connecting, warming up and winding down. */
struct bench_window {
  uint64_t from;
  uint64_t until;
  uint64_t seen;
  uint64_t next; /* which of them comes next: 0 for the first */
  uint64_t cpu_ns;
  uint64_t wall_ns;
};

void bench_window_pass(struct bench_window* window);

/* To be called for each operation, or for many. */
static inline void bench_window_add(struct bench_window* window, uint64_t operations) {
  window->seen += operations;
  if (window->seen >= window->next)
    bench_window_pass(window);
}

#endif /* BENCH_H_ */
