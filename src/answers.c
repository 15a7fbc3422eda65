/* How what the system interface answers is given back: lists and records that callers own. Each is
 * one allocation, texts included; only in an environment each item is one more. */
#include "core.h"

void uv_os_free_environ(uv_env_item_t* envitems, int count) {
  for (int i = 0; i < count; i++)
    uv__free(envitems[i].name);
  uv__free(envitems);
}

void uv_os_free_passwd(uv_passwd_t* pwd) {
  if (pwd == NULL)
    return;
  uv__free(pwd->username);
  pwd->username = NULL;
  pwd->homedir = NULL;
  pwd->shell = NULL;
}

void uv_os_free_group(uv_group_t* grp) {
  if (grp == NULL)
    return;
  uv__free(grp->members);
  grp->members = NULL;
  grp->groupname = NULL;
}

void uv_free_cpu_info(uv_cpu_info_t* cpu_infos, int count) {
  (void) count;
  uv__free(cpu_infos);
}

void uv_free_interface_addresses(uv_interface_address_t* addresses, int count) {
  (void) count;
  uv__free(addresses);
}
