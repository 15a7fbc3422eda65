/* CPUs: which there are, and for how many there is use.
 *
 * Where there are more than 64 the system divides them into groups, and a process begins in one:
 * the list is of that group. */
#include "../core.h"
#include "error_sys.h"
#include "nt.h"

#include <stdio.h>

enum { MODEL_SIZE = 128, KEY_SIZE = 64, TICKS_PER_MS = 10000 };

/* One allocation: the public array, which it begins with, and the names behind it. */
struct listing {
  uv_cpu_info_t* infos;
  char (*models)[MODEL_SIZE];
};

/* -- The list ---------------------------------------------------------------------------------- */

static uint64_t to_ms(LARGE_INTEGER ticks) {
  return (uint64_t) ticks.QuadPart / TICKS_PER_MS;
}

/* What the registry says; it does not have to. */
static void describe(int number, uv_cpu_info_t* info, char model[MODEL_SIZE]) {
  WCHAR key[KEY_SIZE];
  WCHAR name[MODEL_SIZE];
  DWORD name_size = sizeof(name);
  DWORD megahertz = 0;
  DWORD megahertz_size = sizeof(megahertz);
  size_t model_len = MODEL_SIZE - 1;

  swprintf(key, KEY_SIZE, L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\%d", number);
  if (RegGetValueW(HKEY_LOCAL_MACHINE, key, L"ProcessorNameString", RRF_RT_REG_SZ, NULL, name,
                   &name_size) == ERROR_SUCCESS)
    uv_utf16_to_wtf8(name, -1, &model, &model_len);
  else
    snprintf(model, MODEL_SIZE, "unknown");
  RegGetValueW(HKEY_LOCAL_MACHINE, key, L"~MHz", RRF_RT_REG_DWORD, NULL, &megahertz,
               &megahertz_size);
  info->model = model;
  info->speed = (int) megahertz;
}

/* The system counts idle time as its own, too, and of its own it names interrupts. */
static void tell_times(const SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION* used,
                       struct uv_cpu_times_s* times) {
  times->user = to_ms(used->UserTime);
  times->nice = 0;
  times->sys = to_ms(used->KernelTime) - to_ms(used->IdleTime);
  times->idle = to_ms(used->IdleTime);
  times->irq = to_ms(used->Reserved1[1]);
}

static int allocate(size_t count, struct listing* listing) {
  char* block = uv__calloc(count, sizeof(*listing->infos) + sizeof(*listing->models));

  if (block == NULL)
    return UV_ENOMEM;
  listing->infos = (uv_cpu_info_t*) (void*) block;
  listing->models = (char(*)[MODEL_SIZE])(listing->infos + count);
  return 0;
}

static int list(DWORD room, SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION* used,
                uv_cpu_info_t** cpu_infos, int* count) {
  struct listing listing;
  ULONG size;
  NTSTATUS status = NtQuerySystemInformation(SystemProcessorPerformanceInformation, used,
                                             (ULONG) (room * sizeof(*used)), &size);

  if (!UV__NT_SUCCESS(status))
    return uv__translate_status(status);
  size_t found = size / sizeof(*used);
  int err = allocate(found, &listing);
  if (err != 0)
    return err;
  for (size_t i = 0; i < found; i++) {
    describe((int) i, &listing.infos[i], listing.models[i]);
    tell_times(&used[i], &listing.infos[i].cpu_times);
  }
  *cpu_infos = listing.infos;
  *count = (int) found;
  return 0;
}

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  SYSTEM_INFO system;

  *cpu_infos = NULL;
  *count = 0;
  GetSystemInfo(&system);
  SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION* used =
      uv__calloc(system.dwNumberOfProcessors, sizeof(*used));
  if (used == NULL)
    return UV_ENOMEM;
  int err = list(system.dwNumberOfProcessors, used, cpu_infos, count);
  uv__free(used);
  return err;
}

/* -- For how many there is use ----------------------------------------------------------------- */

unsigned int uv_available_parallelism(void) {
  DWORD_PTR of_process;
  DWORD_PTR of_system;
  unsigned int count = 0;

  if (GetProcessAffinityMask(GetCurrentProcess(), &of_process, &of_system))
    for (; of_process != 0; of_process &= of_process - 1)
      count++;
  /* A process with threads in several groups has no mask. */
  if (count == 0)
    count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
  return count > 0 ? count : 1;
}
