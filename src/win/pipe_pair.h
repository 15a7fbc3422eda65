/* Connected pairs of named pipes that nobody else knows the name of. */
#ifndef RONDO_WIN_PIPE_PAIR_H_
#define RONDO_WIN_PIPE_PAIR_H_

#include "uv.h"

/* Makes `parent`, an initialised pipe, one end of a pair and `child` the other, which a new process
 * inherits. `flags` are those of uv_stdio_container_t, from the child's side. 0 or a UV_E code; on
 * error both are as before. */
int uv__pipe_stdio_pair(uv_pipe_t* parent, unsigned int flags, HANDLE* child);

/* Closes the parent's end of a pair that was just made: the pipe is as before. */
void uv__pipe_stdio_undo(uv_pipe_t* parent);

#endif /* RONDO_WIN_PIPE_PAIR_H_ */
