/* What the system tells of the process and the machine: executable, time, load, memory, usage. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void the_executable_is_where_the_system_says(void** state) {
  (void) state;
  char expected[PATH_MAX];
  char path[PATH_MAX];
  size_t size = sizeof(path);
  ssize_t len = readlink("/proc/self/exe", expected, sizeof(expected));

  assert_true(len > 0);
  expected[len] = '\0';
  assert_int_equal(uv_exepath(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, len);
}

static void the_path_of_the_executable_is_cut_to_fit(void** state) {
  (void) state;
  char whole[PATH_MAX];
  size_t whole_size = sizeof(whole);

  assert_int_equal(uv_exepath(whole, &whole_size), 0);
  for (size_t room = 1; room <= whole_size + 2; room++) {
    char path[PATH_MAX];
    size_t size = room;
    size_t expected = room <= whole_size ? room - 1 : whole_size;
    memset(path, '#', sizeof(path));
    assert_int_equal(uv_exepath(path, &size), 0);
    assert_int_equal(size, expected);
    assert_memory_equal(path, whole, expected);
    assert_int_equal(path[expected], '\0');
    assert_int_equal(path[room], '#');
  }
}

static void the_executable_needs_a_buffer_and_its_size(void** state) {
  (void) state;
  char path[10] = "#";
  size_t size = sizeof(path);
  assert_int_equal(uv_exepath(NULL, &size), UV_EINVAL);
  assert_int_equal(uv_exepath(path, NULL), UV_EINVAL);
  size = 0;
  assert_int_equal(uv_exepath(path, &size), UV_EINVAL);
  assert_string_equal(path, "#");
}

/* The number behind `prefix` in a file of /proc. */
static double read_proc(const char* path, const char* prefix) {
  char line[200];
  double number = -1;
  FILE* file = fopen(path, "r");

  assert_non_null(file);
  while (number < 0 && fgets(line, sizeof(line), file) != NULL)
    if (strncmp(line, prefix, strlen(prefix)) == 0)
      number = atof(line + strlen(prefix));
  fclose(file);
  return number;
}

static void uptime_is_the_time_since_boot(void** state) {
  (void) state;
  double uptime = -1;
  double before = read_proc("/proc/uptime", "");

  assert_int_equal(uv_uptime(&uptime), 0);
  assert_true(uptime > 0);
  assert_true(uptime >= before && uptime <= read_proc("/proc/uptime", ""));
}

static void load_is_what_the_system_says(void** state) {
  (void) state;
  double load[3] = {-1, -1, -1};
  double before[3];
  double after[3];

  /* It changes every five seconds. */
  assert_int_equal(getloadavg(before, 3), 3);
  uv_loadavg(load);
  assert_int_equal(getloadavg(after, 3), 3);
  for (int i = 0; i < 3; i++) {
    double low = before[i] < after[i] ? before[i] : after[i];
    double high = before[i] < after[i] ? after[i] : before[i];
    assert_true(load[i] >= low - 0.011 && load[i] <= high + 0.011);
  }
}

static void numbers_do_not_depend_on_the_locale(void** state) {
  (void) state;
  static const char* const comma_locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
  bool found = false;

  for (int i = 0; i < 4 && !found; i++)
    found = setlocale(LC_ALL, comma_locales[i]) != NULL;
  if (!found)
    skip();
  /* Some hundredths are not 0. */
  bool fraction = false;
  for (int i = 0; i < 100 && !fraction; i++) {
    double uptime;
    assert_int_equal(uv_uptime(&uptime), 0);
    fraction = uptime > (double) (long) uptime;
    uv_sleep(3);
  }
  setlocale(LC_ALL, "C");
  assert_true(fraction);
}

