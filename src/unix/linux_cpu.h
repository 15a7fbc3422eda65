/* How the CPUs of Linux are listed. Each architecture names its CPUs in its own way. */
#ifndef RONDO_UNIX_LINUX_CPU_H_
#define RONDO_UNIX_LINUX_CPU_H_

#include "uv.h"

struct uv__cpu_naming {
  const char* keys[2]; /* what the lines of /proc/cpuinfo that name a CPU begin with */
  const char* (*translate)(const char* value); /* NULL if the value is the name */
};

/* As uv_cpu_info(). `root` is where the file system begins: "" but for tests. */
int uv__cpu_info(const char* root, const struct uv__cpu_naming* naming, uv_cpu_info_t** cpu_infos,
                 int* count);

/* The name of a CPU by the number of its part in hexadecimal, NULL if it is not known. */
const char* uv__arm_part_name(const char* number);

#endif /* RONDO_UNIX_LINUX_CPU_H_ */
