/* CPUs: which there are, and for how many there is use. */
#include "../core.h"
#include "bsd_cpu.h"

#include <errno.h>
#include <sys/sched.h>
#include <sys/sysctl.h>

/* A number of the hardware: 0 or an error. */
static int read_hardware(int what, int* number) {
  int name[] = {CTL_HW, what};
  size_t len = sizeof(*number);

  return sysctl(name, 2, number, &len, NULL, 0) == 0 ? 0 : UV__ERR(errno);
}

/* False for one that is switched off. */
static bool read_ticks(int cpu, int64_t ticks[CPUSTATES]) {
  int name[] = {CTL_KERN, KERN_CPTIME2, cpu};
  size_t len = CPUSTATES * sizeof(*ticks);

  return sysctl(name, 3, ticks, &len, NULL, 0) == 0;
}

/* Answers how many are on. */
static int fill_times(uv_cpu_info_t* list, int cpus) {
  int count = 0;

  for (int cpu = 0; cpu < cpus; cpu++) {
    int64_t ticks[CPUSTATES];
    if (!read_ticks(cpu, ticks))
      continue;
    list[count].cpu_times.user = uv__cpu_time((uint64_t) ticks[CP_USER]);
    list[count].cpu_times.nice = uv__cpu_time((uint64_t) ticks[CP_NICE]);
    list[count].cpu_times.sys = uv__cpu_time((uint64_t) (ticks[CP_SYS] + ticks[CP_SPIN]));
    list[count].cpu_times.idle = uv__cpu_time((uint64_t) ticks[CP_IDLE]);
    list[count].cpu_times.irq = uv__cpu_time((uint64_t) ticks[CP_INTR]);
    count++;
  }
  return count;
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  int model_name[] = {CTL_HW, HW_MODEL};
  char model[UV__CPU_MODEL_SIZE] = "";
  size_t model_size = sizeof(model) - 1;
  int megahertz = 0;
  int cpus = 0;
  int err = read_hardware(HW_NCPU, &cpus);

  *cpu_infos = NULL;
  *count = 0;
  if (err != 0)
    return err;
  sysctl(model_name, 2, model, &model_size, NULL, 0);
  read_hardware(HW_CPUSPEED, &megahertz); /* which not all processors tell */
  *cpu_infos = uv__cpu_list((unsigned int) cpus, model, (uint64_t) megahertz);
  if (*cpu_infos == NULL)
    return UV_ENOMEM;
  *count = fill_times(*cpu_infos, cpus);
  return 0;
}

unsigned int uv_available_parallelism(void) {
  int cpus = 0;

  if (read_hardware(HW_NCPUONLINE, &cpus) != 0)
    read_hardware(HW_NCPU, &cpus);
  return cpus > 0 ? (unsigned int) cpus : 1;
}
