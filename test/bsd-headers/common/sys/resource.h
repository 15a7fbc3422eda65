#ifndef BSD_SYS_RESOURCE_H_
#define BSD_SYS_RESOURCE_H_

#include <sys/time.h>
#include <sys/types.h>

struct rlimit {
  rlim_t rlim_cur;
  rlim_t rlim_max;
};

struct rusage {
  struct timeval ru_utime;
  struct timeval ru_stime;
  long ru_maxrss;
  long ru_ixrss;
  long ru_idrss;
  long ru_isrss;
  long ru_minflt;
  long ru_majflt;
  long ru_nswap;
  long ru_inblock;
  long ru_oublock;
  long ru_msgsnd;
  long ru_msgrcv;
  long ru_nsignals;
  long ru_nvcsw;
  long ru_nivcsw;
};

#define PRIO_PROCESS 0
#define RUSAGE_SELF 0
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_NOFILE 8
#define RLIM_INFINITY BSD_RLIM_INFINITY

int getpriority(int which, id_t who);
int getrlimit(int resource, struct rlimit* limit);
int getrusage(int who, struct rusage* usage);
int setpriority(int which, id_t who, int priority);
int setrlimit(int resource, const struct rlimit* limit);

#include <sys/bsd_resource.h>

#endif /* BSD_SYS_RESOURCE_H_ */
