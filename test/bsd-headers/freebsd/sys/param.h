#ifndef BSD_SYS_PARAM_H_
#define BSD_SYS_PARAM_H_

#include <limits.h>
#include <sys/types.h>

#define __FreeBSD_version 1400097

#define MAXCOMLEN 19
#define MAXHOSTNAMELEN 256
#define MAXPATHLEN PATH_MAX

#endif /* BSD_SYS_PARAM_H_ */
