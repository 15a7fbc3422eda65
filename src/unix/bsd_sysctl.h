/* Numbers that the kernel tells by name: sysctl(3) and sysctl(7) say which. */
#ifndef RONDO_UNIX_BSD_SYSCTL_H_
#define RONDO_UNIX_BSD_SYSCTL_H_

#include <stdint.h>

/* 0 or an error. */
int uv__sysctl_number(const char* name, uint64_t* number);

#endif /* RONDO_UNIX_BSD_SYSCTL_H_ */
