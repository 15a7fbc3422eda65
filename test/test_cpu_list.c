/* CPUs of machines that are not at hand, read from made-up trees. */
#include "support/allocator.h"
#include "support/file_tree.h"
#include "unix/linux_cpu.h"
#include "unix/linux_text.h"

static const struct uv__cpu_naming by_name = {.keys = {"model name"}};

static uv_cpu_info_t* infos;
static int count;

static int list(const struct uv__cpu_naming* naming) {
  return uv__cpu_info(temp_dir, naming, &infos, &count);
}

static void free_list(void) {
  uv_free_cpu_info(infos, count);
  infos = NULL;
}

static void times_are(const uv_cpu_info_t* info, uint64_t user, uint64_t nice_time, uint64_t sys,
                      uint64_t idle, uint64_t irq) {
  assert_true(info->cpu_times.user == user);
  assert_true(info->cpu_times.nice == nice_time);
  assert_true(info->cpu_times.sys == sys);
  assert_true(info->cpu_times.idle == idle);
  assert_true(info->cpu_times.irq == irq);
}

/* -- Which, and what they have done ------------------------------------------------------------ */

static void ticks_become_milliseconds(void** state) {
  (void) state;
  assert_int_equal(sysconf(_SC_CLK_TCK), 100);
  put_file("/proc/stat",
           "cpu  99 99 99 99 99 99 99\n"
           "cpu0 1 2 3 4 5 6 7 8 9 10\n"
           "cpu1 100000000000 0 0 0 0 0\n"
           "intr 1 2 3\n"
           "cpufreq 1\n");
  assert_int_equal(list(&by_name), 0);
  assert_int_equal(count, 2);
  times_are(&infos[0], 10, 20, 30, 40, 60);
  times_are(&infos[1], 1000000000000, 0, 0, 0, 0);
  assert_string_equal(infos[0].model, "unknown");
  assert_int_equal(infos[0].speed, 0);
  free_list();
}

static void old_systems_tell_fewer_times(void** state) {
  (void) state;
  put_file("/proc/stat", "cpu 1 2 3 4\ncpu0 1 2 3 4\n");
  assert_int_equal(list(&by_name), 0);
  times_are(&infos[0], 10, 20, 30, 40, 0);
  free_list();
}

