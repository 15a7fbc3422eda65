/* Children until they end. */
#ifndef RONDO_UNIX_PROCESS_EXIT_H_
#define RONDO_UNIX_PROCESS_EXIT_H_

#include "core.h"

/* Makes sure that the end of any child of the loop can be noticed: 0 or an error. */
int uv__child_prepare(uv_loop_t* loop);

/* Room for what is to be known of a child that does not exist yet: 0 or UV_ENOMEM. */
int uv__child_reserve(uv_process_t* process);

/* Watches the child process->pid, and owns its descriptor, which is -1 where there is none. */
void uv__child_watch(uv_process_t* process, int pidfd);

/* Whether the process has a child that is not known to have ended. */
bool uv__child_lives(const uv_process_t* process);

/* 0 or an error. */
int uv__child_kill(const uv_process_t* process, int signum);

/* Gives up watching, or the room for it. The child lives on, and is not reaped. */
void uv__child_forget(uv_process_t* process);

#endif /* RONDO_UNIX_PROCESS_EXIT_H_ */
