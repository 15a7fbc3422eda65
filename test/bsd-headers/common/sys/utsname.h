#ifndef BSD_SYS_UTSNAME_H_
#define BSD_SYS_UTSNAME_H_

struct utsname {
  char sysname[256];
  char nodename[256];
  char release[256];
  char version[256];
  char machine[256];
};

int uname(struct utsname* name);

#endif /* BSD_SYS_UTSNAME_H_ */
