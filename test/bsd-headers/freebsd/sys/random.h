#ifndef BSD_SYS_RANDOM_H_
#define BSD_SYS_RANDOM_H_

#include <sys/types.h>

ssize_t getrandom(void* buf, size_t len, unsigned int flags);

#endif /* BSD_SYS_RANDOM_H_ */
