/* Runs a program as on a kernel that lacks newer system calls, or in a sandbox that forbids them:
 *
 *     old_kernel ENOSYS|EPERM all|CALL[,CALL...] PROGRAM [ARGUMENT...]
 *
 * A seccomp filter answers the calls with that error, also those of the program's children. With no
 * argument it lists the calls. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What older headers do not number; these numbers are every processor's. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

enum {
  ANY = 0,
  PIDFD_FLAG = 0x1000 /* CLONE_PIDFD */,
  PIDFD_KIND = 2 /* of P_PIDFD, not of P_PID */
};

enum { MOST_CODE = 256 };

static const struct call {
  const char* name;
  long number;
  unsigned int bits; /* only with one of these bits in the first argument, or ANY */
  int error;         /* that the kernel always answers, 0 for the one that was asked for */
} calls[] = {
    {"getrandom", SYS_getrandom, ANY, 0},                 /* Linux 3.17 */
    {"memfd_create", SYS_memfd_create, ANY, 0},           /* 3.17 */
    {"renameat2", SYS_renameat2, ANY, 0},                 /* 3.15 */
    {"copy_file_range", SYS_copy_file_range, ANY, 0},     /* 4.5 */
    {"preadv2", SYS_preadv2, ANY, 0},                     /* 4.6 */
    {"pwritev2", SYS_pwritev2, ANY, 0},                   /* 4.6 */
    {"statx", SYS_statx, ANY, 0},                         /* 4.11 */
    {"io_uring_setup", SYS_io_uring_setup, ANY, 0},       /* 5.1 */
    {"pidfd_send_signal", SYS_pidfd_send_signal, ANY, 0}, /* 5.1 */
    {"clone_pidfd", SYS_clone, PIDFD_FLAG, EINVAL},       /* 5.2 */
    {"pidfd_open", SYS_pidfd_open, ANY, 0},               /* 5.3 */
    {"clone3", SYS_clone3, ANY, ENOSYS},                  /* 5.3; the C library insists on ENOSYS */
    {"waitid_pidfd", SYS_waitid, PIDFD_KIND, EINVAL},     /* 5.4 */
    {"openat2", SYS_openat2, ANY, 0},                     /* 5.6 */
    {"faccessat2", SYS_faccessat2, ANY, ENOSYS},          /* 5.8; as for clone3 */
    {"close_range", SYS_close_range, ANY, 0},             /* 5.9 */
    {"epoll_pwait2", SYS_epoll_pwait2, ANY, 0},           /* 5.11 */
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static struct sock_filter code[MOST_CODE];
static size_t code_count;

static void add(struct sock_filter instruction) {
  code[code_count++] = instruction;
}

static void load(size_t offset) {
  add((struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int) offset));
}

/* With the number of the call loaded, before and after. */
static void add_denial(const struct call* call, int asked) {
  unsigned int error = (unsigned int) (call->error != 0 ? call->error : asked);

  if (call->bits == ANY) {
    add((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int) call->number, 0,
                                      1));
  } else {
    add((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int) call->number, 0,
                                      4));
    load(offsetof(struct seccomp_data, args));
    add((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, call->bits, 1, 0));
    add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
}

/* Whether a list of names, separated by commas, has this one. */
static bool is_listed(const char* list, const char* name) {
  size_t len = strlen(name);

  for (const char* at = list; at != NULL; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
      return true;
  }
  return false;
}

static bool deny(const char* list, int error) {
  struct sock_fprog program = {.filter = code};
  bool is_any = false;

  load(offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < CALLS; i++) {
    if (strcmp(list, "all") == 0 || is_listed(list, calls[i].name)) {
      add_denial(&calls[i], error);
      is_any = true;
    }
  }
  add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.len = (unsigned short) code_count;

  /* With privileges there is no need to give up those that programs have. */
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
    return is_any;
  return is_any && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int main(int argc, char** argv) {
  if (argc < 2) {
    for (size_t i = 0; i < CALLS; i++)
      puts(calls[i].name);
    return 0;
  }
  if (argc < 4 || !deny(argv[2], strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS)) {
    fprintf(stderr, "old_kernel: no such denial\n");
    return 2;
  }
  execvp(argv[3], argv + 3);
  perror(argv[3]);
  return 127;
}
