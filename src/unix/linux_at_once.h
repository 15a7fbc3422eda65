/* File operations that are done in the call that asks for them, since they will not block: what
 * they need is in memory. */
#ifndef RONDO_UNIX_LINUX_AT_ONCE_H_
#define RONDO_UNIX_LINUX_AT_ONCE_H_

#include "../fs.h"

/* UV__FS_DONE, UV__FS_QUICK or UV__FS_NEEDS_THREAD, as uv__fs_begin() has it. */
enum uv__fs_progress uv__at_once(uv_fs_t* req);

/* Undoes what was done: whether that was possible. */
bool uv__at_once_undo(uv_fs_t* req);

#endif /* RONDO_UNIX_LINUX_AT_ONCE_H_ */
