/* What the system tells of the process and the machine: executable, time, load, memory, usage. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(_WIN32)
#include <psapi.h>
#else
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

enum { LONGEST = 4096 };

/* -- What the system says of the same ---------------------------------------------------------- */

#if defined(_WIN32)

static void system_executable(char path[LONGEST]) {
  WCHAR wide[LONGEST / 4];
  size_t len = LONGEST - 1;
  DWORD wide_len = GetModuleFileNameW(NULL, wide, LONGEST / 4);

  assert_true(wide_len > 0 && wide_len < LONGEST / 4);
  assert_int_equal(uv_utf16_to_wtf8(wide, -1, &path, &len), 0);
}

static double system_uptime(void) {
  return (double) GetTickCount64() / 1000;
}

/* It has no such figure. */
static void system_load(double load[3]) {
  memset(load, 0, 3 * sizeof(*load));
}

static size_t page_size(void) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwPageSize;
}

static void* get_memory(size_t size) {
  return VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
}

static void give_memory_back(void* block, size_t size) {
  (void) size;
  VirtualFree(block, 0, MEM_RELEASE);
}

/* clock() goes by the wall there. */
static double system_processor_time(void) {
  FILETIME times[4];
  double seconds = 0;

  assert_true(GetProcessTimes(GetCurrentProcess(), &times[0], &times[1], &times[2], &times[3]));
  for (int i = 2; i < 4; i++)
    seconds += (times[i].dwHighDateTime * 4294967296.0 + times[i].dwLowDateTime) / 1e7;
  return seconds;
}

static double system_memory(void) {
  MEMORYSTATUSEX memory = {.dwLength = sizeof(memory)};
  GlobalMemoryStatusEx(&memory);
  return (double) memory.ullTotalPhys;
}

static double system_memory_available(void) {
  MEMORYSTATUSEX memory = {.dwLength = sizeof(memory)};
  GlobalMemoryStatusEx(&memory);
  return (double) memory.ullAvailPhys;
}

#else

