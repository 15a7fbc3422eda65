/* CPUs: which there are, and for how many there is use. */
#include "../core.h"
#include "bsd_cpu.h"
#include "bsd_sysctl.h"

#include <errno.h>
#include <sys/cpuset.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <unistd.h>

/* The ticks that each CPU has spent in each state, as a new array: 0 or an error. */
static int read_ticks(long** ticks, size_t* count) {
  size_t len = 0;
  int err = 0;

  if (sysctlbyname("kern.cp_times", NULL, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *ticks = uv__malloc(len);
  if (*ticks == NULL)
    return UV_ENOMEM;
  if (sysctlbyname("kern.cp_times", *ticks, &len, NULL, 0) != 0)
    err = UV__ERR(errno);
  *count = len / sizeof(**ticks);
  if (err != 0)
    uv__free(*ticks);
  return err;
}

/* Ticks of processors beyond the last one that is there are zeros. */
static void fill_times(uv_cpu_info_t* list, unsigned int cpus, const long* ticks, size_t count) {
  for (size_t i = 0; i < cpus && (i + 1) * CPUSTATES <= count; i++) {
    const long* of = &ticks[i * CPUSTATES];
    list[i].cpu_times.user = uv__cpu_time((uint64_t) of[CP_USER]);
    list[i].cpu_times.nice = uv__cpu_time((uint64_t) of[CP_NICE]);
    list[i].cpu_times.sys = uv__cpu_time((uint64_t) of[CP_SYS]);
    list[i].cpu_times.idle = uv__cpu_time((uint64_t) of[CP_IDLE]);
    list[i].cpu_times.irq = uv__cpu_time((uint64_t) of[CP_INTR]);
  }
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  char model[UV__CPU_MODEL_SIZE] = "";
  size_t model_size = sizeof(model) - 1;
  uint64_t megahertz = 0;
  uint64_t cpus;
  long* ticks;
  size_t tick_count;
  int err = uv__sysctl_number("hw.ncpu", &cpus);

  *cpu_infos = NULL;
  *count = 0;
  if (err == 0)
    err = read_ticks(&ticks, &tick_count);
  if (err != 0)
    return err;
  sysctlbyname("hw.model", model, &model_size, NULL, 0);
  uv__sysctl_number("hw.clockrate", &megahertz); /* which some processors do not tell */
  *cpu_infos = uv__cpu_list((unsigned int) cpus, model, megahertz);
  if (*cpu_infos != NULL) {
    fill_times(*cpu_infos, (unsigned int) cpus, ticks, tick_count);
    *count = (int) cpus;
  }
  uv__free(ticks);
  return *cpu_infos != NULL ? 0 : UV_ENOMEM;
}

unsigned int uv_available_parallelism(void) {
  cpuset_t allowed;
  long online;

  CPU_ZERO(&allowed);
  if (cpuset_getaffinity(CPU_LEVEL_WHICH, CPU_WHICH_PID, -1, sizeof(allowed), &allowed) == 0)
    return (unsigned int) CPU_COUNT(&allowed);
  online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (unsigned int) online : 1;
}
