/* The path of the executable. The kernel does not tell it: it is looked for as the shell did that
 * started it, by the name that uv_setup_args() was given. */
#include "bsd_title.h"
#include "uv.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether it is a program; then its path without links. */
static bool resolve(const char* path, char resolved[PATH_MAX]) {
  struct stat info;

  return access(path, X_OK) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
         realpath(path, resolved) != NULL;
}

/* An empty element is the current directory. */
static bool search(const char* name, char resolved[PATH_MAX]) {
  const char* element = getenv("PATH");
  char path[PATH_MAX];

  while (element != NULL) {
    size_t len = strcspn(element, ":");
    bool is_last = element[len] == '\0';

    if (len + strlen(name) + 2 <= sizeof(path)) {
      memcpy(path, element, len);
      if (len > 0)
        path[len++] = '/';
      strcpy(path + len, name);
      if (resolve(path, resolved))
        return true;
    }
    element = is_last ? NULL : element + strcspn(element, ":") + 1;
  }
  return false;
}

int uv_exepath(char* buffer, size_t* size) {
  char name[PATH_MAX];
  char path[PATH_MAX];
  bool is_found;
  int err;

  if (buffer == NULL || size == NULL || *size == 0)
    return UV_EINVAL;
  err = uv__program_name(name, sizeof(name));
  if (err != 0)
    return err;
  is_found = strchr(name, '/') != NULL ? resolve(name, path) : search(name, path);
  if (!is_found)
    return UV_EINVAL;
  *size = strnlen(path, *size - 1);
  memcpy(buffer, path, *size);
  buffer[*size] = '\0';
  return 0;
}
