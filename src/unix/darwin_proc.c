/* The executable, and for how long the machine has been up, on macOS. */
#include "../core.h"

#include <errno.h>
#include <limits.h>
#include <mach-o/dyld.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <time.h>

/* -- Executable -------------------------------------------------------------------------------- */

/* The path by which the program was started, to be freed; NULL: no memory. */
static char* started_path(void) {
  uint32_t size = 0;
  char* path;

  _NSGetExecutablePath(NULL, &size);
  path = uv__malloc(size);
  if (path != NULL && _NSGetExecutablePath(path, &size) != 0) {
    uv__free(path);
    path = NULL;
  }
  return path;
}

int uv_exepath(char* buffer, size_t* size) {
  char real[PATH_MAX];
  char* started;
  size_t len;
  bool found;

  if (buffer == NULL || size == NULL || *size == 0)
    return UV_EINVAL;
  started = started_path();
  if (started == NULL)
    return UV_ENOMEM;
  found = realpath(started, real) != NULL;
  uv__free(started);
  if (!found)
    return UV__ERR(errno);

  /* What does not fit is cut. */
  len = strnlen(real, *size - 1);
  memcpy(buffer, real, len);
  buffer[len] = '\0';
  *size = len;
  return 0;
}

/* -- Uptime ------------------------------------------------------------------------------------ */

int uv_uptime(double* uptime) {
  int name[] = {CTL_KERN, KERN_BOOTTIME};
  struct timeval start;
  size_t size = sizeof(start);

  if (sysctl(name, 2, &start, &size, NULL, 0) != 0)
    return UV__ERR(errno);
  *uptime = (double) (time(NULL) - start.tv_sec);
  return 0;
}
