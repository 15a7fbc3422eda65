/* Starting a process, from bottom to top: spawn_args.c, spawn_env.c and spawn_search.c make the
 * texts that CreateProcess() wants, spawn_stdio.c the child's descriptors, spawn_create.c the
 * child. uv_spawn() itself is in process.c. */
#ifndef RONDO_WIN_SPAWN_H_
#define RONDO_WIN_SPAWN_H_

#include "uv.h"

#include <stdbool.h>

/* -- spawn_args.c ------------------------------------------------------------------------------ */

/* One line of all arguments, for uv__free(), from which the child's C library makes the same
 * arguments again; as they are if `is_verbatim`. 0, UV_ENOMEM, UV_E2BIG or UV_EINVAL. */
int uv__spawn_command_line(char* const* args, bool is_verbatim, WCHAR** line);

/* -- spawn_env.c ------------------------------------------------------------------------------- */

/* A sorted block of these variables and those of ours that no program does without, for uv__free():
 * 0, UV_ENOMEM or UV_EINVAL. */
int uv__spawn_environment(char* const* env, WCHAR** block);

/* A copy of a variable's value in such a block, or in our own environment if it is NULL, for
 * uv__free(). NULL if there is none. 0 or UV_ENOMEM. */
int uv__spawn_env_value(const WCHAR* block, const WCHAR* name, WCHAR** value);

/* -- spawn_search.c ---------------------------------------------------------------------------- */

/* Where to look for a program. */
struct uv__spawn_search {
  const WCHAR* file;
  const WCHAR* directory; /* of the child: what relative paths begin at */
  const WCHAR* path;      /* the directories for a file without one; may be NULL */
  bool is_exact;          /* a file with a directory is tried without an extension too */
};

/* The path of the program, for uv__free(): 0, UV_ENOMEM, or UV_ENOENT if there is none. */
int uv__spawn_find(const struct uv__spawn_search* search, WCHAR** program);

/* -- spawn_stdio.c ----------------------------------------------------------------------------- */

/* The descriptors of a child. All handles in it are inheritable and are its own. */
struct uv__spawn_stdio {
  int count;            /* at least the standard ones */
  unsigned char* block; /* what tells the child's C library of them: crt_block.h */
  HANDLE* handles;      /* those that the child inherits */
  int handle_count;
};

/* Makes them, with the pairs for UV_CREATE_PIPE, whose parent's ends are open then: 0, or an error
 * with nothing made. */
int uv__spawn_stdio_make(const uv_process_options_t* options, struct uv__spawn_stdio* stdio);

/* Tells the pipes that carry handles who is at their other end. */
void uv__spawn_stdio_tell_pid(const uv_process_options_t* options, DWORD pid);

/* Closes the parent's ends of the new pairs. */
void uv__spawn_stdio_undo(const uv_process_options_t* options);

/* Closes the handles: the child has its own. */
void uv__spawn_stdio_free(struct uv__spawn_stdio* stdio);

/* -- spawn_create.c ---------------------------------------------------------------------------- */

/* All that a child needs. `environment` is NULL for ours. */
struct uv__spawn_plan {
  const uv_process_options_t* options;
  WCHAR* program;
  WCHAR* command_line;
  WCHAR* environment;
  WCHAR* directory;
  struct uv__spawn_stdio stdio;
};

/* Makes the child, which does not run before its thread is resumed: 0 or an error. */
int uv__spawn_create(const struct uv__spawn_plan* plan, PROCESS_INFORMATION* child);

#endif /* RONDO_WIN_SPAWN_H_ */
