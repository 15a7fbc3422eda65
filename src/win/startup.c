/* What the process needs before its first loop. */
#include "startup.h"

#include <stdlib.h>

static uv_once_t once = UV_ONCE_INIT;
static int startup_error;

/* A bad descriptor in a call of the C library is an error to report, not a reason to end. */
static void ignore_parameter(const wchar_t* expression, const wchar_t* function,
                             const wchar_t* file, unsigned int line, uintptr_t reserved) {
  (void) expression;
  (void) function;
  (void) file;
  (void) line;
  (void) reserved;
}

/* Winsock does not come up in the system's safe mode: loops work there, sockets say why they do
 * not. */
static int start_winsock(void) {
  WSADATA data;
  int error = WSAStartup(MAKEWORD(2, 2), &data);

  return error == 0 || error == WSASYSNOTREADY ? 0 : uv_translate_sys_error(error);
}

static void startup(void) {
  /* No boxes that wait for somebody to click when a file or a disk is missing. */
  SetErrorMode(GetErrorMode() | SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX |
               SEM_NOOPENFILEERRORBOX);
  _set_invalid_parameter_handler(ignore_parameter);
  startup_error = start_winsock();
}

int uv__startup(void) {
  uv_once(&once, startup);
  return startup_error;
}

uv__function uv__system_function(const WCHAR* module, const char* name) {
  HMODULE library = GetModuleHandleW(module);

  if (library == NULL)
    library = LoadLibraryExW(module, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  return library == NULL ? NULL : (uv__function) GetProcAddress(library, name);
}
