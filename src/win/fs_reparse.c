/* Reparse points: what is stored in them. */
#include "fs_reparse.h"

#include "../core.h"
#include "fs_ops.h"
#include "text.h"

#include <string.h>
#include <wchar.h>
#include <winioctl.h>

/* Tags and limits by number: some versions of the system's headers lack them. */
enum { MOST_BYTES = UV__REPARSE_SIZE, HEADER_SIZE = 8 };

static const DWORD TAG_JUNCTION = 0xA0000003;
static const DWORD TAG_SYMLINK = 0xA000000C;
static const DWORD TAG_LINUX_LINK = 0xA000001D;
static const DWORD TAG_PROGRAM_ALIAS = 0x8000001B;

/* How it is stored. Offsets and lengths of names count bytes. */
struct names {
  USHORT substitute_offset;
  USHORT substitute_len;
  USHORT print_offset;
  USHORT print_len;
};

struct reparse {
  DWORD tag;
  USHORT len; /* of the data */
  USHORT reserved;
  union {
    struct names names; /* of symbolic links and junctions */
    WCHAR units[(MOST_BYTES - HEADER_SIZE) / sizeof(WCHAR)];
    char bytes[MOST_BYTES - HEADER_SIZE];
  } data;
};

/* Where the text begins in the data, by kind, in bytes. */
enum { SYMLINK_TEXT = 12, JUNCTION_TEXT = 8, LINUX_LINK_TEXT = 4, ALIAS_TEXT = 4 };

/* A piece of text within. */
struct span {
  const WCHAR* text;
  size_t len;
};

/* -- Reading ----------------------------------------------------------------------------------- */

/* False for what lies outside. `text_at` is where all names begin. */
static bool substitute_name(const struct reparse* reparse, size_t text_at, struct span* span) {
  size_t from = text_at + reparse->data.names.substitute_offset;
  size_t len = reparse->data.names.substitute_len;

  if (reparse->len > sizeof(reparse->data) || from + len > reparse->len)
    return false;
  span->text = &reparse->data.units[from / sizeof(WCHAR)];
  span->len = len / sizeof(WCHAR);
  return true;
}

static bool begins_with(const struct span* span, const WCHAR* text) {
  size_t len = wcslen(text);
  return span->len >= len && wmemcmp(span->text, text, len) == 0;
}

static bool is_letter(WCHAR c) {
  return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z');
}

/* "X:\", or with `or_bare` also "X:" and nothing behind it. */
static bool begins_with_drive(const struct span* span, size_t at, bool or_bare) {
  if (span->len < at + 2 || !is_letter(span->text[at]) || span->text[at + 1] != L':')
    return false;
  return span->len == at + 2 ? or_bare : span->text[at + 2] == L'\\';
}

static void skip(struct span* span, size_t len) {
  span->text += len;
  span->len -= len;
}

static DWORD to_text(const struct span* span, char** target) {
  return uv__text_from_wide(span->text, (ssize_t) span->len, target) == 0 ? 0
                                                                          : ERROR_NOT_ENOUGH_MEMORY;
}

/* The kernel's form of an absolute path becomes that of programs; others are as they were given. */
static DWORD read_symlink(const struct reparse* reparse, char** target) {
  static const WCHAR unc[] = L"\\??\\UNC\\";
  struct span span;
  DWORD error;

  if (!substitute_name(reparse, SYMLINK_TEXT, &span))
    return ERROR_INVALID_REPARSE_DATA;
  if (begins_with(&span, L"\\??\\") && begins_with_drive(&span, 4, true)) {
    skip(&span, 4);
    return to_text(&span, target);
  }
  if (!begins_with(&span, unc))
    return to_text(&span, target);

  /* "C\server\share", whose first letter becomes a backslash. */
  skip(&span, wcslen(unc) - 2);
  error = to_text(&span, target);
  if (error == 0)
    (*target)[0] = '\\';
  return error;
}

/* A volume that is mounted in a directory looks alike, but leads to no path. */
static DWORD read_junction(const struct reparse* reparse, char** target) {
  struct span span;

  if (!substitute_name(reparse, JUNCTION_TEXT, &span))
    return ERROR_INVALID_REPARSE_DATA;
  if (!begins_with(&span, L"\\??\\") || !begins_with_drive(&span, 4, false))
    return ERROR_SYMLINK_NOT_SUPPORTED;
  skip(&span, 4);
  return to_text(&span, target);
}

