/* Shared libraries: opened, searched for symbols, closed. */
#include "../core.h"
#include "../dl_error.h"

#include <dlfcn.h>

static int set_error(uv_lib_t* lib, const char* message) {
  return uv__dl_set_error(lib, uv__strdup(message));
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
  uv__dl_clear_error(lib);
  return 0;
}

void uv_dlclose(uv_lib_t* lib) {
  uv__dl_clear_error(lib);
  if (lib->handle != NULL)
    dlclose(lib->handle);
  lib->handle = NULL;
}
