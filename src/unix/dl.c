/* Shared libraries: opened, searched for symbols, closed.
 *
 * What went wrong last is kept as text, because the system forgets it at the next call. */
#include "core.h"

#include <dlfcn.h>

static char no_memory[] = "not enough memory for the error message";

static void clear_error(uv_lib_t* lib) {
  if (lib->errmsg != no_memory)
    uv__free(lib->errmsg);
  lib->errmsg = NULL;
}

static int set_error(uv_lib_t* lib, const char* message) {
  clear_error(lib);
  lib->errmsg = uv__strdup(message);
  if (lib->errmsg == NULL)
    lib->errmsg = no_memory;
  return -1;
}

int uv_dlopen(const char* filename, uv_lib_t* lib) {
  lib->errmsg = NULL;
  lib->handle = dlopen(filename, RTLD_LAZY | RTLD_LOCAL);
  return lib->handle != NULL ? 0 : set_error(lib, dlerror());
}

int uv_dlsym(uv_lib_t* lib, const char* name, void** ptr) {
  /* NULL may be a symbol's value: only the message tells. */
  dlerror();
  *ptr = dlsym(lib->handle, name);
  const char* message = *ptr == NULL ? dlerror() : NULL;
  if (message != NULL)
    return set_error(lib, message);
  clear_error(lib);
  return 0;
}

void uv_dlclose(uv_lib_t* lib) {
  clear_error(lib);
  if (lib->handle != NULL)
    dlclose(lib->handle);
  lib->handle = NULL;
}

const char* uv_dlerror(const uv_lib_t* lib) {
  return lib->errmsg != NULL ? lib->errmsg : "no error";
}
