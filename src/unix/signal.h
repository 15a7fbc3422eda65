/* Signals: what others than the users of signal handles need. */
#ifndef RONDO_UNIX_SIGNAL_H_
#define RONDO_UNIX_SIGNAL_H_

/* Makes sure that the children of this process wait to be reaped, which the system spares those who
 * ignore SIGCHLD. Who ignored it for that purpose has zombies from now on. */
void uv__signal_keep_children(void);

#endif /* RONDO_UNIX_SIGNAL_H_ */
