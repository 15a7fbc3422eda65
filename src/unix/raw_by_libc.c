/* What a child does before its program, by the C library's functions. */
#include "raw.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(sigset_t) <= sizeof(struct uv__signal_mask), "a mask has room");

void uv__raw_block_signals(struct uv__signal_mask* saved) {
  sigset_t all;
  sigset_t before;

  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  memcpy(saved, &before, sizeof(before));
}

void uv__raw_set_signal_mask(const struct uv__signal_mask* mask) {
  sigset_t wanted;

  memcpy(&wanted, mask, sizeof(wanted));
  pthread_sigmask(SIG_SETMASK, &wanted, NULL);
}

void uv__raw_reset_signals(void) {
  struct sigaction action;

  memset(&action, 0, sizeof(action));
  action.sa_handler = SIG_DFL;
  for (int signum = 1; signum < NSIG; signum++)
    sigaction(signum, &action, NULL);
}

int uv__raw_open(const char* path, int flags) {
  return open(path, flags);
}

int uv__raw_close(int fd) {
  return close(fd);
}

int uv__raw_dup2(int source, int fd) {
  return dup2(source, fd);
}

int uv__raw_drop_groups(void) {
  return setgroups(0, NULL);
}

int uv__raw_setgid(uv_gid_t gid) {
  return setgid(gid);
}

int uv__raw_setuid(uv_uid_t uid) {
  return setuid(uid);
}
