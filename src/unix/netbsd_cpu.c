/* CPUs: which there are, and for how many there is use. */
#include "../core.h"
#include "bsd_cpu.h"
#include "bsd_sysctl.h"

#include <errno.h>
#include <sched.h>
#include <sys/sched.h>
#include <sys/sysctl.h>
#include <unistd.h>

enum { HZ_PER_MHZ = 1000000 };

/* The kernel tells each CPU's ticks if there is room for all, else their sum. */
static int read_times(uv_cpu_info_t* list, unsigned int cpus) {
  size_t len = cpus * CPUSTATES * sizeof(uint64_t);
  uint64_t* ticks = uv__malloc(len);

  if (ticks == NULL)
    return UV_ENOMEM;
  if (sysctlbyname("kern.cp_time", ticks, &len, NULL, 0) != 0) {
    int err = UV__ERR(errno);
    uv__free(ticks);
    return err;
  }
  for (size_t i = 0; i < cpus && (i + 1) * CPUSTATES * sizeof(*ticks) <= len; i++) {
    const uint64_t* of = &ticks[i * CPUSTATES];
    list[i].cpu_times.user = uv__cpu_time(of[CP_USER]);
    list[i].cpu_times.nice = uv__cpu_time(of[CP_NICE]);
    list[i].cpu_times.sys = uv__cpu_time(of[CP_SYS]);
    list[i].cpu_times.idle = uv__cpu_time(of[CP_IDLE]);
    list[i].cpu_times.irq = uv__cpu_time(of[CP_INTR]);
  }
  uv__free(ticks);
  return 0;
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  char model[UV__CPU_MODEL_SIZE] = "";
  size_t model_size = sizeof(model) - 1;
  uint64_t hertz = 0;
  uint64_t cpus;
  uv_cpu_info_t* list;
  int err = uv__sysctl_number("hw.ncpu", &cpus);

  *cpu_infos = NULL;
  *count = 0;
  if (err != 0)
    return err;
  if (sysctlbyname("machdep.cpu_brand", model, &model_size, NULL, 0) != 0) {
    model_size = sizeof(model) - 1;
    sysctlbyname("hw.model", model, &model_size, NULL, 0);
  }
  uv__sysctl_number("machdep.tsc_freq", &hertz); /* which only some processors have */
  list = uv__cpu_list((unsigned int) cpus, model, hertz / HZ_PER_MHZ);
  if (list == NULL)
    return UV_ENOMEM;
  err = read_times(list, (unsigned int) cpus);
  if (err != 0) {
    uv__free(list);
    return err;
  }
  *cpu_infos = list;
  *count = (int) cpus;
  return 0;
}

/* On how many CPUs the calling thread may run; 0 if it has not been told: that is all of them. */
static unsigned int allowed_cpus(long online) {
  cpuset_t* set = cpuset_create();
  unsigned int allowed = 0;

  if (set == NULL)
    return 0;
  if (sched_getaffinity_np(0, cpuset_size(set), set) == 0)
    for (long cpu = 0; cpu < online; cpu++)
      allowed += cpuset_isset((cpuid_t) cpu, set) > 0;
  cpuset_destroy(set);
  return allowed;
}

unsigned int uv_available_parallelism(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned int allowed;

  if (online < 1)
    return 1;
  allowed = allowed_cpus(online);
  return allowed != 0 ? allowed : (unsigned int) online;
}
