#ifndef BSD_SYS_SCHED_H_
#define BSD_SYS_SCHED_H_

#define CP_USER 0
#define CP_NICE 1
#define CP_SYS 2
#define CP_INTR 3
#define CP_IDLE 4
#define CPUSTATES 5

#endif /* BSD_SYS_SCHED_H_ */
