#ifndef BSD_SYS_SCHED_H_
#define BSD_SYS_SCHED_H_

#define CP_USER 0
#define CP_NICE 1
#define CP_SYS 2
#define CP_SPIN 3
#define CP_INTR 4
#define CP_IDLE 5
#define CPUSTATES 6

#endif /* BSD_SYS_SCHED_H_ */
