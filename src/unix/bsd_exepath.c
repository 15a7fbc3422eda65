/* The path of the executable: sysctl(3), KERN_PROC_PATHNAME, of the calling process. */
#include "uv.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sysctl.h>

int uv_exepath(char* buffer, size_t* size) {
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1};
  char path[PATH_MAX];
  size_t path_size = sizeof(path);

  if (buffer == NULL || size == NULL || *size == 0)
    return UV_EINVAL;
  if (sysctl(name, 4, path, &path_size, NULL, 0) != 0)
    return UV__ERR(errno);
  *size = strnlen(path, *size - 1);
  memcpy(buffer, path, *size);
  buffer[*size] = '\0';
  return 0;
}
