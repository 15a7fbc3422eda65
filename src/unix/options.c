/* What the environment asks of the library as a whole, read when it is first needed. */
#include "options.h"

#include "uv.h"

#include <stdlib.h>

static uv_once_t once = UV_ONCE_INIT;
static bool rings = true;
static bool ring_files;

static void read_environment(void) {
  const char* text = getenv("UV_USE_IO_URING");

  if (text == NULL || *text == '\0')
    return;
  rings = atoi(text) != 0;
  ring_files = rings;
}

bool uv__option_rings(void) {
  uv_once(&once, read_environment);
  return rings;
}

bool uv__option_ring_files(void) {
  uv_once(&once, read_environment);
  return ring_files;
}
