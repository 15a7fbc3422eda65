/* CPUs on macOS. */
#include "bsd_cpu.h"
#include "bsd_sysctl.h"

#include <mach/mach.h>
#include <stdbool.h>
#include <sys/sysctl.h>
#include <unistd.h>

/* Where the system tells no speed, as on Apple's own processors. */
enum { USUAL_MEGAHERTZ = 2400, HERTZ_PER_MEGAHERTZ = 1000000 };

/* -- What is told by name ---------------------------------------------------------------------- */

static bool read_text(const char* name, char* text, size_t size) {
  return sysctlbyname(name, text, &size, NULL, 0) == 0;
}

static uint64_t read_megahertz(void) {
  uint64_t hertz = 0;

  uv__sysctl_number("hw.cpufrequency", &hertz);
  return hertz != 0 ? hertz / HERTZ_PER_MEGAHERTZ : USUAL_MEGAHERTZ;
}

static void read_model(char model[UV__CPU_MODEL_SIZE]) {
  if (!read_text("machdep.cpu.brand_string", model, UV__CPU_MODEL_SIZE) &&
      !read_text("hw.model", model, UV__CPU_MODEL_SIZE))
    model[0] = '\0';
}

/* -- The list ---------------------------------------------------------------------------------- */

static uv_cpu_info_t* make_list(const processor_cpu_load_info_data_t* loads, unsigned int count) {
  char model[UV__CPU_MODEL_SIZE];
  uv_cpu_info_t* list;

  read_model(model);
  list = uv__cpu_list(count, model, read_megahertz());
  for (unsigned int i = 0; list != NULL && i < count; i++) {
    const unsigned int* ticks = loads[i].cpu_ticks;
    list[i].cpu_times.user = uv__cpu_time(ticks[CPU_STATE_USER]);
    list[i].cpu_times.nice = uv__cpu_time(ticks[CPU_STATE_NICE]);
    list[i].cpu_times.sys = uv__cpu_time(ticks[CPU_STATE_SYSTEM]);
    list[i].cpu_times.idle = uv__cpu_time(ticks[CPU_STATE_IDLE]);
  }
  return list;
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  processor_info_array_t info;
  mach_msg_type_number_t info_count;
  natural_t cpus;
  mach_port_t host = mach_host_self();
  kern_return_t r = host_processor_info(host, PROCESSOR_CPU_LOAD_INFO, &cpus, &info, &info_count);

  *cpu_infos = NULL;
  *count = 0;
  mach_port_deallocate(mach_task_self(), host);
  if (r != KERN_SUCCESS)
    return UV_EINVAL;
  *cpu_infos = make_list((const processor_cpu_load_info_data_t*) (const void*) info, cpus);
  vm_deallocate(mach_task_self(), (vm_address_t) info, info_count * sizeof(*info));
  if (*cpu_infos == NULL)
    return UV_ENOMEM;
  *count = (int) cpus;
  return 0;
}

/* -- For how many there is use ----------------------------------------------------------------- */

unsigned int uv_available_parallelism(void) {
  static const char* const names[] = {"hw.activecpu", "hw.logicalcpu", "hw.ncpu"};

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    uint64_t count = 0;
    if (uv__sysctl_number(names[i], &count) == 0 && count > 0)
      return (unsigned int) count;
  }
  return 1;
}
