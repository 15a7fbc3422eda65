/* Signals that are sent. Windows has none: some mean an end, 0 asks for life. */
#ifndef RONDO_WIN_KILL_H_
#define RONDO_WIN_KILL_H_

#include "uv.h"

/* Does to a process what a signal would: 0, UV_ESRCH if it has ended, UV_EINVAL, UV_ENOSYS or
 * another UV_E code. */
int uv__kill_process(HANDLE process, int signum);

#endif /* RONDO_WIN_KILL_H_ */
