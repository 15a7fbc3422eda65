/* Which file a program's name means.
 *
 * A name with a directory, or in each of the directories to search one without, is tried as it is
 * if it has an extension, then with .com and .exe behind it. */
#include "../core.h"
#include "spawn.h"

#include <string.h>
#include <wchar.h>

/* A part of a text. */
struct span {
  const WCHAR* text;
  size_t len;
};

/* What stays the same while directories are tried. */
struct attempt {
  const WCHAR* directory;
  struct span name;
  bool is_tried_as_it_is;
  WCHAR* path; /* room for any candidate */
};

enum { ROOM_FOR_MORE = 8 }; /* separators, extension, NUL */

static bool is_slash(WCHAR c) {
  return c == L'\\' || c == L'/';
}

static bool is_drive(const WCHAR* text, size_t len) {
  return len >= 2 && text[1] == L':';
}

static bool is_same_drive(WCHAR a, WCHAR b) {
  return CompareStringOrdinal(&a, 1, &b, 1, TRUE) == CSTR_EQUAL;
}

/* -- Joining ----------------------------------------------------------------------------------- */

/* How much of a directory stands before what a path that begins with a slash is about: its drive,
 * or the server and its share. */
static size_t root_len(const WCHAR* directory) {
  const WCHAR* end = directory;

  if (is_drive(directory, wcslen(directory)))
    return 2;
  if (!is_slash(directory[0]) || !is_slash(directory[1]))
    return 0;
  end = wcspbrk(directory + 2, L"\\/");
  if (end != NULL)
    end = wcspbrk(end + 1, L"\\/");
  return end != NULL ? (size_t) (end - directory) : wcslen(directory);
}

/* How much of the child's directory stands before another one, and how much of that is left out. */
static size_t base_len(const WCHAR* directory, struct span* other) {
  const WCHAR* text = other->text;

  if (other->len >= 2 && is_slash(text[0]) && is_slash(text[1]))
    return 0;
  if (other->len >= 1 && is_slash(text[0]))
    return root_len(directory);
  if (!is_drive(text, other->len))
    return wcslen(directory);
  if (other->len >= 3 && is_slash(text[2]))
    return 0;
  if (!is_drive(directory, wcslen(directory)) || !is_same_drive(directory[0], text[0]))
    return 0;
  other->text += 2;
  other->len -= 2;
  return wcslen(directory);
}

static WCHAR* append(WCHAR* to, const WCHAR* text, size_t len) {
  memcpy(to, text, len * sizeof(*text));
  return to + len;
}

static WCHAR* append_slash(const WCHAR* begin, WCHAR* to) {
  if (to > begin && !is_slash(to[-1]) && to[-1] != L':')
    *to++ = L'\\';
  return to;
}

/* -- Trying ------------------------------------------------------------------------------------ */

static bool is_file(const WCHAR* path) {
  DWORD attributes = GetFileAttributesW(path);

  return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool try_extension(const struct attempt* attempt, WCHAR* end, const WCHAR* extension) {
  append(end, extension, wcslen(extension) + 1);
  return is_file(attempt->path);
}

/* Whether a directory has the program; its path then is attempt->path. */
static bool try_directory(const struct attempt* attempt, struct span other) {
  size_t base = base_len(attempt->directory, &other);
  WCHAR* begin = attempt->path;
  WCHAR* end = append(begin, attempt->directory, base);

  if (other.len > 0 && !is_slash(other.text[0]))
    end = append_slash(begin, end);
  end = append(end, other.text, other.len);
  end = append_slash(begin, end);
  end = append(end, attempt->name.text, attempt->name.len);

  if (attempt->is_tried_as_it_is && try_extension(attempt, end, L""))
    return true;
  if (end[-1] == L'.')
    end--; /* the extension brings its own */
  return try_extension(attempt, end, L".com") || try_extension(attempt, end, L".exe");
}

/* -- The directories --------------------------------------------------------------------------- */

static bool is_quote(WCHAR c) {
  return c == L'"' || c == L'\'';
}

/* Where an entry of the path ends. One that begins with a quote may have semicolons in it. */
static const WCHAR* end_of_entry(const WCHAR* entry) {
  const WCHAR* end = entry;

  if (is_quote(*entry)) {
    end = wcschr(entry + 1, *entry);
    if (end == NULL)
      return entry + wcslen(entry);
  }
  return end + wcscspn(end, L";");
}

static bool try_path(const struct attempt* attempt, const WCHAR* path) {
  while (*path != L'\0') {
    struct span entry = {path, (size_t) (end_of_entry(path) - path)};
    path += entry.len;
    if (*path == L';')
      path++;
    if (entry.len > 0 && is_quote(entry.text[0])) {
      entry.text++;
      entry.len--;
    }
    if (entry.len > 0 && is_quote(entry.text[entry.len - 1]))
      entry.len--;
    if (entry.len > 0 && try_directory(attempt, entry))
      return true;
  }
  return false;
}

static const WCHAR* name_in(const WCHAR* file) {
  const WCHAR* name = file + wcslen(file);

  while (name > file && !is_slash(name[-1]) && name[-1] != L':')
    name--;
  return name;
}

static bool has_extension(const WCHAR* name) {
  const WCHAR* dot = wcschr(name, L'.');

  return dot != NULL && dot[1] != L'\0';
}

static bool find(const struct uv__spawn_search* search, struct attempt* attempt) {
  static const struct span here = {L"", 0};
  const WCHAR* name = name_in(search->file);
  struct span directory = {search->file, (size_t) (name - search->file)};

  if (*name == L'\0')
    return false;
  attempt->name = (struct span){name, wcslen(name)};
  attempt->is_tried_as_it_is = has_extension(name);
  if (directory.len > 0) {
    attempt->is_tried_as_it_is = attempt->is_tried_as_it_is || search->is_exact;
    return try_directory(attempt, directory);
  }
  if (NeedCurrentDirectoryForExePathW(L"") && try_directory(attempt, here))
    return true;
  return search->path != NULL && try_path(attempt, search->path);
}

int uv__spawn_find(const struct uv__spawn_search* search, WCHAR** program) {
  struct attempt attempt = {.directory = search->directory};
  size_t size = wcslen(search->directory) + wcslen(search->file) + ROOM_FOR_MORE;

  *program = NULL;
  if (search->file[0] == L'\0' || wcscmp(search->file, L".") == 0)
    return UV_ENOENT;
  if (search->path != NULL)
    size += wcslen(search->path);
  attempt.path = uv__malloc(size * sizeof(*attempt.path));
  if (attempt.path == NULL)
    return UV_ENOMEM;
  if (!find(search, &attempt)) {
    uv__free(attempt.path);
    return UV_ENOENT;
  }
  *program = attempt.path;
  return 0;
}
