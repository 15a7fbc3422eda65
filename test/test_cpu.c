/* CPUs: the machine's own. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "support/peer.h"
#include "uv.h"

#include <stdio.h>
#include <string.h>

#if !defined(_WIN32)
#include <sched.h>
#include <unistd.h>
#endif

#if defined(_WIN32)

static int cpus_that_are_on(void) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return (int) info.dwNumberOfProcessors;
}

/* The name of the first; "" if the system does not tell. */
static void system_model(char* model, DWORD size) {
  if (RegGetValueA(HKEY_LOCAL_MACHINE, "HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0",
                   "ProcessorNameString", RRF_RT_REG_SZ, NULL, model, &size) != ERROR_SUCCESS)
    model[0] = '\0';
}

#else

static int cpus_that_are_on(void) {
  return (int) sysconf(_SC_NPROCESSORS_ONLN);
}

static void system_model(char* model, size_t size) {
  char line[256];
  FILE* file = fopen("/proc/cpuinfo", "r");

  assert_non_null(file);
  model[0] = '\0';
  while (model[0] == '\0' && fgets(line, sizeof(line), file) != NULL)
    if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL)
      snprintf(model, size, "%.*s", (int) strcspn(strchr(line, ':') + 2, "\n"),
               strchr(line, ':') + 2);
  fclose(file);
}

#endif

/* Milliseconds of all CPUs and all kinds of work. */
static uint64_t sum_of_times(const uv_cpu_info_t* infos, int count) {
  uint64_t sum = 0;

  for (int i = 0; i < count; i++)
    sum += infos[i].cpu_times.user + infos[i].cpu_times.nice + infos[i].cpu_times.sys +
           infos[i].cpu_times.idle + infos[i].cpu_times.irq;
  return sum;
}

static void every_cpu_that_is_on_is_listed(void** state) {
  (void) state;
  uv_cpu_info_t* infos = NULL;
  int count = 0;

  assert_int_equal(uv_cpu_info(&infos, &count), 0);
  assert_non_null(infos);
  assert_int_equal(count, cpus_that_are_on());
  for (int i = 0; i < count; i++) {
    assert_non_null(infos[i].model);
    assert_true(strlen(infos[i].model) > 0);
    assert_true(infos[i].speed >= 0);
  }
  uv_free_cpu_info(infos, count);
}

static void the_model_is_what_the_system_says(void** state) {
  (void) state;
  char model[128];
  uv_cpu_info_t* infos;
  int count;

  system_model(model, sizeof(model));
  if (model[0] == '\0')
    skip();
  assert_int_equal(uv_cpu_info(&infos, &count), 0);
  assert_string_equal(infos[0].model, model);
  uv_free_cpu_info(infos, count);
}

static void times_go_on(void** state) {
  (void) state;
  uv_cpu_info_t* infos;
  int count;
  uint64_t first;
  uint64_t now;
  uint64_t start = uv_hrtime();

  assert_int_equal(uv_cpu_info(&infos, &count), 0);
  first = sum_of_times(infos, count);
  uv_free_cpu_info(infos, count);
  assert_true(first > 0);
  do {
    assert_int_equal(uv_cpu_info(&infos, &count), 0);
    now = sum_of_times(infos, count);
    uv_free_cpu_info(infos, count);
  } while (now < first + 20 && uv_hrtime() - start < 10 * UINT64_C(1000000000));
  assert_true(now >= first + 20);
  /* Milliseconds: no more than all CPUs together can have done, and the system's clock ticks. */
  assert_true(now - first <= (uint64_t) count * ((uv_hrtime() - start) / 1000000 + 100));
}

static void without_memory_there_is_no_list(void** state) {
  (void) state;
  uv_cpu_info_t* infos = NULL;
  int count = -1;
  int err = UV_ENOMEM;
  long fail_at = 1;

  for (; err != 0; fail_at++) {
    infos = (uv_cpu_info_t*) &count;
    test_allocator_install(fail_at, false);
    err = uv_cpu_info(&infos, &count);
    test_allocator_remove();
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(count > 0, err == 0);
    if (err != 0) {
      assert_null(infos);
      assert_int_equal(test_allocator.live, 0);
    }
  }
  assert_true(fail_at > 2);
  uv_free_cpu_info(infos, count);
}

static void there_is_nothing_to_free_in_nothing(void** state) {
  (void) state;
  uv_free_cpu_info(NULL, 0);
}

static void at_least_one_thread_can_run(void** state) {
  (void) state;
  unsigned int parallelism = uv_available_parallelism();

  assert_true(parallelism >= 1);
  assert_true(parallelism <= (unsigned int) cpus_that_are_on());
}

#if defined(_WIN32)

/* There it is the process's that counts, which all its threads keep to. */
static void the_affinity_of_the_process_counts(void** state) {
  (void) state;
  unsigned int before = uv_available_parallelism();
  DWORD_PTR of_process;
  DWORD_PTR of_system;

  assert_true(GetProcessAffinityMask(GetCurrentProcess(), &of_process, &of_system));
  if (!SetProcessAffinityMask(GetCurrentProcess(), of_process & (~of_process + 1)))
    skip();
  unsigned int restricted = uv_available_parallelism();
  assert_true(SetProcessAffinityMask(GetCurrentProcess(), of_process));
  assert_int_equal(restricted, 1);
  assert_int_equal(uv_available_parallelism(), before);
}

#define PLATFORM_TESTS cmocka_unit_test(the_affinity_of_the_process_counts)

#else

static unsigned int parallelism_in_thread;

static void restrict_to_one_cpu(void* arg) {
  cpu_set_t allowed;
  cpu_set_t one;
  size_t cpu = 0;

  (void) arg;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return;
  while (!CPU_ISSET(cpu, &allowed))
    cpu++;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  if (sched_setaffinity(0, sizeof(one), &one) == 0)
    parallelism_in_thread = uv_available_parallelism();
}

static void the_affinity_of_the_calling_thread_counts(void** state) {
  (void) state;
  unsigned int before = uv_available_parallelism();
  uv_thread_t thread;

  parallelism_in_thread = 0;
  assert_int_equal(uv_thread_create(&thread, restrict_to_one_cpu, NULL), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(parallelism_in_thread, 1);
  assert_int_equal(uv_available_parallelism(), before);
}

#define PLATFORM_TESTS cmocka_unit_test(the_affinity_of_the_calling_thread_counts)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_cpu_that_is_on_is_listed),
      cmocka_unit_test(the_model_is_what_the_system_says),
      cmocka_unit_test(times_go_on),
      newer_plain_test(without_memory_there_is_no_list),
      cmocka_unit_test(there_is_nothing_to_free_in_nothing),
      cmocka_unit_test(at_least_one_thread_can_run),
      PLATFORM_TESTS,
  };
  return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
