/* Children that are plain forks, in which the handlers of pthread_atfork(3) run. */
#ifndef RONDO_UNIX_SPAWN_FORK_H_
#define RONDO_UNIX_SPAWN_FORK_H_

#include "spawn.h"

#include <stdbool.h>

/* Makes a child with all signals blocked: 0 or an error. With 0, plan->error says whether it has
 * become the program; if not it is to be reaped. */
int uv__spawn_fork(struct uv__spawn_plan* plan, uv_pid_t* pid);

/* Whether the environment asks for such children, by UV_SPAWN_USE_FORK. */
bool uv__spawn_wants_fork(void);

#endif /* RONDO_UNIX_SPAWN_FORK_H_ */
