#ifndef BSD_PWD_H_
#define BSD_PWD_H_

#include <sys/types.h>

struct passwd {
  char* pw_name;
  char* pw_passwd;
  uid_t pw_uid;
  gid_t pw_gid;
  char* pw_gecos;
  char* pw_dir;
  char* pw_shell;
};

int getpwuid_r(uid_t uid, struct passwd* user, char* buffer, size_t size, struct passwd** result);

#endif /* BSD_PWD_H_ */
