#ifndef BSD_SYS_USER_H_
#define BSD_SYS_USER_H_

#include <sys/kinfo.h>

#endif /* BSD_SYS_USER_H_ */
