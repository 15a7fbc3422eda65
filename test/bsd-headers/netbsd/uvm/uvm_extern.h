#ifndef BSD_UVM_UVM_EXTERN_H_
#define BSD_UVM_UVM_EXTERN_H_

#include <stdint.h>

struct uvmexp_sysctl {
  int64_t pagesize;
  int64_t npages;
  int64_t free;
};

#endif /* BSD_UVM_UVM_EXTERN_H_ */
