/* Files that are read and written through a mapping into memory (UV_FS_O_FILEMAP).
 *
 * Such a descriptor's position, and where it appends, are kept here. Nobody else changes the size
 * of the file while it is open: the system forbids to cut it, and what somebody adds is not seen.
 *
 * The functions give 0 or a Win32 code. */
#ifndef RONDO_WIN_FS_MAP_H_
#define RONDO_WIN_FS_MAP_H_

#include "uv.h"

#include <stdbool.h>

struct uv__map;

/* Maps an open file; `flags` are those of uv_fs_open(). */
DWORD uv__map_new(HANDLE file, int flags, struct uv__map** map);

/* Frees one that was not added. */
void uv__map_free(struct uv__map* map);

/* From now on the descriptor's reads and writes go here. */
void uv__map_add(struct uv__map* map, int fd);

/* The end of that, with the descriptor's; nothing for one without a mapping. */
void uv__map_remove(int fd);

/* A descriptor's mapping until uv__map_release(), or NULL. */
struct uv__map* uv__map_hold(int fd);
void uv__map_release(struct uv__map* map);

/* As uv__fs_read(), uv__fs_write() and uv__fs_truncate(). */
DWORD uv__map_read(struct uv__map* map, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                   size_t* total);
DWORD uv__map_write(struct uv__map* map, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                    size_t* total);
DWORD uv__map_truncate(struct uv__map* map, int64_t len);

#endif /* RONDO_WIN_FS_MAP_H_ */
