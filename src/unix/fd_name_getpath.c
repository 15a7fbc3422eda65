/* What an open file is called, where fcntl(2) tells: macOS, NetBSD. */
#include "fd_name.h"

#include <fcntl.h>
#include <string.h>
#include <sys/param.h>

bool uv__fd_name(int fd, char name[NAME_MAX + 1]) {
  char path[MAXPATHLEN] = "";
  const char* slash;

  if (fcntl(fd, F_GETPATH, path) == -1)
    return false;
  slash = strrchr(path, '/');
  if (slash == NULL || strlen(slash + 1) > NAME_MAX)
    return false;
  strcpy(name, slash + 1);
  return true;
}
