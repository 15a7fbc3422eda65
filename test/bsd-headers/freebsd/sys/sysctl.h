#ifndef BSD_SYS_SYSCTL_H_
#define BSD_SYS_SYSCTL_H_

#include <sys/types.h>

#define CTL_KERN 1
#define CTL_VM 2
#define CTL_HW 6
#define KERN_PROC 14
#define KERN_PROC_PID 1
#define KERN_PROC_PATHNAME 12
#define HW_MACHINE 1
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_PHYSMEM 5

int sysctl(const int* name, u_int name_len, void* old, size_t* old_len, const void* new_value,
           size_t new_len);
int sysctlbyname(const char* name, void* old, size_t* old_len, const void* new_value,
                 size_t new_len);

#endif /* BSD_SYS_SYSCTL_H_ */
