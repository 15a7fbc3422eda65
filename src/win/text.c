/* Text as the system has it and as programs have it: wtf8.c for whole strings. */
#include "text.h"

#include "../core.h"

int uv__text_to_wide(const char* text, WCHAR** wide) {
  ssize_t size = uv_wtf8_length_as_utf16(text); /* with the NUL */

  *wide = NULL;
  if (size < 0)
    return (int) size;
  *wide = uv__malloc((size_t) size * sizeof(**wide));
  if (*wide == NULL)
    return UV_ENOMEM;
  uv_wtf8_to_utf16(text, *wide, (size_t) size);
  return 0;
}

int uv__text_from_wide(const WCHAR* wide, ssize_t len, char** text) {
  *text = NULL;
  return uv_utf16_to_wtf8(wide, len, text, NULL);
}

int uv__text_from_wide_sized(const WCHAR* wide, ssize_t len, char* buffer, size_t* size) {
  size_t needed = uv_utf16_length_as_wtf8(wide, len);

  if (*size <= needed) {
    *size = needed + 1;
    return UV_ENOBUFS;
  }
  *size = needed;
  return uv_utf16_to_wtf8(wide, len, &buffer, size);
}
