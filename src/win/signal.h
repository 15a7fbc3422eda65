/* Signals: what others than the users of signal handles need. */
#ifndef RONDO_WIN_SIGNAL_H_
#define RONDO_WIN_SIGNAL_H_

#include <stdbool.h>

/* Tells all that watch a signal that the process got it, and answers whether anybody does. Any
 * thread. */
bool uv__signal_dispatch(int signum);

#endif /* RONDO_WIN_SIGNAL_H_ */
