/* The contract with a platform for random bytes. */
#ifndef RONDO_RANDOM_H_
#define RONDO_RANDOM_H_

#include <stddef.h>

/* Fills a buffer from the system's source, fit for cryptography; waits until that is seeded. 0, or
 * an error, and then the buffer holds nothing to be used. Any thread. */
int uv__random_source(void* buf, size_t len);

#endif /* RONDO_RANDOM_H_ */
