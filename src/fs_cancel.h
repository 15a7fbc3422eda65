/* Cancelling a file request, for request.c. */
#ifndef RONDO_FS_CANCEL_H_
#define RONDO_FS_CANCEL_H_

#include "uv.h"

#include <stdbool.h>

/* 0, and the callback will come with UV_ECANCELED; or UV_EBUSY. */
int uv__fs_cancel(uv_fs_t* req);

/* Whether nothing but the loop's turn is missing before the callback, which then comes in the child
 * of a fork as well. */
bool uv__fs_is_finished(const uv_fs_t* req);

#endif /* RONDO_FS_CANCEL_H_ */
