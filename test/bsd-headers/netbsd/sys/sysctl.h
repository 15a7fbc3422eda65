#ifndef BSD_SYS_SYSCTL_H_
#define BSD_SYS_SYSCTL_H_

#include <sys/types.h>

#define CTL_KERN 1
#define CTL_VM 2
#define CTL_HW 6
#define KERN_PROC2 47
#define KERN_PROC_PID 1
#define KERN_PROC_ARGS 48
#define KERN_PROC_PATHNAME 5
#define KERN_BOOTTIME 83
#define KERN_ARND 81
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_PHYSMEM64 13
#define HW_NCPUONLINE 16
#define VM_UVMEXP2 5

struct kinfo_proc2 {
  int32_t p_pid;
  int32_t p_vm_rssize;
};

int sysctl(const int* name, u_int name_len, void* old, size_t* old_len, const void* new_value,
           size_t new_len);
int sysctlbyname(const char* name, void* old, size_t* old_len, const void* new_value,
                 size_t new_len);

#endif /* BSD_SYS_SYSCTL_H_ */
