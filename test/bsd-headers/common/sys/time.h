#ifndef BSD_SYS_TIME_H_
#define BSD_SYS_TIME_H_

#include <time.h>

struct timeval {
  time_t tv_sec;
  suseconds_t tv_usec;
};

int gettimeofday(struct timeval* now, void* zone);

#endif /* BSD_SYS_TIME_H_ */
