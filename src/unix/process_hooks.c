/* Forks and the end of the process, as POSIX tells of them. */
#include "../process_hooks.h"

#include "uv.h"

#include <pthread.h>
#include <stdlib.h>

int uv__at_fork(void (*before)(void), void (*after)(void), void (*in_child)(void)) {
  return UV__ERR(pthread_atfork(before, after, in_child));
}

/* Not a destructor function: from an archive, that would be linked only where something else is
 * asked of its file. In a shared library atexit(3) means its unloading as well. */
int uv__at_exit(void (*at_exit)(void)) {
  return atexit(at_exit) == 0 ? 0 : UV_ENOMEM;
}
