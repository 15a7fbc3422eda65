/* Loading the frameworks of macOS. */
#include "darwin_framework.h"

#include "../process_hooks.h"
#include "uv.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 256 };

static uv_once_t once = UV_ONCE_INIT;
static bool is_forked;

void* uv__framework_load(const char* name) {
  char path[PATH_SIZE];

  snprintf(path, sizeof(path), "/System/Library/Frameworks/%s.framework/Versions/A/%s", name, name);
  return dlopen(path, RTLD_LAZY | RTLD_LOCAL);
}

int uv__framework_find(void* framework, const struct uv__framework_symbol symbols[], size_t count) {
  for (size_t i = 0; i < count; i++) {
    void* address = dlsym(framework, symbols[i].name);
    if (address == NULL)
      return UV_ENOENT;
    memcpy(symbols[i].to, &address, sizeof(address));
  }
  return 0;
}

/* -- Forks ------------------------------------------------------------------------------------- */

static void note_fork(void) {
  is_forked = true;
}

/* Without the hook nobody would notice: as if it had happened. */
static void watch_forks(void) {
  is_forked = uv__at_fork(NULL, NULL, note_fork) != 0;
}

bool uv__framework_forked(void) {
  uv_once(&once, watch_forks);
  return is_forked;
}
