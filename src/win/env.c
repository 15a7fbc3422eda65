/* Environment variables: those of the system, of which the C library has a copy of its own.
 *
 * Names may begin with '=': the system keeps the working directory of each drive in such. */
#include "../core.h"
#include "../sized_buffer.h"
#include "system_text.h"
#include "text.h"

static bool is_name(const char* name) {
  return name[0] != '\0' && strchr(name + 1, '=') == NULL;
}

static DWORD read_variable(void* name, WCHAR* buffer, DWORD size) {
  return GetEnvironmentVariableW(name, buffer, size);
}

int uv_os_getenv(const char* name, char* buffer, size_t* size) {
  WCHAR* wide_name;
  WCHAR* value;
  size_t len;

  if (name == NULL || !uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv__text_to_wide(name, &wide_name);
  if (err != 0)
    return err;
  err = uv__system_text(read_variable, wide_name, &value, &len);
  uv__free(wide_name);
  if (err != 0)
    return err;
  err = uv__text_from_wide_sized(value, (ssize_t) len, buffer, size);
  uv__free(value);
  return err;
}

/* `value` is NULL to remove the variable. */
static int change(const char* name, const WCHAR* value) {
  WCHAR* wide_name;
  int err;

  if (!is_name(name))
    return UV_EINVAL;
  err = uv__text_to_wide(name, &wide_name);
  if (err != 0)
    return err;
  if (!SetEnvironmentVariableW(wide_name, value))
    err = uv_translate_sys_error((int) GetLastError());
  uv__free(wide_name);
  return err;
}

int uv_os_setenv(const char* name, const char* value) {
  WCHAR* wide_value;

  if (name == NULL || value == NULL)
    return UV_EINVAL;
  int err = uv__text_to_wide(value, &wide_value);
  if (err != 0)
    return err;
  err = change(name, wide_value);
  uv__free(wide_value);
  return err;
}

int uv_os_unsetenv(const char* name) {
  if (name == NULL)
    return UV_EINVAL;
  int err = change(name, NULL);
  return err == UV_ENOENT ? 0 : err; /* there was none */
}

/* -- All of it --------------------------------------------------------------------------------- */

static const WCHAR* equals_in(const WCHAR* entry) {
  return wcschr(entry + 1, L'=');
}

/* The name and, behind its NUL, the value are one allocation. */
static int split_entry(const WCHAR* entry, uv_env_item_t* item) {
  char* copy;
  int err = uv__text_from_wide(entry, -1, &copy);

  if (err != 0)
    return err;
  char* equals = strchr(copy + 1, '=');
  *equals = '\0';
  item->name = copy;
  item->value = equals + 1;
  return 0;
}

static int split_block(const WCHAR* block, uv_env_item_t** envitems, int* count) {
  size_t entry_count = 0;

  for (const WCHAR* entry = block; *entry != L'\0'; entry += wcslen(entry) + 1)
    entry_count++;
  if (entry_count == 0)
    return 0;

  uv_env_item_t* items = uv__calloc(entry_count, sizeof(*items));
  if (items == NULL)
    return UV_ENOMEM;
  int used = 0;
  for (const WCHAR* entry = block; *entry != L'\0'; entry += wcslen(entry) + 1) {
    if (equals_in(entry) == NULL)
      continue;
    int err = split_entry(entry, &items[used]);
    if (err != 0) {
      uv_os_free_environ(items, used);
      return err;
    }
    used++;
  }
  *envitems = items;
  *count = used;
  return 0;
}

int uv_os_environ(uv_env_item_t** envitems, int* count) {
  *envitems = NULL;
  *count = 0;
  WCHAR* block = GetEnvironmentStringsW();
  if (block == NULL)
    return UV_ENOMEM;
  int err = split_block(block, envitems, count);
  FreeEnvironmentStringsW(block);
  return err;
}
