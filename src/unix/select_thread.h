/* Descriptors that a kqueue refuses, as that of macOS does terminals: a thread waits for them by
 * select(2), and tells the kqueue.
 *
 * Each has a filter of its own in the queue, EVFILT_USER by its number, which the thread triggers
 * once; it looks at the descriptor again when the loop has taken the events and said that it may
 * continue. So an event comes again until its cause is gone, as others do.
 *
 * A selector is NULL until something is selected. All calls come from the loop's thread. */
#ifndef RONDO_UNIX_SELECT_THREAD_H_
#define RONDO_UNIX_SELECT_THREAD_H_

#include <stdbool.h>

struct uv__selector;

/* Whether the descriptor is one that was refused. */
bool uv__select_has(const struct uv__selector* selector, int fd);

/* Waits for these of poll(2)'s bits, 0 for none, in place of what was waited for: 0 or an error.
 * `generation` is the `udata` of its filter. */
int uv__select_want(struct uv__selector** selector, int queue, int fd, unsigned int generation,
                    unsigned int wanted);

/* What a triggered filter stands for. */
unsigned int uv__select_take(struct uv__selector* selector, int fd);

/* Looks again at all whose events were taken. */
void uv__select_continue(struct uv__selector* selector);

/* The descriptor may be closed when this returns; whether it was one. */
bool uv__select_forget(struct uv__selector* selector, int fd);

/* Ends the thread, if there is one. In the child of a fork there is none. */
void uv__select_close(struct uv__selector** selector);
void uv__select_abandon(struct uv__selector** selector);

#endif /* RONDO_UNIX_SELECT_THREAD_H_ */
