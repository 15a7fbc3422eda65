#ifndef BSD_PATHS_H_
#define BSD_PATHS_H_

#define _PATH_BSHELL "/bin/sh"
#define _PATH_DEFPATH "/usr/bin:/bin"
#define _PATH_DEVNULL "/dev/null"

#endif /* BSD_PATHS_H_ */
