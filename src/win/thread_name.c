/* Names of threads, which Windows 10 has since version 1607. */
#include "../core.h"
#include "startup.h"
#include "text.h"

#include <string.h>

/* The system keeps the length in bytes in 16 bits; a byte of the name is at most a unit there. */
enum { LONGEST_NAME = 32766 };

typedef HRESULT(WINAPI* set_function)(HANDLE thread, const WCHAR* name);
typedef HRESULT(WINAPI* get_function)(HANDLE thread, WCHAR** name);

static uv_once_t once = UV_ONCE_INIT;
static set_function set_name;
static get_function get_name;

static void find(void) {
  set_name = (set_function) uv__system_function(L"kernelbase.dll", "SetThreadDescription");
  get_name = (get_function) uv__system_function(L"kernelbase.dll", "GetThreadDescription");
}

static int error_of(HRESULT result) {
  return SUCCEEDED(result) ? 0 : uv_translate_sys_error(HRESULT_CODE(result));
}

/* How much of a text has room in `most` bytes without cutting a character. */
static size_t fitting_length(const char* text, size_t most) {
  size_t len = strnlen(text, most + 1);

  if (len <= most)
    return len;
  len = most;
  while (len > 0 && (text[len] & 0xC0) == 0x80)
    len--;
  return len;
}

int uv_thread_setname(const char* name) {
  size_t len;
  char* cut;
  WCHAR* wide;
  int err;

  if (name == NULL)
    return UV_EINVAL;
  uv_once(&once, find);
  if (set_name == NULL)
    return UV_ENOSYS;

  len = fitting_length(name, LONGEST_NAME);
  cut = uv__malloc(len + 1);
  if (cut == NULL)
    return UV_ENOMEM;
  memcpy(cut, name, len);
  cut[len] = '\0';
  err = uv__text_to_wide(cut, &wide);
  uv__free(cut);
  if (err != 0)
    return err;
  err = error_of(set_name(GetCurrentThread(), wide));
  uv__free(wide);
  return err;
}

int uv_thread_getname(uv_thread_t* tid, char* name, size_t size) {
  WCHAR* wide;
  char* text;
  size_t len;
  int err;

  if (tid == NULL || name == NULL || size == 0)
    return UV_EINVAL;
  uv_once(&once, find);
  if (get_name == NULL)
    return UV_ENOSYS;
  if (WaitForSingleObject(*tid, 0) == WAIT_OBJECT_0)
    return UV_ENOENT;

  err = error_of(get_name(*tid, &wide));
  if (err != 0)
    return err;
  err = uv__text_from_wide(wide, -1, &text);
  LocalFree(wide);
  if (err != 0)
    return err;
  len = fitting_length(text, size - 1);
  memcpy(name, text, len);
  name[len] = '\0';
  uv__free(text);
  return 0;
}
