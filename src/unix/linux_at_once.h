/* File operations that are done in the call that asks for them, since they will not block: what
 * they need is in memory. */
#ifndef RONDO_UNIX_LINUX_AT_ONCE_H_
#define RONDO_UNIX_LINUX_AT_ONCE_H_

#include "uv.h"

#include <stdbool.h>

enum uv__at_once {
  UV__AT_ONCE_DONE,  /* the request is as uv__fs_run() leaves it */
  UV__AT_ONCE_QUICK, /* nothing has been done, and uv__fs_run() will not block */
  UV__AT_ONCE_COLD,  /* nothing has been done: a disk has to be waited for */
  UV__AT_ONCE_NOT    /* nothing has been done, and nobody knows what there is to wait for */
};

enum uv__at_once uv__at_once(uv_fs_t* req);

/* Undoes what was done: whether that was possible. */
bool uv__at_once_undo(uv_fs_t* req);

#endif /* RONDO_UNIX_LINUX_AT_ONCE_H_ */
