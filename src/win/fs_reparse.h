/* Reparse points: files and directories that stand for something else. Those that only lead to
 * another path are links: symbolic links, junctions, links of the Linux subsystem, aliases of
 * programs. */
#ifndef RONDO_WIN_FS_REPARSE_H_
#define RONDO_WIN_FS_REPARSE_H_

#include "uv.h"

#include <stdbool.h>

/* No reparse point has more data. */
enum { UV__REPARSE_SIZE = 16 * 1024 };

/* What the data of a reparse point, all UV__REPARSE_SIZE bytes, say that it leads to; otherwise as
 * uv__reparse_read(). */
DWORD uv__reparse_target(const void* data, char** target);

/* Where a link leads, as text for uv__free(). ERROR_NOT_A_REPARSE_POINT, or
 * ERROR_SYMLINK_NOT_SUPPORTED for a reparse point that is no link, or another Win32 code. */
DWORD uv__reparse_read(HANDLE file, char** target);

/* Opens a path, and a link itself: `*target` is where it leads, or NULL if it is none. */
DWORD uv__reparse_open(const WCHAR* path, DWORD access, HANDLE* file, char** target);

/* Makes an empty directory a junction: `target` is an absolute path with a drive, without a prefix,
 * with single backslashes. */
DWORD uv__reparse_make_junction(HANDLE directory, const WCHAR* target);

#endif /* RONDO_WIN_FS_REPARSE_H_ */
