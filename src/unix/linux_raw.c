/* System calls without the C library around them. */
#include "raw.h"

#include "spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  MASK_SIZE = NSIG / 8,
  SIGACTION_SIZE = 152 /* not less than the kernel's struct on any processor */
};

/* Processors that once had ids of 16 bits have a second set of calls. */
#if defined(SYS_setuid32)
#define CALL_SETGROUPS SYS_setgroups32
#define CALL_SETGID SYS_setgid32
#define CALL_SETUID SYS_setuid32
#else
#define CALL_SETGROUPS SYS_setgroups
#define CALL_SETGID SYS_setgid
#define CALL_SETUID SYS_setuid
#endif

void uv__raw_block_signals(struct uv__signal_mask* saved) {
  struct uv__signal_mask all;

  memset(&all, 0xff, sizeof(all));
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, saved, MASK_SIZE);
}

UV__IN_CHILD void uv__raw_set_signal_mask(const struct uv__signal_mask* mask) {
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, MASK_SIZE);
}

/* All zero is SIG_DFL without flags. The kernel refuses SIGKILL and SIGSTOP, which have no other.
 */
UV__IN_CHILD void uv__raw_reset_signals(void) {
  static const unsigned long defaults[SIGACTION_SIZE / sizeof(unsigned long)];

  for (int signum = 1; signum < NSIG; signum++)
    syscall(SYS_rt_sigaction, signum, defaults, NULL, MASK_SIZE);
}

UV__IN_CHILD int uv__raw_open(const char* path, int flags) {
  return (int) syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

UV__IN_CHILD int uv__raw_close(int fd) {
  return (int) syscall(SYS_close, fd);
}

UV__IN_CHILD int uv__raw_dup2(int source, int fd) {
  return (int) syscall(SYS_dup3, source, fd, 0);
}

UV__IN_CHILD int uv__raw_drop_groups(void) {
  return (int) syscall(CALL_SETGROUPS, 0, NULL);
}

UV__IN_CHILD int uv__raw_setgid(uv_gid_t gid) {
  return (int) syscall(CALL_SETGID, gid);
}

UV__IN_CHILD int uv__raw_setuid(uv_uid_t uid) {
  return (int) syscall(CALL_SETUID, uid);
}
