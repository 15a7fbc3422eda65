#ifndef BSD_UVM_UVMEXP_H_
#define BSD_UVM_UVMEXP_H_

struct uvmexp {
  int pagesize;
  int npages;
  int free;
};

#endif /* BSD_UVM_UVMEXP_H_ */
