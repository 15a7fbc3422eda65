/* What the core wants to be told of the life of the process. */
#ifndef RONDO_PROCESS_HOOKS_H_
#define RONDO_PROCESS_HOOKS_H_

/* Has fork(2) call before() in the thread that forks, then after() in the parent and in_child() in
 * the child; each may be NULL. For good: there is no taking back. 0 or an error. Where nothing
 * forks it answers 0. */
int uv__at_fork(void (*before)(void), void (*after)(void), void (*in_child)(void));

/* Has the end of the process call a function, or that of the library if it is unloaded before; 0 or
 * an error. On Windows, where the threads are gone by then, nothing calls it. */
int uv__at_exit(void (*at_exit)(void));

#endif /* RONDO_PROCESS_HOOKS_H_ */
