/* Users and groups, as the system's databases have them. */
#include "core.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BUFFER_SIZE = 2048 };

/* Copies `text` to `*place`, moves that behind it and returns the copy. */
static char* append_text(char** place, const char* text) {
  size_t size = strlen(text) + 1;
  char* copy = memcpy(*place, text, size);
  *place += size;
  return copy;
}

/* -- Users ------------------------------------------------------------------------------------- */

/* All three texts are one allocation, which `username` points to. */
static int copy_user(uv_passwd_t* pwd, const struct passwd* user) {
  char* place =
      uv__malloc(strlen(user->pw_name) + 1 + strlen(user->pw_dir) + 1 + strlen(user->pw_shell) + 1);

  if (place == NULL)
    return UV_ENOMEM;
  pwd->username = append_text(&place, user->pw_name);
  pwd->homedir = append_text(&place, user->pw_dir);
  pwd->shell = append_text(&place, user->pw_shell);
  pwd->uid = user->pw_uid;
  pwd->gid = user->pw_gid;
  return 0;
}

int uv_os_get_passwd2(uv_passwd_t* pwd, uv_uid_t uid) {
  struct passwd user;
  struct passwd* found = NULL;
  char* buffer = NULL;
  int err = ERANGE;

  if (pwd == NULL)
    return UV_EINVAL;

  for (size_t size = FIRST_BUFFER_SIZE; err == ERANGE || err == EINTR; size *= 2) {
    uv__free(buffer);
    buffer = uv__malloc(size);
    if (buffer == NULL)
      return UV_ENOMEM;
    err = getpwuid_r(uid, &user, buffer, size, &found);
  }

  if (err != 0)
    err = -err;
  else
    err = found == NULL ? UV_ENOENT : copy_user(pwd, &user);
  uv__free(buffer);
  return err;
}

int uv_os_get_passwd(uv_passwd_t* pwd) {
  return uv_os_get_passwd2(pwd, geteuid());
}

/* -- Groups ------------------------------------------------------------------------------------ */

/* The array and the texts behind it are one allocation, which `members` points to. */
static int copy_group(uv_group_t* grp, const struct group* group) {
  size_t texts_size = strlen(group->gr_name) + 1;
  size_t count = 0;

  for (; group->gr_mem[count] != NULL; count++)
    texts_size += strlen(group->gr_mem[count]) + 1;

  char** members = uv__malloc((count + 1) * sizeof(*members) + texts_size);
  if (members == NULL)
    return UV_ENOMEM;
  char* place = (char*) (members + count + 1);
  for (size_t i = 0; i < count; i++)
    members[i] = append_text(&place, group->gr_mem[i]);
  members[count] = NULL;
  grp->members = members;
  grp->groupname = append_text(&place, group->gr_name);
  grp->gid = group->gr_gid;
  return 0;
}

int uv_os_get_group(uv_group_t* grp, uv_uid_t gid) {
  struct group group;
  struct group* found = NULL;
  char* buffer = NULL;
  int err = ERANGE;

  if (grp == NULL)
    return UV_EINVAL;

  for (size_t size = FIRST_BUFFER_SIZE; err == ERANGE || err == EINTR; size *= 2) {
    uv__free(buffer);
    buffer = uv__malloc(size);
    if (buffer == NULL)
      return UV_ENOMEM;
    err = getgrgid_r(gid, &group, buffer, size, &found);
  }

  if (err != 0)
    err = -err;
  else
    err = found == NULL ? UV_ENOENT : copy_group(grp, &group);
  uv__free(buffer);
  return err;
}
