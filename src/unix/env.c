/* Environment variables. None of this is safe while another thread changes the environment. */
#include "environment.h"

#include "../core.h"
#include "../sized_buffer.h"

#include <errno.h>
#include <stdlib.h>

int uv_os_getenv(const char* name, char* buffer, size_t* size) {
  if (name == NULL || !uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;

  const char* value = getenv(name);
  if (value == NULL)
    return UV_ENOENT;
  return uv__sized_buffer_copy(value, strlen(value), buffer, size);
}

int uv_os_setenv(const char* name, const char* value) {
  if (name == NULL || value == NULL)
    return UV_EINVAL;
  return setenv(name, value, 1) == 0 ? 0 : -errno;
}

int uv_os_unsetenv(const char* name) {
  if (name == NULL)
    return UV_EINVAL;
  return unsetenv(name) == 0 ? 0 : -errno;
}

/* The name and, behind its NUL, the value are one allocation. */
static bool split_entry(const char* entry, uv_env_item_t* item) {
  char* copy = uv__strdup(entry);

  if (copy == NULL)
    return false;
  char* equals = strchr(copy, '=');
  *equals = '\0';
  item->name = copy;
  item->value = equals + 1;
  return true;
}

int uv_os_environ(uv_env_item_t** envitems, int* count) {
  char** environment = uv__environment();
  size_t entry_count = 0;

  *envitems = NULL;
  *count = 0;
  while (environment != NULL && environment[entry_count] != NULL)
    entry_count++;
  if (entry_count == 0)
    return 0;

  uv_env_item_t* items = uv__calloc(entry_count, sizeof(*items));
  if (items == NULL)
    return UV_ENOMEM;
  int used = 0;
  for (size_t i = 0; i < entry_count; i++) {
    if (strchr(environment[i], '=') == NULL)
      continue;
    if (!split_entry(environment[i], &items[used])) {
      uv_os_free_environ(items, used);
      return UV_ENOMEM;
    }
    used++;
  }
  *envitems = items;
  *count = used;
  return 0;
}
