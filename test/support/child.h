/* A function that runs in a child process, which may change what must not change for the others:
 * its user, its limits, what is mounted, which system calls fail. */
#ifndef RONDO_TEST_CHILD_H_
#define RONDO_TEST_CHILD_H_

#include "support/fs.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  NOBODY = 65534,
  CHILD_CANNOT = 1000 /* the answer of a child that could not prepare */
};

/* Gives what the function returned. It must not assert. The child is killed at its end: checkers of
 * memory would miss the threads that the parent has. */
static inline int in_child(int (*function)(void)) {
  int answer = 0;
  int status;
  int ends[2];
  pid_t pid;

  fflush(NULL);
  assert_int_equal(pipe(ends), 0);
  pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    fs_is_async = false;
    answer = function();
    if (write(ends[1], &answer, sizeof(answer)) == sizeof(answer))
      raise(SIGKILL);
    _exit(1);
  }
  close(ends[1]);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
  close(ends[0]);
  return answer;
}

/* Makes a child somebody without privileges. */
static inline int become_nobody(void) {
  if (geteuid() != 0)
    return 0;
  return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0 ? 0 : CHILD_CANNOT;
}

/* The same, but only where the parent is somebody else then: root. */
static inline int become_another(void) {
  return geteuid() == 0 ? become_nobody() : CHILD_CANNOT;
}

/* Mounts a small file system of its own, in memory, at a directory: for a child, and gone with it.
 */
static inline int mount_small(const char* directory, unsigned long flags) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return CHILD_CANNOT;
  if (mount("none", directory, "tmpfs", flags, "size=64k,nr_inodes=20,mode=0777") != 0)
    return CHILD_CANNOT;
  return 0;
}

/* A user namespace has limits of its own, which count what is made in it. */
static inline bool limit_in_namespace(const char* name, const char* value) {
  char path[64];
  int fd;
  bool is_done;

  if (unshare(CLONE_NEWUSER) != 0)
    return false;
  snprintf(path, sizeof(path), "/proc/sys/user/%s", name);
  fd = open(path, O_WRONLY | O_CLOEXEC);
  is_done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t) strlen(value);
  close(fd);
  return is_done;
}

static inline int filter_syscalls(struct sock_filter* code, size_t count) {
  struct sock_fprog program = {.len = (unsigned short) count, .filter = code};

  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return CHILD_CANNOT;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : CHILD_CANNOT;
}

/* From now on a system call fails in this child if its first argument has one of these bits. More
 * than one filter adds up. */
static inline int fail_syscall_with(long number, unsigned int bits, int err) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) err),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_syscalls(code, sizeof(code) / sizeof(code[0]));
}

/* From now on a system call fails in this child if this is its first argument. */
static inline int fail_syscall_of(long number, unsigned int argument, int err) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) err),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_syscalls(code, sizeof(code) / sizeof(code[0]));
}

/* From now on a system call fails in this child, whatever its arguments are. */
static inline int fail_syscall(long number, int err) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) err),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_syscalls(code, sizeof(code) / sizeof(code[0]));
}

/* By library and processor, functions make the newer form of a call or, where there is one, the
 * older.
 */
#if defined(SYS_open)
enum { OLDER_OPEN = SYS_open, OLDER_LINK = SYS_link, OLDER_SYMLINK = SYS_symlink };
#else
enum { OLDER_OPEN = SYS_openat, OLDER_LINK = SYS_linkat, OLDER_SYMLINK = SYS_symlinkat };
#endif

/* Some processors have one call for all of sockets, of which the first argument says what it does.
 */
#if defined(SYS_socketcall)
static inline int fail_socketcall(unsigned int call, int err) {
  return fail_syscall_of(SYS_socketcall, call, err);
}
#else
static inline int fail_socketcall(unsigned int call, int err) {
  (void) call;
  (void) err;
  return 0;
}
#endif

static inline int fail_both(long call, long older, int err) {
  int r = fail_syscall(call, err);
  return r != 0 ? r : fail_syscall(older, err);
}

/* Sending of messages. */
static inline int fail_sends(int err) {
  enum { SENDTO = 11, SENDMSG = 16, SENDMMSG = 20 };
  int r = fail_both(SYS_sendmsg, SYS_sendmmsg, err);

  if (r == 0)
    r = fail_syscall(SYS_sendto, err);
  if (r == 0)
    r = fail_socketcall(SENDTO, err);
  if (r == 0)
    r = fail_socketcall(SENDMSG, err);
  return r != 0 ? r : fail_socketcall(SENDMMSG, err);
}

static inline int fail_open(int err) {
  return fail_both(SYS_openat, OLDER_OPEN, err);
}

static inline int fail_link(int err) {
  return fail_both(SYS_linkat, OLDER_LINK, err);
}

static inline int fail_symlink(int err) {
  return fail_both(SYS_symlinkat, OLDER_SYMLINK, err);
}

/* A function for a child: what `call` gives once `prepare` has given 0. */
#define child_function(name, prepare, call) \
  static int name(void) { \
    return (prepare) != 0 ? CHILD_CANNOT : (int) (call); \
  } \
  _Static_assert(sizeof(int) > 0, "takes the semicolon")

/* What a child answers, or a skipped test where it could not prepare. */
#define assert_child(function, expected) \
  do { \
    int child_answer = in_child(function); \
    if (child_answer == CHILD_CANNOT) { \
      print_message(#function ": needs privileges that this process lacks\n"); \
      skip(); \
    } \
    assert_int_equal(child_answer, expected); \
  } while (0)

#endif /* RONDO_TEST_CHILD_H_ */
