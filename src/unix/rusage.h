/* What a process or a thread has used so far. */
#ifndef RONDO_UNIX_RUSAGE_H_
#define RONDO_UNIX_RUSAGE_H_

#include "uv.h"

/* As getrusage(2): 0 or an error. `ru_maxrss` is in the system's unit. */
int uv__rusage(int who, uv_rusage_t* rusage);

#endif /* RONDO_UNIX_RUSAGE_H_ */
