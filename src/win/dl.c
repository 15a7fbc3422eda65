/* Shared libraries: opened, searched for symbols, closed. */
#include "../core.h"
#include "../dl_error.h"
#include "startup.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 512 };

/* -- Messages ---------------------------------------------------------------------------------- */

/* The system's words for a code, without the end of the line: in English if it has that. */
static void read_message(DWORD error, WCHAR message[MESSAGE_SIZE]) {
  static const DWORD languages[] = {MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), 0};
  const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  DWORD len = 0;

  for (int i = 0; i < 2 && len == 0; i++)
    len = FormatMessageW(flags, NULL, error, languages[i], message, MESSAGE_SIZE, NULL);
  if (len == 0)
    swprintf(message, MESSAGE_SIZE, L"error: %lu", error);
  while (len > 0 && message[len - 1] <= L' ')
    message[--len] = L'\0';
}

/* The message with the name of what was asked for: where "%1" stands for it, else in front. For
 * uv__free(); NULL if there is no memory. */
static char* with_name(const char* message, const char* name) {
  const char* place = strstr(message, "%1");
  size_t size = strlen(message) + strlen(name) + sizeof(": ");
  char* text = uv__malloc(size);

  if (text == NULL)
    return NULL;
  if (place != NULL)
    snprintf(text, size, "%.*s%s%s", (int) (place - message), message, name, place + 2);
  else
    snprintf(text, size, "%s: %s", name, message);
  return text;
}

static int set_error(uv_lib_t* lib, DWORD error, const char* name) {
  WCHAR wide[MESSAGE_SIZE];
  char* message;
  char* text = NULL;

  read_message(error, wide);
  if (uv__text_from_wide(wide, -1, &message) == 0)
    text = with_name(message, name);
  uv__free(message);
  return uv__dl_set_error(lib, text);
}

/* -- Libraries --------------------------------------------------------------------------------- */

/* The program itself, as if it had been opened. */
static int open_program(uv_lib_t* lib) {
  if (GetModuleHandleExW(0, NULL, &lib->handle))
    return 0;
  return set_error(lib, GetLastError(), "the program");
}

int uv_dlopen(const char* filename, uv_lib_t* lib) {
  WCHAR* wide;

  lib->handle = NULL;
  lib->errmsg = NULL;
  if (filename == NULL)
    return open_program(lib);
  int err = uv__text_to_wide(filename, &wide);
  if (err != 0)
    return err == UV_ENOMEM ? uv__dl_set_error(lib, NULL)
                            : set_error(lib, ERROR_NO_UNICODE_TRANSLATION, filename);

  /* Or a box may tell of a bad library. */
  uv__startup();
  lib->handle = LoadLibraryExW(wide, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
  DWORD error = GetLastError();
  uv__free(wide);
  return lib->handle != NULL ? 0 : set_error(lib, error, filename);
}

int uv_dlsym(uv_lib_t* lib, const char* name, void** ptr) {
  FARPROC symbol = GetProcAddress(lib->handle, name);

  _Static_assert(sizeof(symbol) == sizeof(*ptr), "functions have addresses as data have");
  memcpy(ptr, &symbol, sizeof(symbol));
  if (symbol == NULL)
    return set_error(lib, GetLastError(), name);
  uv__dl_clear_error(lib);
  return 0;
}

void uv_dlclose(uv_lib_t* lib) {
  uv__dl_clear_error(lib);
  if (lib->handle != NULL)
    FreeLibrary(lib->handle);
  lib->handle = NULL;
}
