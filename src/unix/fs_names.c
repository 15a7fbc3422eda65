/* Files: names that are read or made up. */
#include "../core.h"
#include "fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_LINK_SIZE = 256 };

/* The size that lstat(2) gives is not asked for: the link may be another one by now, and those of
 * /proc tell none. */
int uv__fs_readlink(const char* path, char** text) {
  size_t size = FIRST_LINK_SIZE / 2;
  size_t len = size;
  char* buffer = NULL;

  while (len == size) {
    char* grown = uv__realloc(buffer, size * 2);
    ssize_t n = grown != NULL ? readlink(path, grown, size * 2) : -1;

    if (n == -1) {
      int err = grown != NULL ? UV__ERR(errno) : UV_ENOMEM;

      uv__free(grown != NULL ? grown : buffer);
      return err;
    }
    buffer = grown;
    size *= 2;
    len = (size_t) n;
  }
  buffer[len] = '\0';
  *text = buffer;
  return 0;
}

int uv__fs_realpath(const char* path, char** text) {
  char* resolved = realpath(path, NULL);

  if (resolved == NULL)
    return UV__ERR(errno);
  *text = uv__strdup(resolved);
  free(resolved);
  return *text != NULL ? 0 : UV_ENOMEM;
}

/* -- Temporary names --------------------------------------------------------------------------- */

#define WILDCARDS "XXXXXX"

/* The C library leaves the last name it tried. */
static int restore(char* template, int err) {
  if (err != EINVAL)
    memcpy(template + strlen(template) - strlen(WILDCARDS), WILDCARDS, strlen(WILDCARDS));
  return UV__ERR(err);
}

int uv__fs_mkdtemp(char* template) {
  return mkdtemp(template) != NULL ? 0 : restore(template, errno);
}

int uv__fs_mkstemp(char* template) {
  int fd = mkostemp(template, O_CLOEXEC);
  return fd != -1 ? fd : restore(template, errno);
}
