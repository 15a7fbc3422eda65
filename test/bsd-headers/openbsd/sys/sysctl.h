#ifndef BSD_SYS_SYSCTL_H_
#define BSD_SYS_SYSCTL_H_

#include <sys/sched.h>
#include <sys/types.h>
#include <uvm/uvmexp.h>

#define CTL_KERN 1
#define CTL_VM 2
#define CTL_HW 6
#define KERN_BOOTTIME 21
#define KERN_PROC 66
#define KERN_PROC_PID 1
#define KERN_CPTIME2 71
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_CPUSPEED 12
#define HW_PHYSMEM64 19
#define HW_NCPUONLINE 25
#define VM_UVMEXP 4

struct kinfo_proc {
  int32_t p_pid;
  int32_t p_vm_rssize;
};

int sysctl(const int* name, u_int name_len, void* old, size_t* old_len, void* new_value,
           size_t new_len);

#endif /* BSD_SYS_SYSCTL_H_ */
