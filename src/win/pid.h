/* Processes by their ids. */
#ifndef RONDO_WIN_PID_H_
#define RONDO_WIN_PID_H_

#include "uv.h"

/* Opens a process: 0, UV_ESRCH if there is none of that id, or another UV_E code. One that has
 * ended is still there for as long as somebody has it open. */
int uv__open_process(uv_pid_t pid, DWORD rights, HANDLE* process);

#endif /* RONDO_WIN_PID_H_ */
