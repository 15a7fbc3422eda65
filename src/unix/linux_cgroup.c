/* What a control group (cgroup) leaves to the process.
 *
 * /proc/self/cgroup has a line for each hierarchy, "id:controllers:path". Version 1 has a hierarchy
 * for each controller or few of them, mounted under the controllers' names; version 2 has one for
 * all. Where both are in use, a controller is in the hierarchy of version 1 that names it, or in
 * version 2's. In a container the path may be the one on the host while the mounts show only the
 * container's part, so what lies at the path need not exist. */
#include "linux_cgroup.h"

#include "linux_text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NUMBERS_SIZE = 64, LONGEST_FILE_NAME = 32 };

/* The process's group in the hierarchy that has a controller. */
struct group {
  int version; /* 0 if there is none */
  size_t len;  /* of the directory */
  size_t top;  /* of the hierarchy's own, with which it begins */
  char directory[2048];
};

/* -- Which group ------------------------------------------------------------------------------- */

/* Appends to the directory. What has no room makes that of no group. */
static void append(struct group* group, const char* text) {
  size_t len = strlen(text);

  if (group->len + len >= sizeof(group->directory) - LONGEST_FILE_NAME) {
    group->version = 0;
    return;
  }
  memcpy(group->directory + group->len, text, len + 1);
  group->len += len;
}

static bool exists_in(struct group* group, const char* name) {
  size_t len = group->len;
  bool exists;

  append(group, name);
  exists = group->version != 0 && access(group->directory, F_OK) == 0;
  group->directory[len] = '\0';
  group->len = len;
  return exists;
}

static void place(struct group* group, int version, const char* root, const char* mount,
                  const char* path) {
  group->version = version;
  group->len = 0;
  append(group, root);
  append(group, "/sys/fs/cgroup");
  if (version == 1 || exists_in(group, "/unified/cgroup.controllers")) {
    append(group, "/");
    append(group, version == 1 ? mount : "unified");
  }
  group->top = group->len;
  if (strcmp(path, "/") != 0)
    append(group, path);
}

static bool lists(const char* controllers, const char* wanted) {
  size_t len = strlen(wanted);

  for (const char* at = controllers; at != NULL; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, wanted, len) == 0 && (at[len] == ',' || at[len] == '\0'))
      return true;
  }
  return false;
}

/* 0, or an error if the list of groups cannot be read. */
static int find_group(const char* root, const char* controller, struct group* group) {
  char list[256];
  struct uv__lines lines;
  char* line;
  int err;

  group->version = 0;
  snprintf(list, sizeof(list), "%s/proc/self/cgroup", root);
  err = uv__lines_open(&lines, list);
  if (err != 0)
    return err;
  while ((line = uv__lines_next(&lines)) != NULL && group->version != 1) {
    char* controllers = strchr(line, ':');
    char* path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL || lines.cut)
      continue;
    *controllers++ = '\0';
    *path++ = '\0';
    if (lists(controllers, controller)) {
      place(group, 1, root, controller, path);
      /* Hierarchies of several controllers have links by the names of each, but not everywhere. */
      if (group->version == 1 && access(group->directory, F_OK) != 0)
        place(group, 1, root, controllers, path);
    } else if (controllers[0] == '\0' && strcmp(line, "0") == 0) {
      place(group, 2, root, NULL, path);
    }
  }
  uv__lines_close(&lines);
  return 0;
}

/* -- What it says ------------------------------------------------------------------------------ */

/* The text of a file in the group's directory, "" if it cannot be read. */
static void read_file(struct group* group, const char* name, char text[NUMBERS_SIZE]) {
  snprintf(group->directory + group->len, sizeof(group->directory) - group->len, "/%s", name);
  uv__read_text(group->directory, text, NUMBERS_SIZE);
  group->directory[group->len] = '\0';
}

/* Moves to the group above: whether there is one. */
static bool ascend(struct group* group) {
  if (group->len == group->top)
    return false;
  do
    group->len--;
  while (group->len > group->top && group->directory[group->len] != '/');
  group->directory[group->len] = '\0';
  return true;
}

/* -- CPU time ---------------------------------------------------------------------------------- */

/* How many CPUs one group's quota is good for, 0 if it has none: "max" or -1 is no number. */
static unsigned int quota_of(struct group* group) {
  char text[2 * NUMBERS_SIZE];
  const char* at = text;
  uint64_t quota;
  uint64_t period;

  if (group->version == 2) {
    read_file(group, "cpu.max", text);
  } else {
    read_file(group, "cpu.cfs_quota_us", text);
    text[strcspn(text, "\n")] = ' ';
    read_file(group, "cpu.cfs_period_us", text + strcspn(text, " ") + 1);
  }
  if (!uv__parse_integer(&at, &quota) || !uv__parse_integer(&at, &period) || period == 0)
    return 0;
  if (quota < period)
    return 1;
  return quota / period < UINT_MAX ? (unsigned int) (quota / period) : UINT_MAX;
}

unsigned int uv__cgroup_cpus(const char* root) {
  struct group group;
  unsigned int least = 0;

  if (find_group(root, "cpu", &group) != 0 || group.version == 0)
    return 0;
  do {
    unsigned int cpus = quota_of(&group);
    if (cpus != 0 && (least == 0 || cpus < least))
      least = cpus;
  } while (ascend(&group));
  return least;
}

/* -- Memory ------------------------------------------------------------------------------------ */

/* An amount in bytes; UINT64_MAX for no limit, 0 if the file does not tell. */
static uint64_t amount(struct group* group, const char* name) {
  char text[NUMBERS_SIZE];
  const char* at = text;
  uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE);
  uint64_t bytes;

  read_file(group, name, text);
  if (strncmp(text, "max", 3) == 0)
    return UINT64_MAX;
  if (!uv__parse_integer(&at, &bytes))
    return 0;
  /* In version 1 no limit is the highest one that is whole pages. */
  return group->version == 1 && bytes == INT64_MAX / page * page ? UINT64_MAX : bytes;
}

/* The lower of two limits, 0 if one is unknown. */
static uint64_t lower_limit(struct group* group, const char* name, const char* other_name) {
  uint64_t limit = amount(group, name);
  uint64_t other = amount(group, other_name);

  return limit < other ? limit : other;
}

int uv__cgroup_memory(const char* root, struct uv__cgroup_memory* memory) {
  struct group group;
  int err = find_group(root, "memory", &group);

  memory->limit = 0;
  memory->used = 0;
  if (err != 0)
    return err;
  if (group.version == 1) {
    memory->limit = lower_limit(&group, "memory.soft_limit_in_bytes", "memory.limit_in_bytes");
    if (memory->limit == 0) {
      group.len = group.top;
      memory->limit = lower_limit(&group, "memory.soft_limit_in_bytes", "memory.limit_in_bytes");
    }
    memory->used = amount(&group, "memory.usage_in_bytes");
  } else if (group.version == 2) {
    memory->limit = lower_limit(&group, "memory.high", "memory.max");
    memory->used = amount(&group, "memory.current");
  }
  return 0;
}
