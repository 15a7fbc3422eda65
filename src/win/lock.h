/* What the files of locks share. */
#ifndef RONDO_WIN_LOCK_H_
#define RONDO_WIN_LOCK_H_

#include <stdbool.h>

/* Ends the process, naming `function`, unless `done`. For functions that have no way to report an
 * error: the lock is not what the caller takes it for, and going on would corrupt what it guards.
 */
void uv__must(bool done, const char* function);

#endif /* RONDO_WIN_LOCK_H_ */
