/* Children that are not to outlive this process. */
#ifndef RONDO_WIN_JOB_H_
#define RONDO_WIN_JOB_H_

#include "uv.h"

/* Has a process killed when this one ends, whatever ends it: 0 or a UV_E code. Where the system
 * does not let us it lives on. */
int uv__job_add(HANDLE process);

#endif /* RONDO_WIN_JOB_H_ */
