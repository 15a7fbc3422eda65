/* What the files of locks share. */
#ifndef RONDO_UNIX_LOCK_H_
#define RONDO_UNIX_LOCK_H_

/* Ends the process, naming `function`, unless `err` is 0. For functions that have no way to report
 * an error: the lock is not what the caller takes it for, and going on would corrupt what it
 * guards.
 */
void uv__must(int err, const char* function);

#endif /* RONDO_UNIX_LOCK_H_ */
