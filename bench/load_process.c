/* The load, in a process of its own; see load_process.h. */
#define _GNU_SOURCE
#include "load_process.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { ARGUMENTS = 7, ARGUMENT_LEN = 24 };

/* bench_load stands beside the program that runs. */
static void find_program(char* path, size_t len) {
  static const char name[] = "bench_load";
  ssize_t path_len = readlink("/proc/self/exe", path, len - 1);
  char* slash;

  if (path_len < 0)
    bench_fail("readlink /proc/self/exe");
  path[path_len] = '\0';
  slash = strrchr(path, '/');
  if (slash == NULL || (size_t) (slash + 1 - path) + sizeof(name) > len)
    bench_fail("path of bench_load");
  memcpy(slash + 1, name, sizeof(name));
}

/* In the child: uses only what is safe between fork and exec. */
static void become_load(char* const* arguments, int stdin_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(stdin_fd, STDIN_FILENO);
  bench_move_to_load_cpu();
  execv(arguments[0], arguments);
  _exit(127);
}

void load_start(struct load* load, const struct load_plan* plan) {
  char program[PATH_MAX];
  char numbers[4][ARGUMENT_LEN];
  char* arguments[ARGUMENTS + 1] = {program,
                                    (char*) plan->mode,
                                    (char*) plan->address,
                                    numbers[0],
                                    numbers[1],
                                    numbers[2],
                                    numbers[3],
                                    NULL};
  int ends[2];

  find_program(program, sizeof(program));
  snprintf(numbers[0], ARGUMENT_LEN, "%ld", plan->connections);
  snprintf(numbers[1], ARGUMENT_LEN, "%zu", plan->message_len);
  snprintf(numbers[2], ARGUMENT_LEN, "%ld", plan->depth);
  snprintf(numbers[3], ARGUMENT_LEN, "%ld", plan->messages);

  load->pid = -1;
  load->stdin_fd = -1;
  if (bench_has_external_load()) {
    printf("# load %s %s %s %s %s %s\n", plan->mode, plan->address, numbers[0], numbers[1],
           numbers[2], numbers[3]);
    return;
  }

  if (pipe2(ends, O_CLOEXEC) != 0)
    bench_fail("pipe to the load");
  load->pid = fork();
  if (load->pid == -1)
    bench_fail("fork");
  if (load->pid == 0)
    become_load(arguments, ends[0]);
  close(ends[0]);
  load->stdin_fd = ends[1];
}

void load_step(struct load* load) {
  if (load->stdin_fd != -1 && write(load->stdin_fd, ".", 1) != 1)
    bench_fail("the load is gone");
}

void load_finish(struct load* load) {
  int status;

  if (load->pid == -1)
    return;
  close(load->stdin_fd);
  if (waitpid(load->pid, &status, 0) != load->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    bench_fail("the load saw an error");
}
