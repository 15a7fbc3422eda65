/* The limits of control groups, read from made-up trees. */
#include "support/file_tree.h"
#include "unix/linux_cgroup.h"
#include "unix/linux_memory.h"
#include "uv.h"

#define GIB (UINT64_C(1) << 30)

static void put_membership(const char* text) {
  put_file("/proc/self/cgroup", text);
}

static void limits_are(uint64_t limit, uint64_t used) {
  struct uv__cgroup_memory memory = {.limit = 99, .used = 99};

  assert_int_equal(uv__cgroup_memory(temp_dir, &memory), 0);
  assert_true(memory.limit == limit);
  assert_true(memory.used == used);
}

/* -- CPU time, version 2 ----------------------------------------------------------------------- */

static void expect_cpus_for(const char* cpu_max, unsigned int cpus) {
  put_file("/sys/fs/cgroup/app/cpu.max", cpu_max);
  assert_int_equal(uv__cgroup_cpus(temp_dir), cpus);
}

static void a_quota_is_good_for_so_many_whole_cpus(void** state) {
  (void) state;
  put_membership("0::/app\n");
  expect_cpus_for("300000 100000\n", 3);
  expect_cpus_for("399999 100000\n", 3);
  expect_cpus_for("100000 100000\n", 1);
  expect_cpus_for("50000 100000\n", 1);
  expect_cpus_for("2500 1000\n", 2);
  expect_cpus_for("4000000000 2", 2000000000);
  expect_cpus_for("18446744073709551615 1", 0xffffffff);
}

