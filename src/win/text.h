/* Text as the system has it, UTF-16, and as programs have it, UTF-8 (WTF-8 where a lone surrogate
 * occurs). */
#ifndef RONDO_WIN_TEXT_H_
#define RONDO_WIN_TEXT_H_

#include "uv.h"

/* A copy in UTF-16, for uv__free(): 0, UV_ENOMEM, or UV_EINVAL for text that is no WTF-8. */
int uv__text_to_wide(const char* text, WCHAR** wide);

/* A copy in WTF-8, for uv__free(); `len` counts units and is -1 for text that ends with a NUL. 0 or
 * UV_ENOMEM. */
int uv__text_from_wide(const WCHAR* wide, ssize_t len, char** text);

/* Into a caller's buffer, as sized_buffer.h says: 0 or UV_ENOBUFS. */
int uv__text_from_wide_sized(const WCHAR* wide, ssize_t len, char* buffer, size_t* size);

#endif /* RONDO_WIN_TEXT_H_ */
