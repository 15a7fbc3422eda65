#ifndef BSD_GRP_H_
#define BSD_GRP_H_

#include <sys/types.h>

struct group {
  char* gr_name;
  char* gr_passwd;
  gid_t gr_gid;
  char** gr_mem;
};

int getgrgid_r(gid_t gid, struct group* group, char* buffer, size_t size, struct group** result);

/* In unistd.h as well. */
int setgroups(int count, const gid_t* groups);

#endif /* BSD_GRP_H_ */
