/* The stack of the process's first thread. */
#ifndef RONDO_UNIX_MAIN_STACK_H_
#define RONDO_UNIX_MAIN_STACK_H_

#include <stddef.h>

/* How large it may grow, in bytes; 0 where that is no measure for other threads. By system:
 * main_stack_by_limit.c, main_stack_none.c. */
size_t uv__main_stack(void);

#endif /* RONDO_UNIX_MAIN_STACK_H_ */
