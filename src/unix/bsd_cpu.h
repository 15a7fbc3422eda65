/* Lists of CPUs for systems that tell one name and one speed for all of them. */
#ifndef RONDO_UNIX_BSD_CPU_H_
#define RONDO_UNIX_BSD_CPU_H_

#include "uv.h"

enum { UV__CPU_MODEL_SIZE = 512 };

/* `count` CPUs that have done nothing yet, for uv_free_cpu_info(); NULL if there is no memory. A
 * model of "" is not known. */
uv_cpu_info_t* uv__cpu_list(unsigned int count, const char* model, uint64_t megahertz);

/* Milliseconds. */
uint64_t uv__cpu_time(uint64_t ticks);

#endif /* RONDO_UNIX_BSD_CPU_H_ */
