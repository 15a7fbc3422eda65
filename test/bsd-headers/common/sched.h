#ifndef BSD_SCHED_H_
#define BSD_SCHED_H_

#include <sys/types.h>
#include <time.h>

#define SCHED_FIFO BSD_SCHED_FIFO
#define SCHED_OTHER BSD_SCHED_OTHER
#define SCHED_RR BSD_SCHED_RR

struct sched_param {
  int sched_priority;
};

int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);
int sched_yield(void);

#include <bsd_sched.h>

#endif /* BSD_SCHED_H_ */
