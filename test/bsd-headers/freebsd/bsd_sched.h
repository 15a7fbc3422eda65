/* FreeBSD 13.1 and later. */
int sched_getcpu(void);
