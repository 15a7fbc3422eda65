/* CPUs: the machine's own. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
  assert_int_equal(count, sysconf(_SC_NPROCESSORS_ONLN));
  for (int i = 0; i < count; i++) {
    assert_non_null(infos[i].model);
    assert_true(strlen(infos[i].model) > 0);
    assert_true(infos[i].speed >= 0);
  }
  uv_free_cpu_info(infos, count);
}

static void the_model_is_what_the_system_says(void** state) {
  (void) state;
  char line[256];
  char model[128] = "";
  uv_cpu_info_t* infos;
  int count;
  FILE* file = fopen("/proc/cpuinfo", "r");

  assert_non_null(file);
  while (model[0] == '\0' && fgets(line, sizeof(line), file) != NULL)
    sscanf(line, "model name : %127[^\n]", model);
  fclose(file);
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

static void there_is_nothing_to_free_in_nothing(void** state) {
  (void) state;
  uv_free_cpu_info(NULL, 0);
}

static void at_least_one_thread_can_run(void** state) {
  (void) state;
  unsigned int parallelism = uv_available_parallelism();

  assert_true(parallelism >= 1);
  assert_true(parallelism <= (unsigned int) sysconf(_SC_NPROCESSORS_ONLN));
}

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_cpu_that_is_on_is_listed),
      cmocka_unit_test(the_model_is_what_the_system_says),
      cmocka_unit_test(times_go_on),
      cmocka_unit_test(there_is_nothing_to_free_in_nothing),
      cmocka_unit_test(at_least_one_thread_can_run),
      cmocka_unit_test(the_affinity_of_the_calling_thread_counts),
  };
  return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
