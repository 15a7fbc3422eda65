/* What every bench program shares; see bench.h. */
#define _GNU_SOURCE
#include "bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
  QUICK_DIVISOR = 20,
  TIME_LIMIT_S = 60, /* a program that hangs ends itself */
  ENOUGH_MS = 250,
  ENOUGH_QUICK_MS = 10,
};

static struct {
  bool quick;
  bool external_load;
  long operations; /* 0: as the case says */
  int own_cpu;     /* -1: any */
  int load_cpu;
  uint32_t random;
} settings = {.own_cpu = -1, .load_cpu = -1, .random = 2463534242U};

static void print_help(const char* program) {
  printf(
      "usage: %s [options] [case ...]\n"
      "  --list           print the names of the cases\n"
      "  --quick          a twentieth of the work, to see that it runs\n"
      "  --operations N   this much work, where a case counts its work\n"
      "  --external-load  print the command that makes the load instead of running it\n",
      program);
}

/* The first CPU, which often gets the interrupts, is for the load. */
static void choose_cpus(void) {
  cpu_set_t allowed;

  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) < 2)
    return;

  for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed))
      continue;
    if (settings.load_cpu == -1)
      settings.load_cpu = (int) cpu;
    settings.own_cpu = (int) cpu;
  }
}

static void move_to(int cpu) {
  cpu_set_t set;

  if (cpu == -1)
    return;
  CPU_ZERO(&set);
  CPU_SET((size_t) cpu, &set);
  sched_setaffinity(0, sizeof(set), &set); /* if refused: a noisier measurement, no wrong one */
}

void bench_use_all_cpus(void) {
  cpu_set_t all;

  memset(&all, 0xff, sizeof(all)); /* those that there are and that are allowed */
  sched_setaffinity(0, sizeof(all), &all);
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct bench_case* find_case(const char* name, const struct bench_case* cases,
                                          size_t case_count) {
  for (size_t i = 0; i < case_count; i++)
    if (strcmp(cases[i].name, name) == 0)
      return &cases[i];
  return NULL;
}

static void list_cases(const struct bench_case* cases, size_t case_count) {
  for (size_t i = 0; i < case_count; i++)
    puts(cases[i].name);
}

static long parse_operations(const char* text) {
  char* end;
  long value = text == NULL ? 0 : strtol(text, &end, 10);

  if (value <= 0 || *end != '\0')
    bench_fail("--operations wants a positive number");
  return value;
}

/* Returns the index of the first argument that is no option. */
static int read_options(int argc, char** argv, const struct bench_case* cases, size_t case_count) {
  int at = 1;

  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
    if (strcmp(argv[at], "--quick") == 0) {
      settings.quick = true;
    } else if (strcmp(argv[at], "--external-load") == 0) {
      settings.external_load = true;
    } else if (strcmp(argv[at], "--operations") == 0) {
      settings.operations = parse_operations(argv[++at]);
    } else if (strcmp(argv[at], "--list") == 0) {
      list_cases(cases, case_count);
      exit(EXIT_SUCCESS);
    } else {
      print_help(argv[0]);
      exit(strcmp(argv[at], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
  }

  return at;
}

int bench_main(int argc, char** argv, const struct bench_case* cases, size_t case_count) {
  int at = read_options(argc, argv, cases, case_count);

  setvbuf(stdout, NULL, _IOLBF, 0);
  bench_print_library();
  choose_cpus();
  move_to(settings.own_cpu);
  raise_descriptor_limit();

  if (at == argc) {
    for (size_t i = 0; i < case_count; i++) {
      alarm(TIME_LIMIT_S);
      cases[i].run(&cases[i]);
    }
  }

  for (; at < argc; at++) {
    const struct bench_case* chosen = find_case(argv[at], cases, case_count);
    if (chosen == NULL)
      bench_fail("no such case");
    alarm(TIME_LIMIT_S);
    chosen->run(chosen);
  }

  return EXIT_SUCCESS;
}

bool bench_is_quick(void) {
  return settings.quick;
}

bool bench_has_external_load(void) {
  return settings.external_load;
}

long bench_operations(long full) {
  if (settings.operations != 0)
    return settings.operations;
  return settings.quick ? full / QUICK_DIVISOR : full;
}

static uint64_t clock_ns(clockid_t id) {
  struct timespec now;

  clock_gettime(id, &now);
  return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

uint64_t bench_cpu_ns(void) {
  return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t bench_wall_ns(void) {
  return clock_ns(CLOCK_MONOTONIC);
}

bool bench_is_enough(uint64_t cpu_start_ns) {
  uint64_t enough_ms = settings.quick ? ENOUGH_QUICK_MS : ENOUGH_MS;
  return bench_cpu_ns() - cpu_start_ns >= enough_ms * 1000000U;
}

void bench_report(const struct bench_case* self, const char* part, double value, const char* unit) {
  printf("%s%s%s %.3f %s\n", self->name, part == NULL ? "" : "/", part == NULL ? "" : part, value,
         unit);
}

void bench_fail_with(int error, const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(-error));
  exit(EXIT_FAILURE);
}

void bench_fail(const char* what) {
  fprintf(stderr, "failed: %s\n", what);
  exit(EXIT_FAILURE);
}

void* bench_alloc(size_t count, size_t len) {
  enum { PAGE_LEN = 4096 };
  volatile char* memory = calloc(count, len);

  if (memory == NULL)
    bench_fail("out of memory");
  for (size_t i = 0; i < count * len; i += PAGE_LEN)
    memory[i] = 0;
  return (void*) memory;
}

uint32_t bench_random(void) {
  settings.random ^= settings.random << 13;
  settings.random ^= settings.random >> 17;
  settings.random ^= settings.random << 5;
  return settings.random;
}

void bench_move_to_load_cpu(void) {
  move_to(settings.load_cpu);
}

/* What went past a mark in one call belongs to the time before it. */
void bench_window_pass(struct bench_window* window) {
  if (window->seen < window->from) {
    window->next = window->from;
  } else if (window->next <= window->from) {
    window->from = window->seen;
    window->next = window->until > window->seen ? window->until : window->seen + 1;
    window->cpu_ns = bench_cpu_ns();
    window->wall_ns = bench_wall_ns();
  } else if (window->next != UINT64_MAX) {
    window->until = window->seen;
    window->next = UINT64_MAX;
    window->cpu_ns = bench_cpu_ns() - window->cpu_ns;
    window->wall_ns = bench_wall_ns() - window->wall_ns;
  }
}
