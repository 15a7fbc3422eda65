#ifndef BSD_SYS_KINFO_H_
#define BSD_SYS_KINFO_H_

#include <sys/types.h>

/* Sizes are in pages. */
struct kinfo_proc {
  pid_t kp_pid;
  long kp_vm_rssize;
};

/* Microseconds. */
struct kinfo_cputime {
  uint64_t cp_user;
  uint64_t cp_nice;
  uint64_t cp_sys;
  uint64_t cp_intr;
  uint64_t cp_idle;
};

#endif /* BSD_SYS_KINFO_H_ */
