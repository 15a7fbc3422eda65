/* What of a file request the ways to carry it out have in common. */
#ifndef RONDO_UNIX_FS_REQUEST_H_
#define RONDO_UNIX_FS_REQUEST_H_

#include "uv.h"

/* The offset of a read, a write or a truncation; negative for the descriptor's position. */
int64_t uv__fs_offset(const uv_fs_t* req);

/* Notes how an operation ended, as uv__fs_run() does. */
void uv__fs_finish(uv_fs_t* req, ssize_t result);

#endif /* RONDO_UNIX_FS_REQUEST_H_ */
