/* What the loop needs of timers. */
#ifndef RONDO_TIMER_H_
#define RONDO_TIMER_H_

#include "uv.h"

#include <stdbool.h>

/* Calls back all timers that are due at the loop's time. */
void uv__timers_run(uv_loop_t* loop);

/* Milliseconds from the loop's time to the next timer, for uv_backend_timeout(); -1 if there is
 * none. Looks at as many timers as it takes. */
int uv__timers_timeout(const uv_loop_t* loop);

/* How many milliseconds the loop may wait, -1 if there is no timer. The wait may end before a timer
 * is due: uv__timers_due() tells. */
int uv__timers_wait(const uv_loop_t* loop);

/* After a wait in which nothing happened, with the loop's time refreshed: whether a timer is due.
 * If none is, a new uv__timers_wait() says how much longer to wait. */
bool uv__timers_due(uv_loop_t* loop);

#endif /* RONDO_TIMER_H_ */
