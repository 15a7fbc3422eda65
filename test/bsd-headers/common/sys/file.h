#ifndef BSD_SYS_FILE_H_
#define BSD_SYS_FILE_H_

#include <fcntl.h>

#endif /* BSD_SYS_FILE_H_ */
