#ifndef BSD_SYS_PARAM_H_
#define BSD_SYS_PARAM_H_

#include <limits.h>
#include <sys/types.h>

#define __NetBSD_Version__ 1000000000

#define MAXCOMLEN 16
#define MAXHOSTNAMELEN 256
#define MAXPATHLEN PATH_MAX

#endif /* BSD_SYS_PARAM_H_ */
