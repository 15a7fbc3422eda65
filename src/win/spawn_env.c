/* The environment of a child: a block of texts one behind the other, sorted by name, as the system
 * expects it.
 *
 * Programs do not start, or not find their files, without some variables of the system. Whoever
 * gives an environment without them means to change others, so they are added. */
#include "../core.h"
#include "spawn.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct entry {
  const WCHAR* name;
  size_t name_len;
  const WCHAR* value;
};

static const WCHAR* const required[] = {
    L"HOMEDRIVE", L"HOMEPATH",   L"LOGONSERVER", L"PATH",        L"SYSTEMDRIVE", L"SYSTEMROOT",
    L"TEMP",      L"USERDOMAIN", L"USERNAME",    L"USERPROFILE", L"WINDIR",
};

enum { REQUIRED_COUNT = sizeof(required) / sizeof(required[0]) };

/* -- Names ------------------------------------------------------------------------------------- */

/* The system's own variables, the current directory of each drive, begin with a '='. */
static const WCHAR* end_of_name(const WCHAR* text) {
  return *text == L'\0' ? NULL : wcschr(text + 1, L'=');
}

static int compare_names(const WCHAR* a, size_t a_len, const WCHAR* b, size_t b_len) {
  return CompareStringOrdinal(a, (int) a_len, b, (int) b_len, TRUE) - CSTR_EQUAL;
}

/* Entries of the same name stay as they were: their texts lie in that order. */
static int compare_entries(const void* left, const void* right) {
  const struct entry* a = left;
  const struct entry* b = right;
  int order = compare_names(a->name, a->name_len, b->name, b->name_len);

  if (order != 0)
    return order;
  return (a->name > b->name) - (a->name < b->name);
}

/* The value of a variable in a block, NULL if it has none. */
static const WCHAR* find_value(const WCHAR* block, const WCHAR* name) {
  size_t len = wcslen(name);

  for (const WCHAR* text = block; *text != L'\0'; text += wcslen(text) + 1) {
    const WCHAR* end = end_of_name(text);
    if (end != NULL && compare_names(text, (size_t) (end - text), name, len) == 0)
      return end + 1;
  }
  return NULL;
}

static bool has_name(const struct entry* entries, size_t count, const WCHAR* name) {
  size_t len = wcslen(name);

  for (size_t i = 0; i < count; i++)
    if (compare_names(entries[i].name, entries[i].name_len, name, len) == 0)
      return true;
  return false;
}

/* -- A block of entries ------------------------------------------------------------------------ */

static WCHAR* append(WCHAR* to, const WCHAR* text, size_t len) {
  memcpy(to, text, len * sizeof(*text));
  return to + len;
}

static int write_block(const struct entry* entries, size_t count, WCHAR** block) {
  size_t size = 2; /* an empty one has two NULs */
  WCHAR* to;

  for (size_t i = 0; i < count; i++)
    size += entries[i].name_len + wcslen(entries[i].value) + 2;
  *block = uv__malloc(size * sizeof(**block));
  if (*block == NULL)
    return UV_ENOMEM;

  to = *block;
  *to = L'\0';
  for (size_t i = 0; i < count; i++) {
    to = append(to, entries[i].name, entries[i].name_len);
    *to++ = L'=';
    to = append(to, entries[i].value, wcslen(entries[i].value) + 1);
  }
  if (count == 0)
    to++;
  *to = L'\0';
  return 0;
}

/* `entries` has room for the required ones behind the `count` given ones. */
static int complete_block(struct entry* entries, size_t count, WCHAR** block) {
  WCHAR* ours = GetEnvironmentStringsW();
  size_t given = count;
  int err;

  if (ours == NULL)
    return UV_ENOMEM;
  for (size_t i = 0; i < REQUIRED_COUNT; i++) {
    const WCHAR* value = find_value(ours, required[i]);
    if (value != NULL && !has_name(entries, given, required[i]))
      entries[count++] = (struct entry){required[i], wcslen(required[i]), value};
  }
  qsort(entries, count, sizeof(*entries), compare_entries);
  err = write_block(entries, count, block);
  FreeEnvironmentStringsW(ours);
  return err;
}

/* -- For process.c ----------------------------------------------------------------------------- */

/* The number of texts, and in `*units` what they need in UTF-16: UV_EINVAL for one that is no text.
 */
static ssize_t measure(char* const* env, size_t* units) {
  ssize_t count = 0;

  *units = 0;
  for (; env[count] != NULL; count++) {
    ssize_t size = uv_wtf8_length_as_utf16(env[count]);
    if (size < 0)
      return UV_EINVAL;
    *units += (size_t) size;
  }
  return count;
}

/* Texts without a '=' are left out. Gives the number of entries. */
static size_t read_entries(char* const* env, WCHAR* texts, struct entry* entries) {
  size_t count = 0;

  for (; *env != NULL; env++) {
    size_t size = (size_t) uv_wtf8_length_as_utf16(*env);
    const WCHAR* end;
    uv_wtf8_to_utf16(*env, texts, size);
    end = end_of_name(texts);
    if (end != NULL)
      entries[count++] = (struct entry){texts, (size_t) (end - texts), end + 1};
    texts += size;
  }
  return count;
}

int uv__spawn_environment(char* const* env, WCHAR** block) {
  struct entry* entries;
  size_t units;
  ssize_t count = measure(env, &units);
  int err;

  *block = NULL;
  if (count < 0)
    return (int) count;
  entries =
      uv__malloc(((size_t) count + REQUIRED_COUNT) * sizeof(*entries) + units * sizeof(WCHAR));
  if (entries == NULL)
    return UV_ENOMEM;

  WCHAR* texts = (WCHAR*) (void*) (entries + count + REQUIRED_COUNT);
  err = complete_block(entries, read_entries(env, texts, entries), block);
  uv__free(entries);
  return err;
}

int uv__spawn_env_value(const WCHAR* block, const WCHAR* name, WCHAR** value) {
  WCHAR* ours = NULL;
  const WCHAR* found;
  int err = 0;

  *value = NULL;
  if (block == NULL) {
    ours = GetEnvironmentStringsW();
    if (ours == NULL)
      return UV_ENOMEM;
    block = ours;
  }
  found = find_value(block, name);
  if (found != NULL) {
    size_t size = (wcslen(found) + 1) * sizeof(*found);
    *value = uv__malloc(size);
    if (*value != NULL)
      memcpy(*value, found, size);
    else
      err = UV_ENOMEM;
  }
  if (ours != NULL)
    FreeEnvironmentStringsW(ours);
  return err;
}
