#ifndef BSD_SYS_CPUSET_H_
#define BSD_SYS_CPUSET_H_

#include <sys/types.h>

#define CPU_SETSIZE 1024
#define CPU_LEVEL_WHICH 3
#define CPU_WHICH_PID 2

typedef struct _cpuset {
  long bits[CPU_SETSIZE / 64];
} cpuset_t;

#define BSD_CPU_BIT(cpu) (1L << ((cpu) % 64))
#define CPU_COUNT(set) bsd_cpu_count(set)
#define CPU_ISSET(cpu, set) (((set)->bits[(cpu) / 64] & BSD_CPU_BIT(cpu)) != 0)
#define CPU_SET(cpu, set) ((set)->bits[(cpu) / 64] |= BSD_CPU_BIT(cpu))
#define CPU_ZERO(set) (*(set) = (cpuset_t){{0}})

static inline int bsd_cpu_count(const cpuset_t* set) {
  int count = 0;

  for (int i = 0; i < CPU_SETSIZE; i++)
    count += CPU_ISSET(i, set);
  return count;
}

typedef int cpulevel_t;
typedef int cpuwhich_t;

int cpuset_getaffinity(cpulevel_t level, cpuwhich_t which, id_t id, size_t size, cpuset_t* set);

#endif /* BSD_SYS_CPUSET_H_ */