static DWORD read_linux_link(const struct reparse* reparse, char** target) {
  size_t len;

  if (reparse->len < LINUX_LINK_TEXT || reparse->len > sizeof(reparse->data))
    return ERROR_INVALID_REPARSE_DATA;
  len = reparse->len - (size_t) LINUX_LINK_TEXT;
  *target = uv__malloc(len + 1);
  if (*target == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  memcpy(*target, &reparse->data.bytes[LINUX_LINK_TEXT], len);
  (*target)[len] = '\0';
  return 0;
}

/* The program is the third string; each has its NUL. */
static DWORD read_alias(const struct reparse* reparse, char** target) {
  size_t end = reparse->len < sizeof(reparse->data) ? reparse->len / sizeof(WCHAR) : 0;
  size_t at = ALIAS_TEXT / sizeof(WCHAR);
  struct span span = {.len = 0};

  for (int i = 0; i < 3; i++) {
    size_t start = at;

    while (at < end && reparse->data.units[at] != L'\0')
      at++;
    if (at >= end)
      return ERROR_SYMLINK_NOT_SUPPORTED;
    span.text = &reparse->data.units[start];
    span.len = at - start;
    at++;
  }
  return begins_with_drive(&span, 0, false) ? to_text(&span, target) : ERROR_SYMLINK_NOT_SUPPORTED;
}

DWORD uv__reparse_target(const void* data, char** target) {
  const struct reparse* reparse = data;

  if (reparse->tag == TAG_SYMLINK)
    return read_symlink(reparse, target);
  if (reparse->tag == TAG_JUNCTION)
    return read_junction(reparse, target);
  if (reparse->tag == TAG_LINUX_LINK)
    return read_linux_link(reparse, target);
  if (reparse->tag == TAG_PROGRAM_ALIAS)
    return read_alias(reparse, target);
  return ERROR_SYMLINK_NOT_SUPPORTED;
}

DWORD uv__reparse_read(HANDLE file, char** target) {
  FILE_BASIC_INFO info;
  struct reparse* reparse;
  DWORD bytes;
  DWORD error;

  if (!GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)))
    return GetLastError();
  if ((info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
    return ERROR_NOT_A_REPARSE_POINT;
  reparse = uv__calloc(1, sizeof(*reparse));
  if (reparse == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  error = DeviceIoControl(file, FSCTL_GET_REPARSE_POINT, NULL, 0, reparse, sizeof(*reparse), &bytes,
                          NULL)
              ? uv__reparse_target(reparse, target)
              : GetLastError();
  uv__free(reparse);
  return error;
}

DWORD uv__reparse_open(const WCHAR* path, DWORD access, HANDLE* file, char** target) {
  DWORD error = uv__fs_open_path(path, access | FILE_READ_ATTRIBUTES, true, file);

  *target = NULL;
  if (error != 0)
    return error;
  error = uv__reparse_read(*file, target);
  if (error == 0 || error == ERROR_NOT_A_REPARSE_POINT)
    return 0;
  CloseHandle(*file);
  if (error != ERROR_SYMLINK_NOT_SUPPORTED)
    return error;
  return uv__fs_open_path(path, access | FILE_READ_ATTRIBUTES, false, file);
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* Two names, each with a NUL: the kernel's, and the one that is shown. */
static DWORD fill_junction(struct reparse* reparse, const WCHAR* target) {
  static const WCHAR prefix[] = L"\\??\\";
  size_t prefix_len = wcslen(prefix);
  size_t len = wcslen(target);
  size_t bytes = (prefix_len + 2 * len + 2) * sizeof(WCHAR);
  struct names* names = &reparse->data.names;
  WCHAR* text = &reparse->data.units[JUNCTION_TEXT / sizeof(WCHAR)];

  if (bytes > sizeof(reparse->data) - JUNCTION_TEXT)
    return ERROR_FILENAME_EXCED_RANGE;
  wmemcpy(text, prefix, prefix_len);
  wmemcpy(text + prefix_len, target, len);
  wmemcpy(text + prefix_len + len + 1, target, len);
  names->substitute_len = (USHORT) ((prefix_len + len) * sizeof(WCHAR));
  names->print_offset = (USHORT) (names->substitute_len + sizeof(WCHAR));
  names->print_len = (USHORT) (len * sizeof(WCHAR));
  reparse->tag = TAG_JUNCTION;
  reparse->len = (USHORT) (JUNCTION_TEXT + bytes);
  return 0;
}

DWORD uv__reparse_make_junction(HANDLE directory, const WCHAR* target) {
  struct reparse* reparse = uv__calloc(1, sizeof(*reparse));
  DWORD bytes;
  DWORD error;

  if (reparse == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  error = fill_junction(reparse, target);
  if (error == 0 && !DeviceIoControl(directory, FSCTL_SET_REPARSE_POINT, reparse,
                                     HEADER_SIZE + (DWORD) reparse->len, NULL, 0, &bytes, NULL))
    error = GetLastError();
  uv__free(reparse);
  return error;
}
