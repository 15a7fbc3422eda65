/* The descriptor behind a handle. */
#ifndef RONDO_UNIX_HANDLE_FD_H_
#define RONDO_UNIX_HANDLE_FD_H_

#include "uv.h"

/* -1 if the handle has none now, or is of a kind that never has one. */
int uv__handle_fd(const uv_handle_t* handle);

#endif /* RONDO_UNIX_HANDLE_FD_H_ */
