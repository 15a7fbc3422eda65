/* How much memory the process may use and how much it can still get. `root` is where the file
 * system begins: "" but for tests. */
#ifndef RONDO_UNIX_LINUX_MEMORY_H_
#define RONDO_UNIX_LINUX_MEMORY_H_

#include <stdint.h>

uint64_t uv__constrained_memory(const char* root);
uint64_t uv__available_memory(const char* root);

#endif /* RONDO_UNIX_LINUX_MEMORY_H_ */
