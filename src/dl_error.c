/* What went wrong last with a shared library. */
#include "dl_error.h"

#include "core.h"

static char no_memory[] = "not enough memory for the error message";

void uv__dl_clear_error(uv_lib_t* lib) {
  if (lib->errmsg != no_memory)
    uv__free(lib->errmsg);
  lib->errmsg = NULL;
}

int uv__dl_set_error(uv_lib_t* lib, char* message) {
  uv__dl_clear_error(lib);
  lib->errmsg = message != NULL ? message : no_memory;
  return -1;
}

const char* uv_dlerror(const uv_lib_t* lib) {
  return lib->errmsg != NULL ? lib->errmsg : "no error";
}
