/* The limits that the process's control group (cgroup) sets, version 1 and 2: see cgroups(7).
 *
 * `root` is where the file system begins: "" but for tests. */
#ifndef RONDO_UNIX_LINUX_CGROUP_H_
#define RONDO_UNIX_LINUX_CGROUP_H_

#include <stdint.h>

/* For how many CPUs, rounded down but at least 1, there is time; 0 if there is no limit. */
unsigned int uv__cgroup_cpus(const char* root);

struct uv__cgroup_memory {
  uint64_t limit; /* bytes; UINT64_MAX if the group sets none, 0 if unknown */
  uint64_t used;  /* bytes */
};

/* 0, or an error if the system does not tell which group it is. */
int uv__cgroup_memory(const char* root, struct uv__cgroup_memory* memory);

#endif /* RONDO_UNIX_LINUX_CGROUP_H_ */
