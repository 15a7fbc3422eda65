/* How much memory a process may have. 0 stands for no limit. */
#ifndef RONDO_UNIX_MEMORY_LIMIT_H_
#define RONDO_UNIX_MEMORY_LIMIT_H_

#include <stdint.h>

/* The lower of two limits. */
uint64_t uv__lower_limit(uint64_t a, uint64_t b);

/* What setrlimit(2) allows this process, in bytes. */
uint64_t uv__resource_limit(void);

#endif /* RONDO_UNIX_MEMORY_LIMIT_H_ */
