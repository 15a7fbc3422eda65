/* The load, made by the program bench_load in a process of its own, so that the process that is
 * measured holds nothing but the server. */
#ifndef LOAD_PROCESS_H_
#define LOAD_PROCESS_H_

#include <stddef.h>
#include <sys/types.h>

struct load_plan {
  const char* mode;    /* "echo", "bursts", "connect" or "hold", see load.c */
  const char* address; /* "tcp:PORT" or "unix:PATH" */
  long connections;
  size_t message_len;
  long depth;
  long messages;
};

struct load {
  pid_t pid;
  int stdin_fd;
};

/* Starts the load on the other CPU. */
void load_start(struct load* load, const struct load_plan* plan);

/* Lets a load that holds connections make the next LOAD_STEP of them. */
void load_step(struct load* load);

enum { LOAD_STEP = 256 };

/* Ends a load that holds connections, waits for any load, and fails if it saw an error. */
void load_finish(struct load* load);

#endif /* LOAD_PROCESS_H_ */
