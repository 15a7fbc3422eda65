/* Starting a process, from bottom to top: spawn_plan.c prepares what the child needs, spawn_stdio.c
 * its descriptors, spawn_child.c is what the child does, the system's own file (linux_spawn.c)
 * makes it, and spawn_start.c sees to it that nothing disturbs that. uv_spawn() itself is in
 * process.c. */
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

/* -- spawn_search.c ---------------------------------------------------------------------------- */

/* Tries to make a program of the file at `path`: 0, or an errno. */
typedef int (*uv__spawn_execute)(void* data, const char* path);

/* Tries the plan's file, or its name in each of the directories to search, until one is executed or
 * fails for another reason than not being there: 0, or an errno. */
int uv__spawn_search(struct uv__spawn_plan* plan, uv__spawn_execute execute, void* data);

/* -- spawn_child.c ----------------------------------------------------------------------------- */

/* In the child: carries out the plan. Returns only if that failed, with plan->error set. */
void uv__spawn_child(struct uv__spawn_plan* plan);

/* -- By system: linux_spawn.c, darwin_spawn.c, spawn_by_fork.c --------------------------------- */

/* Makes the child, with all signals blocked: 0 or an error. With 0, plan->error says whether it has
 * become the program; if not it has to be reaped. `*pidfd`, which is -1 before, becomes its
 * descriptor where there are such. */
int uv__spawn_make(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd);

/* -- spawn_start.c ----------------------------------------------------------------------------- */

/* Makes the child and waits until it has become another program: 0, or an error with no child left.
 * `*pidfd` is -1 where there are none. */
int uv__spawn_start(struct uv__spawn_plan* plan, uv_pid_t* pid, int* pidfd);

#endif /* RONDO_UNIX_SPAWN_H_ */
