/* The environment where POSIX puts it. The BSDs' headers do not declare it. */
#include "environment.h"

#include <unistd.h>

extern char** environ;

char** uv__environment(void) {
  return environ;
}
