/* Memory: how much the machine has, how much the process uses, may use and can still get. */
#include "linux_memory.h"

#include "linux_cgroup.h"
#include "linux_text.h"
#include "memory_limit.h"

#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { TEXT_SIZE = 4096 };

int uv_resident_set_memory(size_t* rss) {
  enum { FIELDS_FROM_NAME_TO_RSS = 22 }; /* proc(5): the name is field 2, the pages are field 24 */
  char text[TEXT_SIZE];
  uint64_t pages;

  int err = uv__read_text("/proc/self/stat", text, sizeof(text));
  if (err != 0)
    return err;

  /* The name of the program is in brackets, and may have brackets and blanks itself. */
  const char* at = strrchr(text, ')');
  for (int i = 0; at != NULL && i < FIELDS_FROM_NAME_TO_RSS; i++)
    at = strchr(at + 1, ' ');
  if (at == NULL || !uv__parse_integer(&at, &pages))
    return UV_EINVAL;
  *rss = (size_t) pages * (size_t) sysconf(_SC_PAGESIZE);
  return 0;
}

/* -- The machine's ----------------------------------------------------------------------------- */

/* An amount in bytes from /proc/meminfo, by the name of its line; 0 if it is not told. */
static uint64_t read_meminfo(const char* name) {
  char text[TEXT_SIZE];
  uint64_t kibibytes;

  if (uv__read_text("/proc/meminfo", text, sizeof(text)) != 0)
    return 0;
  const char* at = strstr(text, name);
  if (at == NULL)
    return 0;
  at += strlen(name);
  return uv__parse_integer(&at, &kibibytes) ? kibibytes * 1024 : 0;
}

uint64_t uv_get_total_memory(void) {
  uint64_t bytes = read_meminfo("MemTotal:");
  struct sysinfo info;

  if (bytes == 0 && sysinfo(&info) == 0)
    bytes = (uint64_t) info.totalram * info.mem_unit;
  return bytes;
}

uint64_t uv_get_free_memory(void) {
  uint64_t bytes = read_meminfo("MemAvailable:");
  struct sysinfo info;

  if (bytes == 0 && sysinfo(&info) == 0)
    bytes = (uint64_t) info.freeram * info.mem_unit;
  return bytes;
}

/* -- The process's limits ---------------------------------------------------------------------- */

uint64_t uv__constrained_memory(const char* root) {
  struct uv__cgroup_memory cgroup;

  uv__cgroup_memory(root, &cgroup); /* which is 0 on error */
  return uv__lower_limit(cgroup.limit, uv__resource_limit());
}

uint64_t uv__available_memory(const char* root) {
  struct uv__cgroup_memory cgroup;

  if (uv__cgroup_memory(root, &cgroup) != 0)
    return 0;
  if (cgroup.limit == 0 || cgroup.limit > uv_get_total_memory())
    return uv_get_free_memory();
  return cgroup.used < cgroup.limit ? cgroup.limit - cgroup.used : 0;
}

uint64_t uv_get_constrained_memory(void) {
  return uv__constrained_memory("");
}

uint64_t uv_get_available_memory(void) {
  return uv__available_memory("");
}