static void no_quota_is_no_limit(void** state) {
  (void) state;
  put_membership("0::/app\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
  expect_cpus_for("max 100000\n", 0);
  expect_cpus_for("300000 0\n", 0);
  expect_cpus_for("300000\n", 0);
  expect_cpus_for("nonsense\n", 0);
  expect_cpus_for("", 0);
}

static void the_least_quota_on_the_way_up_counts(void** state) {
  (void) state;
  put_membership("0::/outer/middle/inner\n");
  put_file("/sys/fs/cgroup/outer/middle/inner/cpu.max", "max 100000\n");
  put_file("/sys/fs/cgroup/outer/middle/cpu.max", "200000 100000\n");
  put_file("/sys/fs/cgroup/outer/cpu.max", "600000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 2);
  put_file("/sys/fs/cgroup/outer/middle/inner/cpu.max", "300000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 2);
  put_file("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 1);
  /* Not above the mount, nor beside the way. */
  put_file("/sys/fs/cgroup/cpu.max", "700000 100000\n");
  put_file("/sys/fs/cpu.max", "100000 100000\n");
  put_file("/sys/fs/cgroup/other/cpu.max", "100000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 2);
}

static void a_container_finds_its_part_of_the_hierarchy_at_the_root(void** state) {
  (void) state;
  put_membership("0::/host/name/of/the/container\n");
  put_file("/sys/fs/cgroup/cpu.max", "400000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 4);
}

/* -- CPU time, version 1 ----------------------------------------------------------------------- */

static void put_quota(const char* directory, const char* quota, const char* period) {
  char name[256];

  snprintf(name, sizeof(name), "%s/cpu.cfs_quota_us", directory);
  put_file(name, quota);
  snprintf(name, sizeof(name), "%s/cpu.cfs_period_us", directory);
  put_file(name, period);
}

static void version_1_has_quota_and_period_in_two_files(void** state) {
  (void) state;
  put_membership("3:memory:/m\n2:cpu:/app\n1:name=systemd:/\n");
  put_quota("/sys/fs/cgroup/cpu/app", "250000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 2);
  put_quota("/sys/fs/cgroup/cpu/app", "1000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 1);
  put_quota("/sys/fs/cgroup/cpu/app", "-1\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
  put_quota("/sys/fs/cgroup/cpu/app", "", "");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
  put_quota("/sys/fs/cgroup/cpu/app", "250000\n", "0\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
}

static void a_hierarchy_of_two_controllers_has_both_names(void** state) {
  (void) state;
  put_membership("4:cpuset:/no\n2:cpu,cpuacct:/app\n");
  put_quota("/sys/fs/cgroup/cpu,cpuacct/app", "300000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 3);
  put_membership("2:cpuacct,cpu:/app\n");
  put_quota("/sys/fs/cgroup/cpuacct,cpu/app", "400000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 4);
  put_quota("/sys/fs/cgroup/cpu/app", "500000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 5);
}

static void version_1_counts_the_least_quota_too(void** state) {
  (void) state;
  put_membership("2:cpu:/outer/inner\n");
  put_quota("/sys/fs/cgroup/cpu/outer/inner", "800000\n", "100000\n");
  put_quota("/sys/fs/cgroup/cpu/outer", "200000\n", "100000\n");
  put_quota("/sys/fs/cgroup/cpu", "-1\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 2);
}

static void only_the_controller_of_that_name_counts(void** state) {
  (void) state;
  put_membership("3:cpuset:/app\n2:cpuacct:/app\n1:name=cpu:/app\n");
  put_quota("/sys/fs/cgroup/cpu/app", "100000\n", "100000\n");
  put_quota("/sys/fs/cgroup/cpuset/app", "100000\n", "100000\n");
  put_quota("/sys/fs/cgroup/cpuacct/app", "100000\n", "100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
}

static void where_both_versions_are_in_use_each_controller_is_in_one(void** state) {
  (void) state;
  put_membership("1:cpu:/one\n0::/two\n");
  put_file("/sys/fs/cgroup/unified/cgroup.controllers", "memory\n");
  put_quota("/sys/fs/cgroup/cpu/one", "300000\n", "100000\n");
  put_file("/sys/fs/cgroup/unified/two/memory.max", "4096\n");
  put_file("/sys/fs/cgroup/unified/two/memory.high", "max\n");
  put_file("/sys/fs/cgroup/unified/two/memory.current", "1024\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 3);
  limits_are(4096, 1024);
}

/* -- Memory ------------------------------------------------------------------------------------ */

static void put_memory(const char* max, const char* high) {
  put_membership("0::/app\n");
  put_file("/sys/fs/cgroup/app/memory.max", max);
  put_file("/sys/fs/cgroup/app/memory.high", high);
  put_file("/sys/fs/cgroup/app/memory.current", "1048576\n");
}

static void version_2_has_a_hard_and_a_soft_limit(void** state) {
  (void) state;
  put_memory("1073741824\n", "536870912\n");
  limits_are(GIB / 2, 1 << 20);
  put_memory("1073741824\n", "max\n");
  limits_are(GIB, 1 << 20);
  put_memory("max\n", "1073741824\n");
  limits_are(GIB, 1 << 20);
  put_memory("max\n", "max\n");
  limits_are(UINT64_MAX, 1 << 20);
  put_memory("0\n", "max\n");
  limits_are(0, 1 << 20);
}

static void what_version_2_does_not_tell_is_unknown(void** state) {
  (void) state;
  put_membership("0::/\n");
  limits_are(0, 0);
  put_file("/sys/fs/cgroup/memory.max", "4096\n");
  limits_are(0, 0);
  put_file("/sys/fs/cgroup/memory.high", "nonsense\n");
  limits_are(0, 0);
}

static void put_memory_1(const char* directory, const char* limit, const char* soft_limit,
                         const char* usage) {
  char name[256];

  snprintf(name, sizeof(name), "%s/memory.limit_in_bytes", directory);
  put_file(name, limit);
  snprintf(name, sizeof(name), "%s/memory.soft_limit_in_bytes", directory);
  put_file(name, soft_limit);
  snprintf(name, sizeof(name), "%s/memory.usage_in_bytes", directory);
  put_file(name, usage);
}

static const char* unlimited(void) {
  static char text[32];
  long page = sysconf(_SC_PAGESIZE);

  snprintf(text, sizeof(text), "%lld\n", (long long) (INT64_MAX / page * page));
  return text;
}

static void version_1_has_a_hard_and_a_soft_limit(void** state) {
  (void) state;
  put_membership("5:memory:/app\n2:cpu,cpuacct:/x\n0::/y\n");
  put_memory_1("/sys/fs/cgroup/memory/app", "1073741824\n", unlimited(), "4096\n");
  limits_are(GIB, 4096);
  put_memory_1("/sys/fs/cgroup/memory/app", "1073741824\n", "536870912\n", "4096\n");
  limits_are(GIB / 2, 4096);
  put_memory_1("/sys/fs/cgroup/memory/app", unlimited(), unlimited(), "4096\n");
  limits_are(UINT64_MAX, 4096);
}

static void version_1_in_a_container_is_told_at_the_root(void** state) {
  (void) state;
  put_membership("5:memory:/docker/0123456789abcdef\n");
  put_memory_1("/sys/fs/cgroup/memory", "1073741824\n", unlimited(), "8192\n");
  limits_are(GIB, 8192);
}

static void without_a_memory_controller_nothing_is_known(void** state) {
  (void) state;
  put_membership("2:cpu:/app\n");
  limits_are(0, 0);
  put_membership("");
  limits_are(0, 0);
}

/* -- Membership -------------------------------------------------------------------------------- */

static void a_missing_list_is_an_error(void** state) {
  (void) state;
  struct uv__cgroup_memory memory = {.limit = 99, .used = 99};

  assert_int_equal(uv__cgroup_memory(temp_dir, &memory), UV_ENOENT);
  assert_true(memory.limit == 0);
  assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
  assert_true(uv__available_memory(temp_dir) == 0);
}

static void lines_of_another_form_are_passed_over(void** state) {
  (void) state;
  put_membership("\n:\nnonsense\n1\n7:cpu\n::\n0::/app");
  put_file("/sys/fs/cgroup/app/cpu.max", "300000 100000");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 3);
}

static void a_path_may_have_colons_and_commas(void** state) {
  (void) state;
  put_membership("0::/a:b,cpu/c:memory:d\n");
  put_file("/sys/fs/cgroup/a:b,cpu/c:memory:d/cpu.max", "300000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 3);
}

static void a_long_list_is_read_to_its_end(void** state) {
  (void) state;
  char list[9000] = "";
  char line[400];

  /* More than fits at once before the line that counts. */
  for (int i = 22; i > 0; i--) {
    snprintf(line, sizeof(line), "%d:name=n%d:/%0300d\n", i, i, i);
    strcat(list, line);
  }
  strcat(list, "0::/app\n");
  put_membership(list);
  put_file("/sys/fs/cgroup/app/cpu.max", "300000 100000\n");
  assert_int_equal(uv__cgroup_cpus(temp_dir), 3);
}

static void a_path_that_is_too_long_is_no_group(void** state) {
  (void) state;
  /* One fits into a line and not into a path, one not even into a line. */
  for (int len = 2100; len <= 6000; len += 3900) {
    char list[7000];
    snprintf(list, sizeof(list), "2:cpu:/%0*d\n1:memory:/app\n", len, 7);
    put_membership(list);
    put_quota("/sys/fs/cgroup/cpu", "300000\n", "100000\n");
    put_memory_1("/sys/fs/cgroup/memory/app", "1073741824\n", unlimited(), "4096\n");
    assert_int_equal(uv__cgroup_cpus(temp_dir), 0);
    limits_are(GIB, 4096);
  }
}

/* -- What becomes of the limits ---------------------------------------------------------------- */

static void memory_that_is_available_is_what_the_group_leaves(void** state) {
  (void) state;
  put_memory("67108864\n", "max\n");
  assert_true(uv__available_memory(temp_dir) == 63 << 20);
  put_memory("524288\n", "max\n");
  assert_true(uv__available_memory(temp_dir) == 0);
}

static void without_a_limit_below_the_machines_free_memory_is_available(void** state) {
  (void) state;
  static const char* const limits[] = {"max\n", "0\n", "9000000000000000000\n"};

  for (int i = 0; i < 3; i++) {
    uint64_t available;
    uint64_t less = uv_get_total_memory() / 4; /* others take and give meanwhile */
    put_memory(limits[i], "max\n");
    available = uv__available_memory(temp_dir);
    assert_true(available > 0);
    assert_true(available + less > uv_get_free_memory());
    assert_true(available < uv_get_free_memory() + less);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      file_tree_test(a_quota_is_good_for_so_many_whole_cpus),
      file_tree_test(no_quota_is_no_limit),
      file_tree_test(the_least_quota_on_the_way_up_counts),
      file_tree_test(a_container_finds_its_part_of_the_hierarchy_at_the_root),
      file_tree_test(version_1_has_quota_and_period_in_two_files),
      file_tree_test(a_hierarchy_of_two_controllers_has_both_names),
      file_tree_test(version_1_counts_the_least_quota_too),
      file_tree_test(only_the_controller_of_that_name_counts),
      file_tree_test(where_both_versions_are_in_use_each_controller_is_in_one),
      file_tree_test(version_2_has_a_hard_and_a_soft_limit),
      file_tree_test(what_version_2_does_not_tell_is_unknown),
      file_tree_test(version_1_has_a_hard_and_a_soft_limit),
      file_tree_test(version_1_in_a_container_is_told_at_the_root),
      file_tree_test(without_a_memory_controller_nothing_is_known),
      file_tree_test(a_missing_list_is_an_error),
      file_tree_test(lines_of_another_form_are_passed_over),
      file_tree_test(a_path_may_have_colons_and_commas),
      file_tree_test(a_long_list_is_read_to_its_end),
      file_tree_test(a_path_that_is_too_long_is_no_group),
      file_tree_test(memory_that_is_available_is_what_the_group_leaves),
      file_tree_test(without_a_limit_below_the_machines_free_memory_is_available),
  };
  return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
