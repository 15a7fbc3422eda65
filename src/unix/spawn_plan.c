/* What is prepared for a child: the search for its program, room to work in.
 *
 * Everything is one allocation. */
#include "core.h"
#include "environment.h"
#include "spawn.h"

#include <paths.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_STDIO = 3 };

/* Where a program without a '/' in its name is searched. */
static const char* search_path(const uv_process_options_t* options) {
  const char* path = NULL;

  if (strchr(options->file, '/') != NULL)
    return NULL;
  if (options->env == NULL)
    path = getenv("PATH");
  else
    for (char** entry = options->env; *entry != NULL && path == NULL; entry++)
      if (strncmp(*entry, "PATH=", 5) == 0)
        path = *entry + 5;
  return path != NULL ? path : _PATH_DEFPATH;
}

static size_t count_args(char* const* args) {
  size_t count = 0;

  while (args[count] != NULL)
    count++;
  return count;
}

/* A shell gets the script as its first argument, then those of the script. */
static void fill_shell_args(struct uv__spawn_plan* plan, size_t arg_count) {
  char** to = plan->shell_args;

  *to++ = (char*) (uintptr_t) _PATH_BSHELL;
  *to++ = NULL;
  for (size_t i = 1; i < arg_count; i++)
    *to++ = plan->args[i];
  *to = NULL;
}

int uv__spawn_plan_make(struct uv__spawn_plan* plan, const uv_process_options_t* options) {
  static char* const no_args[] = {NULL};
  int stdio_count = options->stdio_count > FEWEST_STDIO ? options->stdio_count : FEWEST_STDIO;
  const char* search = search_path(options);
  char* const* args = options->args != NULL ? options->args : no_args;
  size_t arg_count = count_args(args);
  size_t shell_size = (arg_count + 3) * sizeof(char*);
  size_t stdio_size = (size_t) stdio_count * sizeof(struct uv__stdio);
  size_t path_size = search != NULL ? strlen(search) + strlen(options->file) + 2 : 0;
  char* memory = uv__malloc(shell_size + stdio_size + UV__SPAWN_STACK_SIZE + path_size);

  if (memory == NULL)
    return UV_ENOMEM;
  plan->options = options;
  plan->args = args;
  plan->env = options->env != NULL ? options->env : uv__environment();
  plan->search = search;
  plan->shell_args = (char**) (void*) memory;
  plan->stdio = (struct uv__stdio*) (void*) (memory + shell_size);
  plan->stack = memory + shell_size + stdio_size;
  plan->path = plan->stack + UV__SPAWN_STACK_SIZE;
  plan->stdio_count = stdio_count;
  plan->error = 0;
  fill_shell_args(plan, arg_count);
  for (int i = 0; i < stdio_count; i++)
    plan->stdio[i] = (struct uv__stdio){.source = -1, .ours = -1, .moved = -1};
  return 0;
}

void uv__spawn_plan_free(struct uv__spawn_plan* plan) {
  uv__free(plan->shell_args);
}
