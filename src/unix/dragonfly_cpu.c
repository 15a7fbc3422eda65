/* CPUs: which there are, and for how many there is use. */
#include "../core.h"
#include "bsd_cpu.h"
#include "bsd_sysctl.h"

#include <errno.h>
#include <sys/kinfo.h>
#include <sys/sysctl.h>
#include <unistd.h>

enum { US_PER_MS = 1000 };

/* What each CPU has spent in each state, as a new array: 0 or an error. */
static int read_times(struct kinfo_cputime** times, size_t* count) {
  size_t len = 0;
  int err = 0;

  if (sysctlbyname("kern.cputime", NULL, &len, NULL, 0) != 0)
    return UV__ERR(errno);
  *times = uv__malloc(len);
  if (*times == NULL)
    return UV_ENOMEM;
  if (sysctlbyname("kern.cputime", *times, &len, NULL, 0) != 0)
    err = UV__ERR(errno);
  *count = len / sizeof(**times);
  if (err != 0)
    uv__free(*times);
  return err;
}

static void fill_times(uv_cpu_info_t* list, unsigned int cpus, const struct kinfo_cputime* times,
                       size_t count) {
  for (size_t i = 0; i < cpus && i < count; i++) {
    list[i].cpu_times.user = times[i].cp_user / US_PER_MS;
    list[i].cpu_times.nice = times[i].cp_nice / US_PER_MS;
    list[i].cpu_times.sys = times[i].cp_sys / US_PER_MS;
    list[i].cpu_times.idle = times[i].cp_idle / US_PER_MS;
    list[i].cpu_times.irq = times[i].cp_intr / US_PER_MS;
  }
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  char model[UV__CPU_MODEL_SIZE] = "";
  size_t model_size = sizeof(model) - 1;
  uint64_t megahertz = 0;
  uint64_t cpus;
  struct kinfo_cputime* times;
  size_t times_count;
  int err = uv__sysctl_number("hw.ncpu", &cpus);

  *cpu_infos = NULL;
  *count = 0;
  if (err == 0)
    err = read_times(&times, &times_count);
  if (err != 0)
    return err;
  sysctlbyname("hw.model", model, &model_size, NULL, 0);
  uv__sysctl_number("hw.clockrate", &megahertz);
  *cpu_infos = uv__cpu_list((unsigned int) cpus, model, megahertz);
  if (*cpu_infos != NULL) {
    fill_times(*cpu_infos, (unsigned int) cpus, times, times_count);
    *count = (int) cpus;
  }
  uv__free(times);
  return *cpu_infos != NULL ? 0 : UV_ENOMEM;
}

unsigned int uv_available_parallelism(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (unsigned int) online : 1;
}
