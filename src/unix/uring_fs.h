/* File requests that a ring carries out. */
#ifndef RONDO_UNIX_URING_FS_H_
#define RONDO_UNIX_URING_FS_H_

#include "uv.h"

#include <stdbool.h>

/* Prepares a request for the loop's ring, which is made if there is none; the loop will call
 * work_req.done as fs.h says of UV__FS_BEGUN. False if it needs a thread: there can be no ring, it
 * is full, or it lacks the operation. */
bool uv__fs_ring_submit(uv_fs_t* req);

/* Takes back a request that the kernel has not been given yet: whether it was one. */
bool uv__fs_ring_withdraw(uv_fs_t* req);

#endif /* RONDO_UNIX_URING_FS_H_ */
