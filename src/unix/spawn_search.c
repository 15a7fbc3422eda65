/* Where the program of a child is: in the directories of PATH, or where its name says.
 *
 * A child that shares its parent's memory searches, too, so this writes to nothing but the plan. */
#include "spawn.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_LIMIT = 255 };

UV__IN_CHILD static bool is_not_here(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

/* Tries all directories. One where the file may not be executed is remembered, but does not end the
 * search. */
UV__IN_CHILD static int search(struct uv__spawn_plan* plan, uv__spawn_execute execute, void* data) {
  const char* file = plan->options->file;
  const char* element = plan->search;
  size_t file_len = strlen(file);
  bool denied = false;
  int error = ENOENT;

  if (file_len == 0)
    return ENOENT;
  if (file_len > NAME_LIMIT)
    return ENAMETOOLONG;

  for (;;) {
    size_t len = strcspn(element, ":");
    const char* end = element + len;
    memcpy(plan->path, element, len);
    if (len > 0)
      plan->path[len++] = '/'; /* an empty one is the current directory */
    memcpy(plan->path + len, file, file_len + 1);

    error = execute(data, plan->path);
    if (error == EACCES)
      denied = true;
    else if (!is_not_here(error))
      return error;
    if (*end == '\0')
      return denied ? EACCES : error;
    element = end + 1;
  }
}

UV__IN_CHILD int uv__spawn_search(struct uv__spawn_plan* plan, uv__spawn_execute execute,
                                  void* data) {
  return plan->search != NULL ? search(plan, execute, data) : execute(data, plan->options->file);
}
