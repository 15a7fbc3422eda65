/* The environment on macOS, whose shared libraries cannot refer to `environ`. */
#include "environment.h"

#include <crt_externs.h>

char** uv__environment(void) {
  return *_NSGetEnviron();
}
