/* Text from functions of the system that want a buffer and do not say beforehand how large. */
#ifndef RONDO_WIN_SYSTEM_TEXT_H_
#define RONDO_WIN_SYSTEM_TEXT_H_

#include "uv.h"

/* Writes text and a NUL and returns its length without it; `size`, or the number of units needed,
 * if they are not enough; 0 with the system's last error. `arg` is the caller's. */
typedef DWORD (*uv__text_source)(void* arg, WCHAR* buffer, DWORD size);

/* Gets the whole text, for uv__free(): 0, UV_ENOMEM or what the source's error is. */
int uv__system_text(uv__text_source source, void* arg, WCHAR** text, size_t* len);

#endif /* RONDO_WIN_SYSTEM_TEXT_H_ */
