#ifndef BSD_SYS_USER_H_
#define BSD_SYS_USER_H_

#include <sys/types.h>

/* Sizes are in pages. */
struct kinfo_proc {
  int ki_structsize;
  pid_t ki_pid;
  long ki_rssize;
};

/* Of fcntl(2), F_KINFO. */
struct kinfo_file {
  int kf_structsize;
  int kf_type;
  char kf_path[1024];
};

#define KINFO_FILE_SIZE 1392

#endif /* BSD_SYS_USER_H_ */