static void resident_memory_grows_with_what_is_touched(void** state) {
  (void) state;
  enum { SIZE = 64 << 20 };
  size_t before = 0;
  size_t after = 0;

  assert_int_equal(uv_resident_set_memory(&before), 0);
  char* block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(block, MAP_FAILED);
  memset(block, 1, SIZE);
  assert_int_equal(uv_resident_set_memory(&after), 0);
  munmap(block, SIZE);
  assert_true(before > 0);
  assert_true(before % (size_t) sysconf(_SC_PAGESIZE) == 0);
  assert_true(after > before + SIZE / 2);
  assert_true(after < before + 8 * (size_t) SIZE); /* sanitizers take their share */
}

static void the_machine_has_more_memory_than_is_free(void** state) {
  (void) state;
  double expected = read_proc("/proc/meminfo", "MemTotal:") * 1024;
  uint64_t total = uv_get_total_memory();
  uint64_t available = uv_get_free_memory();

  assert_true((double) total == expected);
  assert_true(available > 0);
  assert_true(available < total);
  /* Others take and give memory between two looks, but not this much. */
  double now = read_proc("/proc/meminfo", "MemAvailable:") * 1024;
  assert_true((double) available > now - expected / 4 && (double) available < now + expected / 4);
}

/* User and system time in microseconds. */
static uint64_t processor_time(const uv_rusage_t* usage) {
  return (uint64_t) (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
         (uint64_t) (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* Uses the processor until the process has used 50 ms more. */
static void work_a_little(void) {
  clock_t end = clock() + CLOCKS_PER_SEC / 20;
  while (clock() < end)
    continue;
}

static void usage_is_what_the_system_says_and_grows(void** state) {
  (void) state;
  uv_rusage_t first;
  uv_rusage_t second;
  struct rusage system;

  memset(&first, 0xff, sizeof(first));
  assert_int_equal(uv_getrusage(&first), 0);
  work_a_little();
  assert_int_equal(uv_getrusage(&second), 0);
  assert_int_equal(getrusage(RUSAGE_SELF, &system), 0);

  uint64_t used = processor_time(&second) - processor_time(&first);
  assert_true(used >= 40000);
  assert_true(second.ru_maxrss > 0 && second.ru_maxrss <= (uint64_t) system.ru_maxrss);
  assert_true(second.ru_minflt > 0 && second.ru_minflt <= (uint64_t) system.ru_minflt);
  assert_true(second.ru_nvcsw <= (uint64_t) system.ru_nvcsw);
  assert_true(second.ru_nivcsw <= (uint64_t) system.ru_nivcsw);
  assert_int_equal(second.ru_nsignals, system.ru_nsignals);
  assert_int_equal(second.ru_nswap, system.ru_nswap);
}

static void work_in_thread(void* arg) {
  (void) arg;
  work_a_little();
}

static void a_thread_is_charged_for_itself_alone(void** state) {
  (void) state;
  uv_rusage_t first;
  uv_rusage_t second;
  uv_thread_t thread;

  assert_int_equal(uv_getrusage_thread(&first), 0);
  assert_int_equal(uv_thread_create(&thread, work_in_thread, NULL), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(uv_getrusage_thread(&second), 0);
  uint64_t waiting = processor_time(&second) - processor_time(&first);
  assert_true(waiting < 25000);

  work_a_little();
  assert_int_equal(uv_getrusage_thread(&second), 0);
  uint64_t working = processor_time(&second) - processor_time(&first);
  assert_true(working >= 40000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_executable_is_where_the_system_says),
      cmocka_unit_test(the_path_of_the_executable_is_cut_to_fit),
      cmocka_unit_test(the_executable_needs_a_buffer_and_its_size),
      cmocka_unit_test(uptime_is_the_time_since_boot),
      cmocka_unit_test(load_is_what_the_system_says),
      cmocka_unit_test(numbers_do_not_depend_on_the_locale),
      cmocka_unit_test(resident_memory_grows_with_what_is_touched),
      cmocka_unit_test(the_machine_has_more_memory_than_is_free),
      cmocka_unit_test(usage_is_what_the_system_says_and_grows),
      cmocka_unit_test(a_thread_is_charged_for_itself_alone),
  };
  return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
