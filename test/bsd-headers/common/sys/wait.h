#ifndef BSD_SYS_WAIT_H_
#define BSD_SYS_WAIT_H_

#include <sys/types.h>

#define WNOHANG 1
#define WUNTRACED 2

#define BSD_WSTATUS(status) ((status) &0177)
#define WIFEXITED(status) (BSD_WSTATUS(status) == 0)
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WIFSIGNALED(status) (BSD_WSTATUS(status) != 0177 && BSD_WSTATUS(status) != 0)
#define WTERMSIG(status) BSD_WSTATUS(status)

pid_t waitpid(pid_t pid, int* status, int options);

#endif /* BSD_SYS_WAIT_H_ */