static void system_executable(char path[LONGEST]) {
  ssize_t len = readlink("/proc/self/exe", path, LONGEST - 1);

  assert_true(len > 0);
  path[len] = '\0';
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

static double system_uptime(void) {
  return read_proc("/proc/uptime", "");
}

static void system_load(double load[3]) {
  assert_int_equal(getloadavg(load, 3), 3);
}

static size_t page_size(void) {
  return (size_t) sysconf(_SC_PAGESIZE);
}

static void* get_memory(size_t size) {
  void* block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return block == MAP_FAILED ? NULL : block;
}

static void give_memory_back(void* block, size_t size) {
  munmap(block, size);
}

static double system_processor_time(void) {
  return (double) clock() / CLOCKS_PER_SEC;
}

static double system_memory(void) {
  return read_proc("/proc/meminfo", "MemTotal:") * 1024;
}

static double system_memory_available(void) {
  return read_proc("/proc/meminfo", "MemAvailable:") * 1024;
}

#endif

/* -- The executable ---------------------------------------------------------------------------- */

static void the_executable_is_where_the_system_says(void** state) {
  (void) state;
  char expected[LONGEST];
  char path[LONGEST];
  size_t size = sizeof(path);

  system_executable(expected);
  assert_int_equal(uv_exepath(path, &size), 0);
  assert_string_equal(path, expected);
  assert_int_equal(size, strlen(expected));
}

static void the_path_of_the_executable_is_cut_to_fit(void** state) {
  (void) state;
  char whole[LONGEST];
  size_t whole_size = sizeof(whole);

  assert_int_equal(uv_exepath(whole, &whole_size), 0);
  for (size_t room = 1; room <= whole_size + 2; room++) {
    char path[LONGEST];
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

/* -- Time and load ----------------------------------------------------------------------------- */

static void uptime_is_the_time_since_boot(void** state) {
  (void) state;
  double uptime = -1;
  double before = system_uptime();

  assert_int_equal(uv_uptime(&uptime), 0);
  assert_true(uptime > 0);
  assert_true(uptime >= before && uptime <= system_uptime());
}

static void load_is_what_the_system_says(void** state) {
  (void) state;
  double load[3] = {-1, -1, -1};
  double before[3];
  double after[3];

  /* It changes every five seconds. */
  system_load(before);
  uv_loadavg(load);
  system_load(after);
  for (int i = 0; i < 3; i++) {
    double low = before[i] < after[i] ? before[i] : after[i];
    double high = before[i] < after[i] ? after[i] : before[i];
    assert_true(load[i] >= low - 0.011 && load[i] <= high + 0.011);
  }
}

#if defined(_WIN32)

#define PLATFORM_TESTS

#else

/* What is read as text there. */
static void numbers_do_not_depend_on_the_locale(void** state) {
  (void) state;
  static const char* const comma_locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
  bool found = false;

  for (int i = 0; i < 4 && !found; i++)
    found = setlocale(LC_ALL, comma_locales[i]) != NULL;
  if (!found) {
    print_message("no locale is installed that writes 1,5\n");
    skip();
  }
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

#define PLATFORM_TESTS cmocka_unit_test(numbers_do_not_depend_on_the_locale),

#endif

/* -- Memory and usage -------------------------------------------------------------------------- */

static void resident_memory_grows_with_what_is_touched(void** state) {
  (void) state;
  enum { SIZE = 64 << 20 };
  size_t before = 0;
  size_t after = 0;

  /* Linux counts pages by processor and tells of a small program that it has none. */
  char* some = get_memory(SIZE / 16);
  assert_non_null(some);
  memset(some, 1, SIZE / 16);
  assert_int_equal(uv_resident_set_memory(&before), 0);
  char* block = get_memory(SIZE);
  assert_non_null(block);
  memset(block, 1, SIZE);
  assert_int_equal(uv_resident_set_memory(&after), 0);
  give_memory_back(block, SIZE);
  give_memory_back(some, SIZE / 16);
  assert_true(before > 0);
  assert_true(before % page_size() == 0);
  assert_true(after > before + SIZE / 2);
  assert_true(after < before + 8 * (size_t) SIZE); /* sanitizers take their share */
}

static void the_machine_has_more_memory_than_is_free(void** state) {
  (void) state;
  double expected = system_memory();
  uint64_t total = uv_get_total_memory();
  uint64_t available = uv_get_free_memory();

  assert_true((double) total == expected);
  assert_true(available > 0);
  assert_true(available < total);
  /* Others take and give memory between two looks, but not this much. */
  double now = system_memory_available();
  assert_true((double) available > now - expected / 4 && (double) available < now + expected / 4);
}

/* User and system time in microseconds. */
static uint64_t processor_time(const uv_rusage_t* usage) {
  return (uint64_t) (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
         (uint64_t) (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* Uses the processor until the process has used 100 ms more; where a thread's times are counted in
 * ticks, two of 10 ms may be missing in them. */
static void work_a_little(void) {
  double end = system_processor_time() + 0.1;
  while (system_processor_time() < end)
    continue;
}

#if defined(_WIN32)

static void usage_is_what_the_system_says_and_grows(void** state) {
  (void) state;
  uv_rusage_t first;
  uv_rusage_t second;
  PROCESS_MEMORY_COUNTERS memory;
  IO_COUNTERS io;

  memset(&first, 0xff, sizeof(first));
  assert_int_equal(uv_getrusage(&first), 0);
  work_a_little();
  assert_int_equal(uv_getrusage(&second), 0);
  assert_true(GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof(memory)));
  assert_true(GetProcessIoCounters(GetCurrentProcess(), &io));

  uint64_t used = processor_time(&second) - processor_time(&first);
  assert_true(used >= 40000);
  assert_true(second.ru_maxrss > 0 && second.ru_maxrss <= memory.PeakWorkingSetSize / 1024);
  assert_true(second.ru_majflt <= memory.PageFaultCount);
  assert_true(second.ru_inblock <= io.ReadOperationCount);
  assert_true(second.ru_oublock <= io.WriteOperationCount);
  /* What it does not count. */
  assert_int_equal(second.ru_minflt, 0);
  assert_int_equal(second.ru_nvcsw, 0);
  assert_int_equal(second.ru_nivcsw, 0);
  assert_int_equal(second.ru_nsignals, 0);
}

#else

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

#endif

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
      PLATFORM_TESTS cmocka_unit_test(resident_memory_grows_with_what_is_touched),
      cmocka_unit_test(the_machine_has_more_memory_than_is_free),
      cmocka_unit_test(usage_is_what_the_system_says_and_grows),
      cmocka_unit_test(a_thread_is_charged_for_itself_alone),
  };
  return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
