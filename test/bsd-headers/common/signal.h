#ifndef BSD_SIGNAL_H_
#define BSD_SIGNAL_H_

#include <sys/types.h>

typedef struct {
  uint32_t bits[4];
} sigset_t;

union sigval {
  int sival_int;
  void* sival_ptr;
};

typedef struct {
  int si_signo;
  int si_errno;
  int si_code;
  pid_t si_pid;
  uid_t si_uid;
  int si_status;
  void* si_addr;
  union sigval si_value;
} siginfo_t;

struct sigaction {
  union {
    void (*handler)(int);
    void (*action)(int, siginfo_t*, void*);
  } bsd_handler;
  int sa_flags;
  sigset_t sa_mask;
};

#define sa_handler bsd_handler.handler
#define sa_sigaction bsd_handler.action

#define SIG_DFL ((void (*)(int)) 0)
#define SIG_IGN ((void (*)(int)) 1)
#define SIG_ERR ((void (*)(int)) - 1)

#define SA_ONSTACK 0x0001
#define SA_RESTART 0x0002
#define SA_RESETHAND 0x0004
#define SA_NOCLDSTOP 0x0008
#define SA_NODEFER 0x0010
#define SA_NOCLDWAIT 0x0020
#define SA_SIGINFO 0x0040

#define SIG_BLOCK 1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGEMT 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGBUS 10
#define SIGSEGV 11
#define SIGSYS 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGURG 16
#define SIGSTOP 17
#define SIGTSTP 18
#define SIGCONT 19
#define SIGCHLD 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGIO 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGINFO 29
#define SIGUSR1 30
#define SIGUSR2 31
#define NSIG BSD_NSIG

#define CLD_EXITED 1
#define CLD_KILLED 2

int kill(pid_t pid, int signum);
int raise(int signum);
int sigaction(int signum, const struct sigaction* action, struct sigaction* old_action);
int sigaddset(sigset_t* set, int signum);
int sigdelset(sigset_t* set, int signum);
int sigemptyset(sigset_t* set);
int sigfillset(sigset_t* set);
int sigismember(const sigset_t* set, int signum);
void (*signal(int signum, void (*handler)(int)))(int);
int sigprocmask(int how, const sigset_t* set, sigset_t* old_set);

#endif /* BSD_SIGNAL_H_ */
