/* What the loop needs of idle, prepare and check handles. */
#ifndef RONDO_WATCHER_H_
#define RONDO_WATCHER_H_

#include "uv.h"

#include <stdbool.h>

/* Makes a loop on which none is started. */
void uv__watchers_init(uv_loop_t* loop);

/* Whether idle handles are started: the loop then does not wait. */
bool uv__watchers_idle_started(const uv_loop_t* loop);

/* Whether check handles are started. */
bool uv__watchers_check_started(const uv_loop_t* loop);

/* The three phases: call back those that are started, the one started last first. */
void uv__watchers_run_idle(uv_loop_t* loop);
void uv__watchers_run_prepare(uv_loop_t* loop);
void uv__watchers_run_check(uv_loop_t* loop);

#endif /* RONDO_WATCHER_H_ */
