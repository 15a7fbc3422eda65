/* Copying where the memory may turn out not to be there: that of a mapped file whose disk or server
 * fails, or a caller's buffer that is none. */
#ifndef RONDO_WIN_FS_MAP_COPY_H_
#define RONDO_WIN_FS_MAP_COPY_H_

#include "uv.h"

#include <stdbool.h>

/* Whether faults are caught at all. Without that, files are not mapped. */
extern const bool uv__map_is_guarded;

/* 0, or the Win32 code of what was wrong with the memory; then a part may have been copied. */
DWORD uv__map_copy(void* to, const void* from, size_t len);

#endif /* RONDO_WIN_FS_MAP_COPY_H_ */
