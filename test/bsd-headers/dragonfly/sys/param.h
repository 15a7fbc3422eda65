#ifndef BSD_SYS_PARAM_H_
#define BSD_SYS_PARAM_H_

#include <limits.h>
#include <sys/types.h>

#define __DragonFly_version 600400

#define MAXCOMLEN 16
#define MAXHOSTNAMELEN 256
#define MAXPATHLEN PATH_MAX

#endif /* BSD_SYS_PARAM_H_ */
