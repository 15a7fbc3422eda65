/* What an open file is called on FreeBSD. It knows no directory's. */
#include "fd_name.h"

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <sys/user.h>

bool uv__fd_name(int fd, char name[NAME_MAX + 1]) {
  struct kinfo_file file;
  const char* slash;

  memset(&file, 0, sizeof(file));
  file.kf_structsize = sizeof(file);
  if (fcntl(fd, F_KINFO, &file) == -1)
    return false;
  slash = strrchr(file.kf_path, '/');
  if (slash == NULL || strlen(slash + 1) > NAME_MAX)
    return false;
  strcpy(name, slash + 1);
  return true;
}
