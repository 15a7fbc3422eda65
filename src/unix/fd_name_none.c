/* Systems that do not tell the path of an open file. */
#include "fd_name.h"

bool uv__fd_name(int fd, char name[NAME_MAX + 1]) {
  (void) fd;
  (void) name;
  return false;
}
