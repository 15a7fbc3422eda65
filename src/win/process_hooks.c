/* Forks, which do not exist, and the end of the process, at which the threads are gone already. */
#include "../process_hooks.h"

int uv__at_fork(void (*before)(void), void (*after)(void), void (*in_child)(void)) {
  (void) before;
  (void) after;
  (void) in_child;
  return 0;
}

int uv__at_exit(void (*at_exit)(void)) {
  (void) at_exit;
  return 0;
}