static void cpus_that_are_off_are_left_out(void** state) {
  (void) state;
  put_file("/proc/stat", "cpu 1\ncpu1 1 0 0 0 0 0\ncpu3 3 0 0 0 0 0\ncpu8192 5 0 0 0 0 0\n");
  put_file("/proc/cpuinfo",
           "processor : 0\nmodel name : Zero\n\nprocessor : 1\nmodel name : One\n\n"
           "processor : 3\nmodel name : Three\n\n");
  put_file("/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "1000000\n");
  put_file("/sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "3999999\n");
  assert_int_equal(list(&by_name), 0);
  assert_int_equal(count, 2);
  times_are(&infos[0], 10, 0, 0, 0, 0);
  times_are(&infos[1], 30, 0, 0, 0, 0);
  assert_string_equal(infos[0].model, "One");
  assert_string_equal(infos[1].model, "Three");
  assert_int_equal(infos[0].speed, 1000);
  assert_int_equal(infos[1].speed, 3999);
  free_list();
}

static void thousands_of_cpus_are_listed(void** state) {
  (void) state;
  enum { CPUS = 3000 };
  static char stat_text[CPUS * 32];
  static char info_text[CPUS * 48];
  size_t stat_len = 0;
  size_t info_len = 0;

  for (int i = 0; i < CPUS; i++) {
    stat_len += (size_t) snprintf(stat_text + stat_len, sizeof(stat_text) - stat_len,
                                  "cpu%d %d 0 0 0 0 0\n", i, i);
    info_len += (size_t) snprintf(info_text + info_len, sizeof(info_text) - info_len,
                                  "processor\t: %d\nmodel name\t: M%d\n\n", i, i % 5);
  }
  put_file("/proc/stat", stat_text);
  put_file("/proc/cpuinfo", info_text);
  assert_int_equal(list(&by_name), 0);
  assert_int_equal(count, CPUS);
  for (int i = 0; i < CPUS; i++) {
    assert_true(infos[i].cpu_times.user == (uint64_t) i * 10);
    assert_int_equal(infos[i].model[0], 'M');
    assert_int_equal(infos[i].model[1], '0' + i % 5);
  }
  free_list();
}

/* -- Names ------------------------------------------------------------------------------------- */

static void put_cpuinfo(const char* text) {
  put_file("/proc/stat", "cpu 1\ncpu0 1\ncpu1 1\n");
  put_file("/proc/cpuinfo", text);
}

static void models_are(const struct uv__cpu_naming* naming, const char* first, const char* second) {
  assert_int_equal(list(naming), 0);
  assert_int_equal(count, 2);
  assert_string_equal(infos[0].model, first);
  assert_string_equal(infos[1].model, second);
  free_list();
}

static void the_key_of_a_name_is_the_whole_key(void** state) {
  (void) state;
  static const struct uv__cpu_naming powerpc = {.keys = {"cpu"}};

  put_cpuinfo(
      "processor\t: 0\ncpu\t\t: POWER9, altivec supported\ncpu MHz\t: 2000\ncpufreq : x\n\n"
      "processor\t: 1\ncpu family : 6\n");
  models_are(&powerpc, "POWER9, altivec supported", "unknown");
}

static void a_name_may_have_one_of_two_keys(void** state) {
  (void) state;
  static const struct uv__cpu_naming arm = {.keys = {"model name", "Processor"}};

  put_cpuinfo("processor : 0\nmodel name : ARMv7\n\nprocessor : 1\nProcessor : ARMv6\n");
  models_are(&arm, "ARMv7", "ARMv6");
}

static void arm_has_numbers_for_names(void** state) {
  (void) state;
  static const struct uv__cpu_naming aarch64 = {.keys = {"CPU part"},
                                                .translate = uv__arm_part_name};

  put_cpuinfo("processor\t: 0\nCPU part\t: 0xd0c\n\nprocessor\t: 1\nCPU part\t: 0xd08\n");
  models_are(&aarch64, "Neoverse-N1", "Cortex-A72");
  put_cpuinfo("processor\t: 0\nCPU part\t: 0xfff\n\nprocessor\t: 1\nCPU part\t: zzz\n");
  models_are(&aarch64, "unknown", "unknown");
}

static void parts_are_known_by_their_numbers(void** state) {
  (void) state;
  assert_string_equal(uv__arm_part_name("0x811"), "ARM810");
  assert_string_equal(uv__arm_part_name("0xb02"), "ARM11 MPCore");
  assert_string_equal(uv__arm_part_name("0xc60"), "Cortex-M0+");
  assert_string_equal(uv__arm_part_name("0xd13"), "Cortex-R52");
  assert_string_equal(uv__arm_part_name("0xD4F"), "Neoverse-V2");
  assert_null(uv__arm_part_name("0xd4"));
  assert_null(uv__arm_part_name("0xd0c "));
  assert_null(uv__arm_part_name(""));
}

static void a_long_name_is_cut(void** state) {
  (void) state;
  char text[200];
  char expected[64];

  snprintf(text, sizeof(text), "processor : 0\nmodel name : %0100d\n", 0);
  snprintf(expected, sizeof(expected), "%063d", 0);
  put_cpuinfo(text);
  models_are(&by_name, expected, "unknown");
}

static void more_models_than_are_kept_are_unknown(void** state) {
  (void) state;
  char stat_text[256] = "cpu 1\n";
  char info_text[1024] = "";

  for (int i = 0; i < 9; i++) {
    char line[64];
    snprintf(line, sizeof(line), "cpu%d 1\n", i);
    strcat(stat_text, line);
    snprintf(line, sizeof(line), "processor : %d\nmodel name : M%d\n", i, i);
    strcat(info_text, line);
  }
  put_file("/proc/stat", stat_text);
  put_file("/proc/cpuinfo", info_text);
  assert_int_equal(list(&by_name), 0);
  assert_int_equal(count, 9);
  assert_string_equal(infos[0].model, "M0");
  assert_string_equal(infos[6].model, "M6");
  assert_string_equal(infos[7].model, "unknown");
  assert_string_equal(infos[8].model, "unknown");
  free_list();
}

static void names_that_make_no_sense_are_passed_over(void** state) {
  (void) state;
  put_cpuinfo(
      "model name : before any\nprocessor : 7\nmodel name : none of ours\nprocessor : x\n"
      "model name : no number\nprocessor\nmodel name\nprocessor : 0\nmodel name : \n"
      "processor : 1\nmodel name : One");
  models_are(&by_name, "unknown", "One");
}

/* -- Failures ---------------------------------------------------------------------------------- */

static void nothing_is_told(int err) {
  infos = (uv_cpu_info_t*) &count;
  count = 99;
  assert_int_equal(list(&by_name), err);
  assert_null(infos);
  assert_int_equal(count, 0);
}

static void what_the_system_does_not_tell_is_an_error(void** state) {
  (void) state;
  nothing_is_told(UV_ENOENT);
  put_file("/proc/stat", "");
  nothing_is_told(UV_EINVAL);
  put_file("/proc/stat", "cpu 1 2 3 4 5 6\nintr 1 2\n");
  nothing_is_told(UV_EINVAL);
}

static void without_memory_there_is_no_list(void** state) {
  (void) state;
  put_cpuinfo("processor : 0\nmodel name : Zero\n");
  test_allocator_install(1, true);
  nothing_is_told(UV_ENOMEM);
  test_allocator_install(0, false);
  assert_int_equal(list(&by_name), 0);
  assert_int_equal(test_allocator.live, 1);
  uv_free_cpu_info(infos, 12345);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

/* -- Lines ------------------------------------------------------------------------------------- */

static void lines_come_one_by_one_and_long_ones_are_cut(void** state) {
  (void) state;
  enum { LONG = 10000 };
  static char text[3 * LONG];
  struct uv__lines lines;

  strcpy(text, "first\n\n");
  memset(text + strlen(text), 'x', LONG);
  strcat(text, "\nafter it\n");
  memset(text + strlen(text), 'y', LONG);
  strcat(text, "\nlast");
  put_file("/lines", text);

  assert_int_equal(uv__lines_open(&lines, temp_path("lines")), 0);
  assert_string_equal(uv__lines_next(&lines), "first");
  assert_string_equal(uv__lines_next(&lines), "");
  assert_false(lines.cut);
  assert_int_equal(strspn(uv__lines_next(&lines), "x"), sizeof(lines.text) - 1);
  assert_true(lines.cut);
  assert_string_equal(uv__lines_next(&lines), "after it");
  assert_false(lines.cut);
  assert_int_equal(strspn(uv__lines_next(&lines), "y"), sizeof(lines.text) - 1);
  assert_string_equal(uv__lines_next(&lines), "last");
  assert_null(uv__lines_next(&lines));
  assert_null(uv__lines_next(&lines));
  uv__lines_close(&lines);
}

static void a_cut_line_may_be_the_last(void** state) {
  (void) state;
  static char text[5000];
  struct uv__lines lines;

  memset(text, 'x', sizeof(text) - 1);
  put_file("/lines", text);
  assert_int_equal(uv__lines_open(&lines, temp_path("lines")), 0);
  assert_non_null(uv__lines_next(&lines));
  assert_null(uv__lines_next(&lines));
  uv__lines_close(&lines);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      file_tree_test(ticks_become_milliseconds),
      file_tree_test(old_systems_tell_fewer_times),
      file_tree_test(cpus_that_are_off_are_left_out),
      file_tree_test(thousands_of_cpus_are_listed),
      file_tree_test(the_key_of_a_name_is_the_whole_key),
      file_tree_test(a_name_may_have_one_of_two_keys),
      file_tree_test(arm_has_numbers_for_names),
      file_tree_test(parts_are_known_by_their_numbers),
      file_tree_test(a_long_name_is_cut),
      file_tree_test(more_models_than_are_kept_are_unknown),
      file_tree_test(names_that_make_no_sense_are_passed_over),
      file_tree_test(what_the_system_does_not_tell_is_an_error),
      file_tree_test(without_memory_there_is_no_list),
      file_tree_test(lines_come_one_by_one_and_long_ones_are_cut),
      file_tree_test(a_cut_line_may_be_the_last),
  };
  return cmocka_run_group_tests_name("cpu_list", tests, NULL, NULL);
}
