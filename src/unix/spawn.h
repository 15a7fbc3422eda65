/* Starting a process, from bottom to top: spawn_plan.c prepares what the child needs, spawn_stdio.c
 * its descriptors, spawn_child.c is what the child does, and the system's own file (linux_spawn.c)
 * makes it. uv_spawn() itself is in process.c. */
#ifndef RONDO_UNIX_SPAWN_H_
#define RONDO_UNIX_SPAWN_H_

#include "uv.h"

/* For functions that run in a child that shares its parent's memory: the bookkeeping of sanitizers
 * would be the parent's, and the child never returns to undo it. */
#define UV__IN_CHILD __attribute__((no_sanitize("address", "thread")))

enum { UV__SPAWN_STACK_SIZE = 32 << 10 };

/* One descriptor of a child. */
struct uv__stdio {
  int source; /* what it is in the parent, -1 if nothing */
  int ours;   /* the parent's end of a new pair, whose other end is `source`; -1 if it is none */
  int moved;  /* the child's: where it has put `source` */
};

/* All that the child needs. It allocates nothing, since it may share the memory of its parent,
 * whose other threads go on meanwhile. */
struct uv__spawn_plan {
  const uv_process_options_t* options;
  char* const* args;
  char* const* env;
  const char* search; /* the directories to search for the file, NULL if it has one of its own */
  char* path;         /* room for any of them and the file's name */
  char** shell_args;  /* arguments for a shell, with room in [1] for the file */
  char* stack;        /* UV__SPAWN_STACK_SIZE bytes, for a child without one */
  struct uv__stdio* stdio;
  int stdio_count;
  int error; /* the child's errno, 0 for a good exec */
};

/* -- spawn_plan.c ------------------------------------------------------------------------------ */

/* Makes a plan with a stdio of nothing: 0 or UV_ENOMEM. Good as long as the options are. */
int uv__spawn_plan_make(struct uv__spawn_plan* plan, const uv_process_options_t* options);
void uv__spawn_plan_free(struct uv__spawn_plan* plan);

/* -- spawn_stdio.c ----------------------------------------------------------------------------- */

/* Fills in the plan's stdio and makes new pairs: 0, or an error with nothing made. */
int uv__spawn_stdio_make(struct uv__spawn_plan* plan);

/* Closes the child's ends of them. */
void uv__spawn_stdio_close_sources(struct uv__spawn_plan* plan);

/* Gives the parent's ends to their streams: 0, or an error with all of them closed. */
int uv__spawn_stdio_open(struct uv__spawn_plan* plan);

/* -- spawn_child.c ----------------------------------------------------------------------------- */

/* In the child: carries out the plan. Returns only if that failed, with plan->error set. */
void uv__spawn_child(struct uv__spawn_plan* plan);

/* -- linux_spawn.c ----------------------------------------------------------------------------- */

/* Makes the child and waits until it has become another program: 0, or an error with no child left.
 * `*pidfd` is -1 where there are none. */
int uv__spawn_start(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd);

#endif /* RONDO_UNIX_SPAWN_H_ */
